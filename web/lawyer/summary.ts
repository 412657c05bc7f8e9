// SPDX-License-Identifier: Apache-2.0
// What stands on the page after a meeting, seen live or found in the records; and what to do when the codes differed.
import type { CallView } from '../lib/call';
import type { Booking } from '../lib/model';
import { cancelReasonText } from '../ui/cancel-reasons';
import { differentNotice } from '../ui/code-panel';
import { html, nothing, type TemplateResult } from '../ui/element';
import { roleName } from '../ui/roles';
import { bookingStateTag, meetingStateTag } from '../ui/shapes';
import { pick, t } from '../ui/text';
import { formatDateTime, formatDuration, formatRange } from '../ui/time';
import { endReasonText } from '../ui/words';
import { startOf } from './bookings';

/** A booking that was cancelled while we waited: nothing began, nothing was held. */
function cancelledFacts(booking: Booking): TemplateResult {
  return html`${booking.starts_at_us !== null && booking.ends_at_us !== null ? html`<dt>${t('时间')}</dt><dd>${formatRange(booking.starts_at_us, booking.ends_at_us)}</dd>` : nothing}
    ${booking.cancelled ? html`<dt>${t('取消原因')}</dt><dd data-testid="summary-reason">${t('{who}：{reason}', { who: roleName(booking.cancelled.by), reason: cancelReasonText(booking.cancelled.reason) })}</dd>` : nothing}`;
}

function heldFacts(view: CallView | null, about: Booking | null): TemplateResult {
  const meeting = about?.meeting;
  // The records know when the meeting began, this page only when it was let in last.
  const started = startOf(about) ?? view?.admitted_at_us ?? null;
  const ended = view?.ended?.at_us ?? meeting?.ended_at_us ?? null;
  const reason = view?.ended?.reason ?? meeting?.end_reason ?? null;
  const by = view?.ended?.by ?? meeting?.ended_by ?? null;
  return html`<dt>${t('开始')}</dt><dd data-testid="summary-start">${started === null ? t('没有开始') : formatDateTime(started)}</dd>
    ${ended === null ? nothing : html`<dt>${t('结束')}</dt><dd data-testid="summary-end">${formatDateTime(ended)}</dd>`}
    ${started !== null && ended !== null ? html`<dt>${t('时长')}</dt><dd>${formatDuration(ended - started)}</dd>` : nothing}
    ${reason === null ? nothing : html`<dt>${t('结束原因')}</dt><dd data-testid="summary-reason">${endReasonText(reason)}${by ? t('（{who}）', { who: roleName(by) }) : nothing}</dd>`}`;
}

/** view: null when the page found the end in the records. */
export function summary(view: CallView | null, about: Booking | null): TemplateResult {
  const cancelled = about !== null && (view?.ended?.reason === 'cancelled' || about.state === 'CANCELLED');
  const never = about?.state === 'NOT_HELD';
  const differed = (view?.ended?.reason ?? about?.meeting?.end_reason) === 'code-different';
  return html`<h1 tabindex="-1">${cancelled ? t('预约已取消') : differed ? t('会见已停止') : never ? t('会见未进行') : t('会见已结束')}</h1>
    ${differed ? differentNotice() : nothing}
    <div class="hj-card" data-testid="meeting-summary">
      <span data-testid="meeting-state" data-state="ended">${cancelled ? bookingStateTag('CANCELLED') : never ? bookingStateTag('NOT_HELD') : meetingStateTag('ended')}</span>
      <dl class="hj-facts">
        ${about ? html`<dt>${t('当事人')}</dt><dd>${pick(about.detainee.name)} · ${pick(about.centre.name)}</dd>` : nothing}
        ${cancelled ? cancelledFacts(about) : heldFacts(view, about)}
      </dl>
      ${cancelled ? nothing : html`<p class="hj-quiet">${t('系统只记录会见的时间和参加人，不记录内容。')}</p>`}
      <div class="hj-buttons"><a class="hj-button hj-primary" href="#/bookings" data-testid="summary-bookings">${t('我的预约')}</a><a class="hj-button" href="#/clients">${t('我的当事人')}</a></div>
    </div>`;
}
