// SPDX-License-Identifier: Apache-2.0
// The fingerprint of a device key as people compare it: eight groups of four (docs/protocol.md, section 2).
import { html, type TemplateResult } from 'lit';

/** The groups, whatever stands between them. */
export function fingerprintGroups(text: string | null): string[] {
  return (text ?? '').toUpperCase().replace(/[^0-9A-F]/g, '').match(/.{1,4}/g) ?? [];
}

/** large: two rows of four, to be compared with another screen. */
export function fingerprint(text: string | null, large = false): TemplateResult {
  return html`<code class="hj-fingerprint ${large ? 'hj-large-fingerprint' : ''}" data-testid="fingerprint">${fingerprintGroups(text).map((group) => html`<span>${group}</span> `)}</code>`;
}
