// SPDX-License-Identifier: Apache-2.0
// Where between booking and end a meeting is, as the waiting lawyer sees it.
import type { CallView } from '../lib/call';
import type { Booking } from '../lib/model';
import { html, nothing, type TemplateResult } from '../ui/element';
import { t } from '../ui/text';

export type Step = 'booked' | 'to-check' | 'present' | 'ready' | 'live' | 'ended';
const STEPS: Step[] = ['booked', 'to-check', 'present', 'ready', 'live', 'ended'];

function stepText(step: Step): string {
  switch (step) {
    case 'booked': return t('已预约');
    case 'to-check': return t('待核验');
    case 'present': return t('在押人员已到位');
    case 'ready': return t('可开始');
    case 'live': return t('进行中');
    case 'ended': return t('已结束');
  }
}

export function stepOf(view: CallView, booking: Booking | null): Step {
  if (view.ended || view.state === 'ended') return 'ended';
  if (view.state === 'live' || view.state === 'cut_off') return 'live';
  const others = view.seats.filter((seat) => seat.seat !== view.seat);
  if (others.some((seat) => seat.state === 'connected') && view.media === 'connected') return 'ready';
  if (booking?.checked_in_at_us != null || others.some((seat) => seat.role !== 'lawyer' && seat.state !== 'left')) return 'present';
  return view.seat ? 'to-check' : 'booked';
}

/** What to wait for, in a sentence. */
export function stepHint(step: Step, view: CallView): string {
  if (view.refused) return '';
  if (!view.seat) return t('正在进入等候室…');
  switch (step) {
    case 'to-check': return t('您已进入。看守所民警核验当事人身份后，将带其到会见终端。请稍候。');
    case 'present': return t('当事人身份已核验，正在连接会见终端。');
    case 'ready': return view.e2ee.state === 'ready' ? t('双方均已就绪，加密已建立，即将开始。') : t('会见终端已连接，正在建立加密，完成后开始。');
    default: return '';
  }
}

export function stepList(step: Step): TemplateResult {
  const at = STEPS.indexOf(step);
  return html`<ol class="steps" data-testid="waiting-state" data-state=${step} aria-label=${t('会见进度')}>${STEPS.map((one, index) => html`
    <li class=${index < at ? 'done' : index === at ? 'now' : ''} aria-current=${index === at ? 'step' : nothing}>
      <span class="steps-mark" aria-hidden="true">${index < at ? '✓' : index + 1}</span><span>${stepText(one)}</span></li>`)}</ol>`;
}
