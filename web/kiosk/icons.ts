// SPDX-License-Identifier: Apache-2.0
// The few pictures of the kiosk, drawn here: the page loads nothing.
import { svg } from 'lit';
import type { SVGTemplateResult } from 'lit';
import { html, type TemplateResult } from '../ui/element';

const shapes: Record<string, SVGTemplateResult> = {
  shield: svg`<path d="M12 3l7 3v5c0 5-3 8.5-7 10-4-1.5-7-5-7-10V6z"/><path d="M9 12l2 2 4-4"/>`,
  person: svg`<circle cx="12" cy="8" r="4"/><path d="M4 21c0-4.5 3.5-7 8-7s8 2.5 8 7"/>`,
  clock: svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>`,
  unplugged: svg`<path d="M2 8.500a15 15 0 0 1 5-3M22 8.500a15 15 0 0 0-9.5-4M5 12.500a10 10 0 0 1 4-2.300M19 12.500a10 10 0 0 0-3-2M8.5 16a5 5 0 0 1 7 0M3 3l18 18"/><circle cx="12" cy="19.5" r=".6"/>`,
  hand: svg`<path d="M7 12V6.500a1.5 1.5 0 0 1 3 0V11V4.500a1.5 1.5 0 0 1 3 0V11V5.500a1.5 1.5 0 0 1 3 0V12 8.500a1.5 1.5 0 0 1 3 0V15c0 4-2.5 7-6.5 7-3 0-4.5-1.5-6-4l-2.7-4.600a1.5 1.5 0 0 1 2.5-1.600L7 14"/>`,
  stop: svg`<rect x="5" y="5" width="14" height="14" rx="2"/>`,
  check: svg`<circle cx="12" cy="12" r="9"/><path d="M8 12.500l2.7 2.700L16 9.5"/>`,
  tick: svg`<path d="M4 12.500l5.500 5.500L20 6.5"/>`,
  cross: svg`<path d="M5 5l14 14M19 5L5 19"/>`,
  lock: svg`<rect x="4.5" y="10.5" width="15" height="10.5" rx="2"/><path d="M8 10.500V7a4 4 0 0 1 8 0v3.5M12 14.500v2.5"/>`,
  alert: svg`<path d="M12 3.500l9.500 17h-19zM12 10v5"/><circle cx="12" cy="17.700" r=".6"/>`,
  key: svg`<circle cx="8" cy="15" r="4.5"/><path d="M11.200 11.800L20.500 2.500M17 6l3 3M14 9l2 2"/>`,
  camera: svg`<rect x="3" y="6" width="12" height="12" rx="2"/><path d="M15 10.500l6-3.500v10l-6-3.5"/>`,
};

export function icon(name: keyof typeof shapes): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shapes[name]}</svg>`;
}
