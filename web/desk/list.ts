// SPDX-License-Identifier: Apache-2.0
// The day's list of the desk: what waits for a time, what is on today, who is at the kiosk, and the acts of the desk.
// It asks the server again every five seconds; rows are keyed, so focus and place stay.
import { repeat } from 'lit/directives/repeat.js';
import { ApiProblem, api } from '../lib/api';
import type { Booking, Kiosk, Me, Meeting } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import { Poll } from '../staff/poll';
import { freshness, HjView, none } from '../staff/view';
import { cancelReasonText } from '../ui/cancel-reasons';
import { problemText } from '../ui/problem';
import { bookingStateTag, clockBadge, differedTag, meetingStateTag, notice, tag } from '../ui/shapes';
import { seatTag } from '../staff/meeting-words';
import { currentSeats, whose } from '../staff/seats';
import { codesDiffered, participantsOf } from '../lib/model';
import { pick, t } from '../ui/text';
import { DAY_US, dayKey, formatDate, formatDay, formatTime, nowUs, startOfDay } from '../ui/time';
import { arrange, merge, needsReview, tally } from './day';
import './check-in';
import './close';

type Act = 'check-in' | 'cancel' | 'end';
/** How far ahead, and how often, the desk looks for bookings to review. */
const REVIEW_US = 30 * DAY_US;
const REVIEW_EVERY_US = 30_000_000;

@customElement('hj-desk-list')
export class HjDeskList extends HjView {
  @property({ attribute: false }) me: Me | null = null;
  @state() private day_us = startOfDay(nowUs());
  /** The day that the last answer was about. */
  private answered_us = 0;
  @state() private centre = '';
  @state() private bookings: Booking[] = [];
  /** Bookings of any day that wait for the desk's word, and when they were asked for last. */
  private reviews: Booking[] = [];
  private reviewed_us = 0;
  @state() private confirming = '';
  @state() private refusal = '';
  @state() private meetings = new Map<string, Meeting>();
  @state() private kiosks: Kiosk[] | null = null;
  @state() private acting: { act: Act; booking: string } | null = null;
  /** What the closing dialog is about; kept while it goes. */
  private lastAct: 'cancel' | 'end' = 'cancel';
  private row = '';
  private readonly poll = new Poll(this, () => this.read(), this.pollFault);

  private may(act: string): boolean {
    return this.me?.rights.includes(act) ?? false;
  }

  private async read(): Promise<void> {
    const day_us = this.day_us;
    const where = this.centre ? { centre: this.centre } : {};
    // Requests without a slot belong to every day's list.
    const [{ bookings }, reviews, kiosks] = await Promise.all([
      api.bookings({ from_us: day_us, to_us: day_us + DAY_US, ...where }),
      this.readReviews(where),
      this.may('list-kiosks') ? api.kiosks() : null,
    ]);
    // Each look is recorded: only a list with an open meeting asks who is in it.
    const open = bookings.some(({ meeting }) => meeting !== null && meeting.state !== 'ended');
    const { meetings } = open ? await api.meetings({ state: 'live' }) : { meetings: [] };
    // The reader went on to another day while the answer was on its way.
    if (day_us !== this.day_us) return;
    this.answered_us = day_us;
    this.reviews = reviews;
    this.bookings = merge(reviews, bookings);
    this.meetings = new Map(meetings.map((meeting) => [meeting.booking, meeting]));
    this.kiosks = kiosks?.kiosks ?? null;
  }

  /** The whole month ahead is a longer list than the day's, and changes seldom. */
  private async readReviews(where: { centre?: string }): Promise<Booking[]> {
    const now = nowUs();
    if (!this.may('confirm') || now - this.reviewed_us < REVIEW_EVERY_US) return this.reviews;
    this.reviewed_us = now;
    try {
      const { bookings } = await api.bookings({ from_us: startOfDay(now), to_us: startOfDay(now) + REVIEW_US, ...where });
      return bookings.filter(needsReview);
    } catch (error) {
      this.forgetReviews();
      throw error;
    }
  }

  private async confirm(booking: Booking): Promise<void> {
    if (this.confirming) return;
    this.confirming = booking.id;
    this.refusal = '';
    try {
      this.take(await api.confirmBooking(booking.id), t('{name} 的预约已确认，律师可以看到。', { name: pick(booking.detainee.name) }));
      this.focusRow(booking.id);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status === 401) return this.fault(error);
      this.refusal = problemText(error);
      this.forgetReviews();
      void this.poll.now();
    } finally {
      this.confirming = '';
    }
  }

  private forgetReviews(): void {
    this.reviewed_us = 0;
  }

  private go(day_us: number): void {
    this.day_us = day_us;
    void this.poll.now();
  }

  private pickDay(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    const at_us = Date.parse(`${value}T12:00:00+08:00`) * 1000;
    if (Number.isFinite(at_us)) this.go(startOfDay(at_us));
  }

  private act(act: Act, booking: Booking): void {
    this.acting = { act, booking: booking.id };
    this.row = booking.id;
    if (act !== 'check-in') this.lastAct = act;
  }

  private acted(event: CustomEvent<{ booking: Booking; text: string }>): void {
    this.acting = null;
    this.take(event.detail.booking, event.detail.text);
  }

  /** The new version of a booking, and what was done with it. */
  private take(booking: Booking, text: string): void {
    this.bookings = merge(this.bookings, [booking]);
    this.reviews = this.reviews.filter(({ id }) => id !== booking.id);
    this.refusal = '';
    this.forgetReviews();
    this.say(text);
    void this.poll.now();
  }

  private left(): void {
    this.acting = null;
  }

  /** The dialog is out of sight: the focus returns to the row it came from, even when its button is no longer there. */
  private closed(): void {
    this.acting = null;
    this.focusRow(this.row);
  }

  private focusRow(booking: string): void {
    this.focusOn(`[data-testid="desk-row-${booking}"] button`);
    this.focusOn(`[data-testid="desk-row-${booking}"]:not(:has(button))`);
  }

  private who(booking: Booking) {
    const subject = booking.starts_at_us === null ? pick(booking.detainee.name) : `${pick(booking.detainee.name)} ${formatTime(booking.starts_at_us)}`;
    const button = (act: Act | 'confirm', testid: string, label: string, className: string) => booking.can.includes(act)
      ? html`<button type="button" class="hj-slim ${className}" data-testid=${testid} aria-label="${label} ${subject}" ?disabled=${this.confirming === booking.id}
          @click=${() => (act === 'confirm' ? void this.confirm(booking) : this.act(act, booking))}>${label}</button>`
      : nothing;
    return html`<div class="desk-acts">
      ${button('confirm', 'desk-confirm', t('确认预约'), 'hj-primary')}
      ${button('check-in', 'desk-check-in', t('核验到位'), 'hj-primary')}
      ${button('end', 'desk-end', t('结束会见'), 'hj-danger')}
      ${button('cancel', 'desk-cancel', t('取消会见'), '')}
    </div>`;
  }

  private presence(booking: Booking) {
    const meeting = this.meetings.get(booking.id);
    if (meeting) {
      const there = currentSeats(meeting.seats).filter((seat) => seat.state !== 'left');
      return html`${meetingStateTag(meeting.state)}
        ${there.length > 0 ? there.map((seat) => seatTag(seat.role, seat.state, whose(seat, there))) : html`<span class="hj-quiet">${t('尚无人进入')}</span>`}`;
    }
    if (booking.meeting) return meetingStateTag(booking.meeting.state);
    return this.deviceCheck(booking);
  }

  private deviceCheck(booking: Booking) {
    const check = booking.device_check;
    if (!check || !['CONFIRMED', 'CHECKED_IN'].includes(booking.state)) return none();
    const parts = [check.camera, check.microphone, check.speaker, check.connection];
    return parts.includes('failed') ? tag('warn', t('律师设备检测有问题')) : tag('good', t('律师设备检测通过'));
  }

  private kiosk(booking: Booking) {
    if (!booking.room || !this.kiosks) return nothing;
    const kiosk = this.kiosks.find(({ room, state: is }) => room === booking.room!.id && is !== 'retired');
    if (!kiosk) return tag('bad', t('未配终端'));
    if (kiosk.state === 'invited') return tag('warn', t('终端未入网'));
    if (kiosk.state === 'enrolled') return tag('warn', t('终端待批准'));
    return kiosk.online ? tag('good', t('终端在线')) : tag('bad', t('终端离线'));
  }

  private people(booking: Booking) {
    return html`<td><strong>${pick(booking.lawyer.name)}</strong><br />
        <span class="hj-small">${pick(booking.lawyer.firm)}</span><br />
        <span class="hj-small hj-quiet">${t('执业证号')}<br /><span class="hj-number">${booking.lawyer.licence}</span></span>
        ${participantsOf(booking).map(({ lawyer }) => html`<div class="desk-participant" data-testid="desk-participant">${tag('info', t('参加律师'))}<br /><strong>${pick(lawyer.name)}</strong><br /><span class="hj-small">${pick(lawyer.firm)}</span><br />
          <span class="hj-small hj-quiet">${t('执业证号')}<br /><span class="hj-number">${lawyer.licence}</span></span></div>`)}</td>
      <td><strong>${pick(booking.detainee.name)}</strong><br />
        <span class="hj-small hj-quiet hj-number desk-code">${booking.detainee.code}</span></td>`;
  }

  private dayRow(booking: Booking, dated = false) {
    const differed = codesDiffered(booking.meeting);
    const over = !differed && (booking.state === 'CANCELLED' || booking.state === 'NOT_HELD');
    return html`<tr data-testid="desk-row-${booking.id}" class=${over ? 'desk-over' : ''} tabindex="-1">
      <th scope="row"><div class="desk-stack">${dated ? html`<span class="hj-number hj-nowrap">${formatDay(booking.starts_at_us!)}</span>` : nothing}<span class="hj-number hj-nowrap">${formatTime(booking.starts_at_us!)}–${formatTime(booking.ends_at_us ?? booking.starts_at_us!)}</span>
        <span class="desk-room">${pick(booking.room?.name)}</span>${this.kiosk(booking)}</div></th>
      ${this.people(booking)}
      <td><div class="desk-stack">${differed ? differedTag() : nothing}${bookingStateTag(booking.state)}${clockBadge(booking.clock)}
        ${booking.cancelled?.reason ? html`<span class="hj-small">${t('原因：{reason}', { reason: cancelReasonText(booking.cancelled.reason) })}</span>` : nothing}
        ${booking.checked_in_at_us === null ? nothing : html`<span class="hj-small hj-quiet">${t('核验于 {time}', { time: formatTime(booking.checked_in_at_us) })}</span>`}</div></td>
      <td><div class="desk-stack">${this.presence(booking)}</div></td>
      <td class="hj-no-print">${this.who(booking)}</td>
    </tr>`;
  }

  private askedRow(booking: Booking) {
    return html`<tr data-testid="desk-row-${booking.id}" tabindex="-1">
      <th scope="row" class="hj-number hj-nowrap">${formatDay(booking.asked_at_us)}<br />${formatTime(booking.asked_at_us)}</th>
      ${this.people(booking)}
      <td><div class="desk-stack">${bookingStateTag(booking.state)}${clockBadge(booking.clock)}</div></td>
      <td class="hj-no-print">${this.who(booking)}</td>
    </tr>`;
  }

  private askedTable(asked: Booking[]) {
    if (asked.length === 0) return nothing;
    return html`<section class="hj-stack" aria-labelledby="asked-title">
      <h2 id="asked-title">${t('待安排的申请（{n}）', { n: asked.length })}</h2>
      <p>${t('没有时段的会见申请，48 小时期限已开始计算。请尽快安排；视频会见安排不了的，应当安排现场会见。')}</p>
      <div class="hj-scroll" role="group" tabindex="0" aria-labelledby="asked-title"><table class="desk-table" data-testid="desk-asked">
        <thead><tr><th scope="col">${t('申请时间')}</th><th scope="col">${t('律师')}</th><th scope="col">${t('在押人员')}</th>
          <th scope="col">${t('状态')}</th><th scope="col" class="hj-no-print">${t('办理')}</th></tr></thead>
        <tbody>${repeat(asked, ({ id }) => id, (booking) => this.askedRow(booking))}</tbody>
      </table></div></section>`;
  }

  private reviewTable(review: Booking[]) {
    if (review.length === 0) return nothing;
    return html`<section class="hj-stack" aria-labelledby="review-title">
      <h2 id="review-title">${t('其他日期待审核的预约（{n}）', { n: review.length })}</h2>
      <p>${t('本所的预约须经登记台审核。48 小时期限仍在计算，请尽快确认；不能安排的，取消并写明原因。')}</p>
      ${this.table(review, 'review', true)}</section>`;
  }

  private dayTable(booked: Booking[]) {
    if (booked.length === 0) return html`<p class="hj-empty" data-testid=${this.answered_us === this.day_us ? 'desk-empty' : nothing}>${this.answered_us !== this.day_us ? t('正在读取…') : t('这一天没有预约。')}</p>`;
    return this.table(booked, 'day');
  }

  private table(rows: Booking[], name: string, dated = false) {
    return html`<div class="hj-scroll" role="group" tabindex="0" aria-labelledby="${name}-title"><table class="desk-table" data-testid="desk-${name}">
      <thead><tr><th scope="col">${t('时间和会见室')}</th><th scope="col">${t('律师')}</th><th scope="col">${t('在押人员')}</th>
        <th scope="col">${t('状态')}</th><th scope="col">${t('在场情况')}</th><th scope="col" class="hj-no-print">${t('办理')}</th></tr></thead>
      <tbody>${repeat(rows, ({ id }) => id, (booking) => this.dayRow(booking, dated))}</tbody>
    </table></div>`;
  }

  private head() {
    const centres = this.me?.account.centres ?? [];
    const today = startOfDay(nowUs());
    return html`<div class="hj-title">
        <h1 tabindex="-1">${t('当日会见')}</h1>
        <p class="hj-print-only">${centres.map(({ name }) => pick(name)).join(' · ')} · ${formatDate(this.day_us)}</p>
        <button type="button" class="hj-slim hj-no-print" @click=${() => print()}>${t('打印名单')}</button>
      </div>
      <div class="desk-day hj-no-print" role="group" aria-label=${t('选择日期')}>
        <button type="button" class="hj-slim" data-testid="desk-previous" @click=${() => this.go(this.day_us - DAY_US)}>${t('前一天')}</button>
        <input type="date" class="hj-slim-input" aria-label=${t('日期')} data-testid="desk-date" .value=${dayKey(this.day_us)} @change=${this.pickDay} />
        <button type="button" class="hj-slim" data-testid="desk-next" @click=${() => this.go(this.day_us + DAY_US)}>${t('后一天')}</button>
        <button type="button" class="hj-slim hj-plain" data-testid="desk-today" ?disabled=${this.day_us === today} @click=${() => this.go(today)}>${t('回到今天')}</button>
        ${centres.length > 1 ? html`<select class="hj-slim-input" aria-label=${t('看守所')} data-testid="desk-centre" @change=${(event: Event) => {
          this.centre = (event.target as HTMLSelectElement).value;
          this.forgetReviews();
          void this.poll.now();
        }}><option value="">${t('全部看守所')}</option>${centres.map(({ id, name }) => html`<option value=${id}>${pick(name)}</option>`)}</select>` : nothing}
      </div>`;
  }

  private dialogs() {
    const booking = this.bookings.find(({ id }) => id === this.acting?.booking) ?? null;
    const act = this.acting?.act;
    return html`
      <hj-check-in .booking=${act === 'check-in' ? booking : null}
        @acted=${this.acted} @left=${this.left} @closed=${this.closed}></hj-check-in>
      <hj-close-booking .booking=${act === 'cancel' || act === 'end' ? booking : null} .act=${this.lastAct}
        @acted=${this.acted} @left=${this.left} @closed=${this.closed}></hj-close-booking>`;
  }

  protected override render() {
    const { review, asked, booked } = arrange(this.bookings, this.day_us);
    const counts = tally(booked);
    return html`<div class="hj-stack">
      ${this.head()}
      ${this.saying()}
      <div role="alert" data-testid="desk-refused">${this.refusal ? notice('bad', t('未能确认预约'), this.refusal) : nothing}</div>
      ${freshness(this.poll)}
      ${this.reviewTable(review)}
      ${this.askedTable(asked)}
      <section class="hj-stack" aria-labelledby="day-title">
        <div class="hj-title"><h2 id="day-title">${formatDate(this.day_us)} ${this.day_us === startOfDay(nowUs()) ? t('（今天）') : ''}</h2>
          <p data-testid="desk-tally">${counts.to_review > 0 ? `${t('待审核 {n}', { n: counts.to_review })} · ` : ''}${t('待核验 {a} · 已核验 {b} · 已会见 {c} · 未会见或取消 {d}', { a: counts.to_check_in, b: counts.under_way, c: counts.held, d: counts.fallen })}</p></div>
        ${this.dayTable(booked)}
      </section>
      ${this.dialogs()}
    </div>`;
  }
}
