// SPDX-License-Identifier: Apache-2.0
// My bookings, and one of them after booking: state, the 48-hour clock, what can be done.
import { api } from '../lib/api';
import { codesDiffered, participantsOf, type Booking } from '../lib/model';
import { LAWYER_REASONS, cancelReason, cancelReasonText } from '../ui/cancel-reasons';
import { isOwnEvent } from '../ui/dialog';
import { customElement, html, nothing, property, state } from '../ui/element';
import { problemText } from '../ui/problem';
import { bookingStateTag, clockBadge, differedTag, notice, tag } from '../ui/shapes';
import { pick, t } from '../ui/text';
import { formatDateTime, formatRange, nowUs } from '../ui/time';
import { HjView } from '../ui/view';
import { roleName } from '../ui/roles';
import { unfitNotice } from './encryption';
import './participants';

const JUST_BOOKED = 'huijian-just-booked';

/** Still to come or going on; the others are history. */
export function isOpen(booking: Booking): boolean {
  return ['ASKED', 'REVIEW', 'CONFIRMED', 'CHECKED_IN'].includes(booking.state);
}

/** Nobody can enter it any more. */
export function isOver(booking: Booking): boolean {
  return !isOpen(booking) || booking.meeting?.state === 'ended';
}

/** When its meeting began; null when it did not. */
export function startOf(booking: Booking | null): number | null {
  return booking?.meeting?.admitted_at_us ?? booking?.clock?.met_at_us ?? null;
}

/** Both sides met, nobody has ended it, and we may go in, for the first time or again: the booking does not tell which. */
function hasBegun(booking: Booking): boolean {
  return booking.can.includes('join') && (booking.meeting?.state === 'live' || booking.meeting?.state === 'cut_off');
}

/** What comes next, right after the booking was made. */
function freshText(booking: Booking): string {
  if (booking.starts_at_us === null) return t('看守所将安排时段，请留意“我的预约”。');
  if (booking.state === 'REVIEW') return t('时段已为您保留，看守所审核后生效，请留意“我的预约”。');
  return t('请在开始前检测设备，并按时进入。');
}

function inOrder(a: Booking, b: Booking): number {
  return (a.starts_at_us ?? Number.MAX_SAFE_INTEGER) - (b.starts_at_us ?? Number.MAX_SAFE_INTEGER) || a.asked_at_us - b.asked_at_us;
}

/** It is somebody else's, and we take part. */
export function isGuest(booking: Booking, own: string): boolean {
  return participantsOf(booking).some(({ lawyer }) => lawyer.id === own);
}

/** The lawyers who come too, as the reader sees it. */
export function companions(booking: Booking, own: string): string {
  return [booking.lawyer, ...participantsOf(booking).map(({ lawyer }) => lawyer)]
    .filter(({ id }) => id !== own).map(({ name }) => pick(name)).join(t('、'));
}

@customElement('hj-bookings')
export class HjBookings extends HjView {
  protected override readonly every_ms = 10_000;
  @property() booking = '';
  /** Which lawyer reads. */
  @property() own = '';
  @state() private bookings: Booking[] | null = null;
  @state() private one: Booking | null = null;
  @state() private cancelling: Booking | null = null;
  @state() private cancelFault = '';
  @state() private busy = false;

  protected async read(): Promise<void> {
    if (this.booking) this.one = await api.booking(this.booking);
    else this.bookings = (await api.bookings()).bookings;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('booking') && changed.get('booking') !== undefined) {
      this.one = null;
      void this.reread();
    }
  }

  private async cancel(event: Event): Promise<void> {
    event.preventDefault();
    const booking = this.cancelling;
    if (!booking || this.busy) return;
    const form = new FormData(event.target as HTMLFormElement);
    const reason = cancelReason(String(form.get('reason') ?? ''), String(form.get('note') ?? ''));
    this.busy = true;
    this.cancelFault = '';
    try {
      await api.cancelBooking(booking.id, reason);
      this.cancelling = null;
      await this.reread();
    } catch (error) {
      this.cancelFault = problemText(error);
    } finally {
      this.busy = false;
    }
  }

  private cancelDialog() {
    const booking = this.cancelling;
    return html`<wa-dialog label=${t('取消预约')} ?open=${booking !== null}
      @wa-after-hide=${(event: Event) => { if (isOwnEvent(event)) { this.cancelling = null; this.cancelFault = ''; } }}>
      ${booking ? html`<form @submit=${this.cancel}>
        <p>${t('取消与 {name} 的会见？', { name: pick(booking.detainee.name) })}
          ${booking.starts_at_us !== null && booking.ends_at_us !== null ? html`<strong>${formatRange(booking.starts_at_us, booking.ends_at_us)}</strong>` : nothing}</p>
        ${this.cancelFault ? html`<div role="alert">${notice('bad', this.cancelFault)}</div>` : nothing}
        <div class="hj-field"><label for="cancel-reason">${t('原因')}</label>
          <select id="cancel-reason" name="reason" data-testid="cancel-reason">${LAWYER_REASONS.map((reason) => html`<option value=${reason}>${t(reason)}</option>`)}</select></div>
        <div class="hj-field"><label for="cancel-note">${t('说明（可不填，请勿写案情）')}</label><input id="cancel-note" name="note" maxlength="200" autocomplete="off" data-testid="cancel-note" /></div>
        <div class="hj-buttons">
          <button type="button" @click=${() => { this.cancelling = null; }}>${t('不取消')}</button>
          <button class="hj-danger hj-primary" data-testid="cancel-confirm" ?disabled=${this.busy}>${t('确认取消')}</button>
        </div></form>` : nothing}
    </wa-dialog>`;
  }

  private when(booking: Booking) {
    if (booking.starts_at_us !== null && booking.ends_at_us !== null) return formatRange(booking.starts_at_us, booking.ends_at_us);
    return isOpen(booking) ? t('时段待看守所安排') : t('未安排时段');
  }

  /** What the slot alone does not say: that a meeting goes on, or when it really was. */
  private course(booking: Booking) {
    if (hasBegun(booking)) return html`<div data-testid="booking-still-open">${notice('info', t('会见已经开始，您可以进入'))}</div>`;
    const started = startOf(booking);
    if (booking.state !== 'HELD' || started === null) return nothing;
    const ended = booking.meeting?.ended_at_us ?? null;
    return html`<p data-testid="booking-held">${t('实际会见：{time}', { time: ended === null ? formatDateTime(started) : formatRange(started, ended) })}</p>`;
  }

  /** The codes differed: what to do now. */
  private differed(booking: Booking) {
    if (!codesDiffered(booking.meeting)) return nothing;
    const runsOn = booking.clock !== null && booking.clock.met_at_us === null && booking.clock.state !== 'stopped';
    return html`<div data-testid="booking-differed">${notice('bad', t('双方的安全码不一致，会见已停止：可能有人夹在中间'), html`
      <p>${t('请打电话把这件事告诉看守所，用您原来就知道的号码，不要谈论案情。')}</p>
      <p>${t('请申请到所会见，或重新预约视频会见。')}${runsOn ? t('四十八小时期限仍在计算。') : nothing}</p>`)}</div>`;
  }

  private actions(booking: Booking) {
    const name = pick(booking.detainee.name);
    const open = isOpen(booking);
    return html`<div class="hj-buttons">
      ${booking.can.includes('join') ? html`<a class="hj-button hj-primary" href="#/meeting/${booking.id}" data-testid="booking-join" aria-label=${t('进入会见：{name}', { name })}>${t('进入会见')}</a>` : nothing}
      ${open && booking.starts_at_us !== null ? html`<a class="hj-button" href="#/device-check/${booking.id}" data-testid="booking-device-check">${booking.device_check && !isGuest(booking, this.own) ? t('重新检测设备') : t('检测设备')}</a>` : nothing}
      ${booking.can.includes('cancel') ? html`<button type="button" class="hj-danger" data-testid="booking-cancel" aria-label=${t('取消预约：{name}', { name })} @click=${() => { this.cancelling = booking; }}>${t('取消预约')}</button>` : nothing}
    </div>`;
  }

  private row(booking: Booking) {
    return html`<li class="hj-row" data-testid="booking-${booking.id}" data-state=${booking.state}>
      <div class="hj-row-body">
        <div class="hj-row-head"><h3><a href="#/bookings/${booking.id}" data-testid="booking-open">${pick(booking.detainee.name)}</a></h3>
          ${codesDiffered(booking.meeting) ? differedTag() : nothing} ${bookingStateTag(booking.state)} ${clockBadge(booking.clock)}
          ${isGuest(booking, this.own) ? html`<span data-testid="booking-guest">${tag('info', t('您是参加律师'))}</span>`
            : booking.device_check ? tag('good', t('设备已检测')) : nothing}</div>
        <p><strong>${this.when(booking)}</strong></p>
        ${this.course(booking)}
        <p class="hj-quiet">${pick(booking.centre.name)}${booking.room ? html` · ${pick(booking.room.name)}` : nothing}</p>
        ${participantsOf(booking).length > 0 ? html`<p class="hj-quiet">${t('一同会见：{names}', { names: companions(booking, this.own) })}</p>` : nothing}
        ${booking.cancelled ? html`<p class="hj-quiet">${t('取消原因：{reason}', { reason: cancelReasonText(booking.cancelled.reason) })}</p>` : nothing}
      </div>
      ${this.actions(booking)}
    </li>`;
  }

  private detail(booking: Booking) {
    const fresh = sessionStorage.getItem(JUST_BOOKED) === booking.id;
    return html`
      <a class="hj-back" href="#/bookings"><wa-icon name="back"></wa-icon>${t('我的预约')}</a>
      <h1 tabindex="-1">${fresh ? (booking.starts_at_us === null || booking.state === 'REVIEW' ? t('申请已提出') : t('预约成功')) : t('预约详情')}</h1>
      ${fresh ? html`<div role="status" data-testid="booking-confirmed">${notice('good',
        freshText(booking),
        html`${t('预约编号：')}<code data-testid="booking-reference">${booking.id}</code>`)}</div>` : nothing}
      <div class="hj-card" data-testid="booking-${booking.id}" data-state=${booking.state}>
        <div class="hj-row-head"><h2>${pick(booking.detainee.name)}</h2>${codesDiffered(booking.meeting) ? differedTag() : nothing} ${bookingStateTag(booking.state)} ${clockBadge(booking.clock)}</div>
        ${this.differed(booking)}
        ${this.course(booking)}
        ${isGuest(booking, this.own) ? html`<div data-testid="booking-guest">${notice('info', t('您是参加律师'), t('您可以进入会见，也可以退出；取消预约和结束会见由预约律师办理。'))}</div>` : nothing}
        <dl class="hj-facts">
          ${isGuest(booking, this.own) ? html`<dt>${t('预约律师')}</dt><dd>${pick(booking.lawyer.name)} · ${pick(booking.lawyer.firm)}</dd>` : nothing}
          <dt>${t('时间')}</dt><dd>${this.when(booking)}</dd>
          <dt>${t('羁押场所')}</dt><dd>${pick(booking.centre.name)}${booking.room ? html` · ${pick(booking.room.name)}` : nothing}</dd>
          <dt>${t('申请时间')}</dt><dd>${formatDateTime(booking.asked_at_us)}</dd>
          ${booking.clock ? html`<dt>${t('法定期限')}</dt><dd>${formatDateTime(booking.clock.due_at_us)}<br /><span class="hj-quiet hj-small">${t('自申请时起四十八小时，实际会见后停止计算（《刑事诉讼法》第三十九条）')}</span></dd>` : nothing}
          ${booking.checked_in_at_us !== null ? html`<dt>${t('核验到位')}</dt><dd>${formatDateTime(booking.checked_in_at_us)}</dd>` : nothing}
          ${isGuest(booking, this.own) ? nothing : html`<dt>${t('设备检测')}</dt><dd>${booking.device_check ? t('已完成') : t('未进行')}</dd>`}
          ${booking.cancelled ? html`<dt>${t('取消原因')}</dt><dd>${t('{who}：{reason}', { who: roleName(booking.cancelled.by), reason: cancelReasonText(booking.cancelled.reason) })}</dd>` : nothing}
          ${fresh ? nothing : html`<dt>${t('预约编号')}</dt><dd><code data-testid="booking-reference">${booking.id}</code></dd>`}
        </dl>
        ${isOpen(booking) && !booking.can.includes('join') && (booking.starts_at_us ?? 0) > nowUs()
          ? html`<p class="hj-quiet">${t('临近开始时，这里会出现“进入会见”。')}</p>` : nothing}
        ${isOpen(booking) ? unfitNotice() : nothing}
        ${this.actions(booking)}
      </div>
      <hj-participants .booking=${booking} .own=${this.own} @changed=${(event: CustomEvent<Booking>) => { this.one = event.detail; }}></hj-participants>`;
  }

  private list(bookings: Booking[]) {
    const open = bookings.filter(isOpen).sort(inOrder);
    const past = bookings.filter((one) => !isOpen(one)).sort((a, b) => -inOrder(a, b));
    return html`<h1 tabindex="-1">${t('我的预约')}</h1>
      ${open.length > 0 ? unfitNotice() : nothing}
      <section class="hj-stack" aria-labelledby="open"><h2 id="open">${t('待进行')}</h2>
        ${open.length === 0 ? html`<div class="hj-empty"><p>${t('没有待进行的预约。')}</p><p><a href="#/clients">${t('从我的当事人开始预约')}</a></p></div>`
          : html`<ul class="hj-list">${open.map((one) => this.row(one))}</ul>`}</section>
      ${past.length === 0 ? nothing : html`<section class="hj-stack" aria-labelledby="past"><h2 id="past">${t('已结束')}</h2><ul class="hj-list">${past.map((one) => this.row(one))}</ul></section>`}`;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    sessionStorage.removeItem(JUST_BOOKED);
  }

  protected override render() {
    const waiting = html`<h1 tabindex="-1">${t('我的预约')}</h1>${this.loading()}`;
    return html`${this.booking ? (this.one ? this.detail(this.one) : waiting) : this.bookings ? this.list(this.bookings) : waiting}
      ${this.cancelDialog()}`;
  }
}
