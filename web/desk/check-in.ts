// SPDX-License-Identifier: Apache-2.0
// The dialog in which the desk confirms who sits at the kiosk, and when that person left the cell and arrived. The server
// checks the lawyer's credentials once more; what stands against the meeting is shown with its legal basis.
import { ApiProblem, api } from '../lib/api';
import { participantsOf, type Booking, type Finding } from '../lib/model';
import { customElement, html, nothing, state } from '../ui/element';
import { problemText } from '../ui/problem';
import { errorSummary, findingList, notice, type FieldError } from '../ui/shapes';
import { inputField } from '../staff/view';
import { pick, t } from '../ui/text';
import { formatRange, formatTime, nowUs } from '../ui/time';
import { checkTimes, momentOf, type TimesProblem } from './day';
import { HjBookingDialog } from './dialog';

function timesError(problem: TimesProblem): FieldError {
  switch (problem) {
    case 'taken-out-missing': return { field: 'taken-out', text: t('请填写提出监室时间。') };
    case 'arrived-missing': return { field: 'arrived', text: t('请填写到达会见室时间。') };
    default: return { field: 'arrived', text: t('到达会见室时间不能早于提出监室时间。') };
  }
}

@customElement('hj-check-in')
export class HjCheckIn extends HjBookingDialog {
  @state() private errors: FieldError[] = [];
  @state() private findings: Finding[] = [];
  @state() private open: ApiProblem['open'] = null;
  private opened_us = nowUs();

  protected label(): string {
    return t('核验到位');
  }

  protected override reset(): void {
    super.reset();
    this.opened_us = nowUs();
    this.errors = [];
    this.findings = [];
    this.open = null;
  }

  private check(form: FormData): { errors: FieldError[]; times: { taken_out_at_us?: number; arrived_at_us?: number } } {
    const now = nowUs();
    const taken_out = momentOf(String(form.get('taken-out') ?? ''), now);
    const arrived = momentOf(String(form.get('arrived') ?? ''), now);
    const errors: FieldError[] = form.get('identity') ? [] : [{ field: 'identity', text: t('请核实在押人员身份并勾选确认。') }];
    errors.push(...checkTimes(taken_out, arrived).map(timesError));
    return { errors, times: taken_out === null || arrived === null ? {} : { taken_out_at_us: taken_out, arrived_at_us: arrived } };
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.booking || this.busy) return;
    const { errors, times } = this.check(new FormData(event.target as HTMLFormElement));
    this.errors = errors;
    this.refusal = '';
    this.findings = [];
    this.open = null;
    if (errors.length > 0) return this.focusSummary();
    this.busy = true;
    try {
      const booking = await api.checkIn(this.booking.id, times);
      this.acted(booking, t('{name} 已核验到位。双方接通后会见自动开始。', { name: pick(booking.detainee.name) }));
    } catch (error) {
      this.refuse(error);
    } finally {
      this.busy = false;
    }
  }

  private refuse(error: unknown): void {
    if (!(error instanceof ApiProblem) || error.status === 401) return this.fault(error);
    this.findings = error.findings;
    this.open = error.open;
    this.refusal = problemText(error);
    this.focusOn('[data-testid=check-in-refused]');
  }

  private why() {
    if (this.findings.length > 0) return t('会见资格核查未通过，不能开始会见。请按下列意见办理。');
    return this.open ? html`<span data-testid="check-in-open">${t('本次会见的核验时间：{time}', { time: formatRange(this.open.from_us, this.open.to_us) })}</span>` : nothing;
  }

  private facts(booking: Booking) {
    return html`<dl class="hj-facts">
      <dt>${t('在押人员')}</dt><dd><strong>${pick(booking.detainee.name)}</strong></dd>
      <dt>${t('在押人员编码')}</dt><dd><code>${booking.detainee.code}</code></dd>
      <dt>${t('律师')}</dt><dd>${pick(booking.lawyer.name)} · ${pick(booking.lawyer.firm)}</dd>
      ${participantsOf(booking).map(({ lawyer }) => html`<dt>${t('参加律师')}</dt><dd>${pick(lawyer.name)} · ${pick(lawyer.firm)}</dd>`)}
      <dt>${t('会见室')}</dt><dd>${pick(booking.room?.name)}</dd>
      <dt>${t('时间')}</dt><dd class="hj-number">${booking.starts_at_us === null ? '' : formatRange(booking.starts_at_us, booking.ends_at_us ?? booking.starts_at_us)}</dd>
    </dl>`;
  }

  protected form(booking: Booking) {
    const now = formatTime(this.opened_us);
    const identity = this.errors.find(({ field }) => field === 'identity');
    return html`<form class="hj-stack" @submit=${this.submit} novalidate>
      ${errorSummary(this.errors)}
      ${this.refusal ? html`<div role="alert" tabindex="-1" data-testid="check-in-refused" class="hj-stack">
        ${notice('bad', this.refusal, this.why())}
        ${this.findings.length > 0 ? findingList(this.findings) : nothing}</div>` : nothing}
      ${this.facts(booking)}
      <div class="hj-field">
        <label class="hj-choice"><input type="checkbox" id="identity" name="identity" data-testid="desk-identity" autofocus
          aria-required="true" aria-invalid=${identity ? 'true' : 'false'} aria-describedby=${identity ? 'identity-error' : nothing} />
          <span>${t('已当面核实：到位的在押人员与上列姓名、编码一致')}</span></label>
        ${identity ? html`<span class="hj-error" id="identity-error">${identity.text}</span>` : nothing}
      </div>
      <div class="hj-pair">
        ${inputField({ id: 'taken-out', label: t('提出监室时间'), type: 'time', value: now, errors: this.errors, required: true, testid: 'desk-taken-out' })}
        ${inputField({ id: 'arrived', label: t('到达会见室时间'), type: 'time', value: now, errors: this.errors, required: true, testid: 'desk-arrived' })}
      </div>
      <p class="hj-quiet hj-small">${t('会见不被监听，不得派员在场（刑事诉讼法第三十九条、公安机关办理刑事案件程序规定第五十五条）。')}</p>
      <div class="hj-buttons">
        <button type="button" data-testid="desk-check-in-close" @click=${this.leave}>${t('返回')}</button>
        <button class="hj-primary" data-testid="desk-check-in-submit" ?disabled=${this.busy}>${t('确认核验到位')}</button>
      </div></form>`;
  }
}
