// SPDX-License-Identifier: Apache-2.0
// One client: may I meet, and why not; then choose a slot, or ask without one. Asking starts the 48-hour clock.
import { ApiProblem, api, newIdempotencyKey } from '../lib/api';
import type { Booking, Client, Eligibility, Finding, Slot } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import { problemText } from '../ui/problem';
import { findingList, notice } from '../ui/shapes';
import { pick, t } from '../ui/text';
import { DAY_US, formatDateTime, formatDay, formatRange, formatTime, nowUs } from '../ui/time';
import { HjView } from '../ui/view';
import { authorityText, stageText } from '../ui/words';
import { isRunning, oneRoomEach } from './slots';
import './slots';

const DAYS_AHEAD = 7;
const SLOT_PAGES = 10;

@customElement('hj-client')
export class HjClient extends HjView {
  protected override readonly every_ms = 60_000;
  @property() authority = '';
  @state() private client: Client | null = null;
  @state() private eligibility: Eligibility | null = null;
  @state() private slots: Slot[] | null = null;
  @state() private chosen: Slot | null = null;
  @state() private busy = false;
  @state() private refusal: { text: string; findings: Finding[]; alternatives: Slot[] } | null = null;
  /** One wish, one key: a retry after a lost answer must not book twice. */
  private wish: { about: string; key: string } | null = null;

  protected async read(): Promise<void> {
    const now = nowUs();
    const [cases, eligibility] = await Promise.all([api.cases(), api.eligibility(this.authority)]);
    this.client = cases.clients.find((one) => one.authority === this.authority) ?? null;
    this.eligibility = eligibility;
    if (!eligibility.allowed) return;
    const slots = await this.readSlots(now, now + DAYS_AHEAD * DAY_US);
    this.slots = slots;
    if (this.chosen && !slots.some((slot) => slot.starts_at_us === this.chosen?.starts_at_us)) this.chosen = null;
  }

  /** A centre with many rooms has more slots than one answer holds. */
  private async readSlots(from_us: number, to_us: number): Promise<Slot[]> {
    const all: Slot[] = [];
    for (let from = from_us, page = 0; page < SLOT_PAGES; page++) {
      const { slots, more } = await api.slots(this.authority, from, to_us);
      all.push(...slots);
      const last = slots.at(-1);
      if (!more || !last) break;
      from = Math.max(last.starts_at_us, from) + 1;
    }
    return all;
  }

  private async book(slot: Slot | null): Promise<void> {
    if (this.busy) return;
    const about = slot ? `${slot.room} ${slot.starts_at_us}` : 'none';
    if (this.wish?.about !== about) this.wish = { about, key: newIdempotencyKey() };
    this.busy = true;
    this.refusal = null;
    try {
      const booking: Booking = await api.book(this.authority, slot ? { room: slot.room, starts_at_us: slot.starts_at_us } : null, this.wish.key);
      this.wish = null;
      sessionStorage.setItem('huijian-just-booked', booking.id);
      location.hash = `#/bookings/${booking.id}`;
    } catch (error) {
      await this.refused(error);
    } finally {
      this.busy = false;
    }
  }

  private async refused(error: unknown): Promise<void> {
    if (!(error instanceof ApiProblem) || error.status === 401) return this.fail(error);
    if (error.code !== 'unreachable') this.wish = null;
    this.refusal = { text: problemText(error), findings: error.findings, alternatives: error.alternatives };
    if (error.code === 'slot-taken' || error.code === 'slot-closed' || error.code === 'not-eligible') await this.reread();
    await this.updateComplete;
    this.querySelector<HTMLElement>('#refusal')?.focus();
  }

  private refusalView() {
    const refusal = this.refusal;
    if (!refusal) return nothing;
    return html`<div id="refusal" role="alert" tabindex="-1" data-testid="booking-refused" class="hj-stack">
      ${notice('bad', refusal.text, refusal.alternatives.length > 0 ? html`<p>${t('以下时段仍可预约：')}</p>
        <div class="hj-buttons">${oneRoomEach(refusal.alternatives).map((slot) => html`
          <button type="button" class="hj-slim" data-testid="alternative-${slot.starts_at_us}" ?disabled=${this.busy} @click=${() => this.book(slot)}>
            ${t('预约 {time}', { time: formatRange(slot.starts_at_us, slot.ends_at_us) })}</button>`)}</div>` : nothing)}
      ${refusal.findings.length > 0 ? findingList(refusal.findings) : nothing}
    </div>`;
  }

  private facts(client: Client) {
    return html`<dl class="hj-facts">
      <dt>${t('羁押场所')}</dt><dd>${client.centre ? pick(client.centre.name) : t('没有羁押记录')}</dd>
      ${client.detainee.code ? html`<dt>${t('在押人员编码')}</dt><dd><code>${client.detainee.code}</code></dd>` : nothing}
      <dt>${t('涉嫌罪名')}</dt><dd>${pick(client.case.charge)}</dd>
      <dt>${t('诉讼阶段')}</dt><dd>${stageText(client.case.stage)}</dd>
      ${client.case.number ? html`<dt>${t('案号')}</dt><dd>${client.case.number}</dd>` : nothing}
      <dt>${t('代理依据')}</dt><dd>${authorityText(client.kind)}${client.stages.length > 0 ? html` · ${client.stages.map((stage) => stageText(stage)).join(t('、'))}` : nothing}</dd>
    </dl>`;
  }

  private eligibilityView(eligibility: Eligibility) {
    return html`<section class="hj-card" aria-labelledby="eligibility">
      <h2 id="eligibility">${t('会见资格')}</h2>
      <div data-testid="eligibility">${eligibility.allowed
        ? notice('good', t('可以会见'), t('证件、委托手续与案件记录均符合要求。'))
        : notice('bad', t('暂不能会见'), t('请先按下列各项办理。办妥并更新记录后，即可预约。'))}</div>
      ${eligibility.findings.length > 0 ? findingList(eligibility.findings) : nothing}
      <p class="hj-quiet hj-small">${t('核对时间：{time}', { time: formatDateTime(eligibility.checked_at_us) })}</p>
    </section>`;
  }

  private bookView() {
    const slots = this.slots;
    if (slots === null) return html`<p class="hj-waiting" role="status">${t('正在读取时段…')}</p>`;
    const earliest = oneRoomEach(slots)[0];
    const chosen = this.chosen;
    return html`<section class="hj-card" aria-labelledby="book">
      <h2 id="book">${t('预约会见')}</h2>
      ${this.refusalView()}
      ${earliest ? html`
        <p><button type="button" class="hj-primary" data-testid="book-earliest" ?disabled=${this.busy} @click=${() => this.book(earliest)}>
          ${isRunning(earliest, nowUs())
            ? t('预约最早时段：现在（至 {time}）', { time: formatTime(earliest.ends_at_us) })
            : t('预约最早时段：{time}', { time: `${formatDay(earliest.starts_at_us)} ${formatTime(earliest.starts_at_us)}` })}</button></p>
        <h3>${t('或选择其他时段')}</h3>
        <hj-slots .slots=${slots} .chosen=${chosen} @chosen=${(event: CustomEvent<Slot>) => { this.chosen = event.detail; }}></hj-slots>
        <div class="book-line">
          <p aria-live="polite">${chosen
            ? html`${t('已选：')}<strong>${formatRange(chosen.starts_at_us, chosen.ends_at_us)}</strong> · ${pick(chosen.room_name)}`
            : t('尚未选择时段。')}</p>
          <button type="button" class="hj-primary" data-testid="book-slot" ?disabled=${!chosen || this.busy} @click=${() => chosen && this.book(chosen)}>${t('确认预约')}</button>
        </div>`
        : notice('warn', t('未来 {days} 天没有可预约的时段', { days: DAYS_AHEAD }), t('您仍可以提出申请，看守所须在四十八小时内安排。'))}
      <div class="without-slot">
        <h3>${t('没有合适的时段？')}</h3>
        <p>${t('可以不选时段直接申请。申请一经提出，四十八小时期限即开始计算，由看守所安排时段。')}</p>
        <button type="button" data-testid="book-without-slot" ?disabled=${this.busy} @click=${() => this.book(null)}>${t('不选时段，直接申请')}</button>
      </div>
    </section>`;
  }

  protected override render() {
    const { client, eligibility } = this;
    if (!eligibility) return html`<h1 tabindex="-1">${t('会见资格与预约')}</h1>${this.loading()}`;
    return html`
      <a class="hj-back" href="#/clients"><wa-icon name="back"></wa-icon>${t('我的当事人')}</a>
      <h1 tabindex="-1">${client ? pick(client.detainee.name) : t('会见资格与预约')}</h1>
      <div class="client-columns">
        <div class="hj-stack">
          ${client ? html`<section class="hj-card" aria-label=${t('案件')}>${this.facts(client)}</section>` : nothing}
          ${this.eligibilityView(eligibility)}
        </div>
        ${eligibility.allowed ? html`<div class="hj-stack">${this.bookView()}</div>` : this.refusalView()}
      </div>`;
  }
}
