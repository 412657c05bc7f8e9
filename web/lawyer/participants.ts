// SPDX-License-Identifier: Apache-2.0
// The second lawyer of a booking: who it is, adding one by licence number, taking one out, and leaving as one.
import { ApiProblem, api } from '../lib/api';
import { participantsOf, type Booking, type Finding, type Participant } from '../lib/model';
import { isOwnEvent } from '../ui/dialog';
import { HjElement, customElement, html, nothing, property, state } from '../ui/element';
import { problemText } from '../ui/problem';
import { errorSummary, findingList, notice, tag, type FieldError } from '../ui/shapes';
import { pick, t } from '../ui/text';

const LICENCE = /^\d{17}$/;

export function licenceOf(text: string): string {
  return text.replace(/[\s-]/g, '');
}

/** What is wrong with a licence number before the server is asked. */
export function licenceFault(licence: string, booking: Booking): string {
  if (!LICENCE.test(licence)) return t('请输入 17 位数字的执业证号。');
  return licence === booking.lawyer.licence ? t('这是您自己的执业证号。') : '';
}

function refusalText(error: ApiProblem): string {
  switch (error.code) {
    case 'not-found': return t('没有这个执业证号，或者该律师没有这名当事人的委托或指派记录。请与对方核对。');
    case 'not-eligible': return t('该律师目前不能参加，原因见下。');
    case 'too-many': return t('一次会见最多两名律师。');
    case 'exists': return t('该律师已经参加这次会见。');
    case 'slot-taken': return t('该律师在这个时间另有会见。');
    case 'state': return t('这次会见已经不能再增加律师。');
    default: return problemText(error);
  }
}

@customElement('hj-participants')
export class HjParticipants extends HjElement {
  @property({ attribute: false }) booking: Booking | null = null;
  /** Which lawyer reads. */
  @property() own = '';
  @state() private errors: FieldError[] = [];
  @state() private findings: Finding[] = [];
  @state() private removing: Participant | null = null;
  @state() private removeFault = '';
  @state() private said = '';
  @state() private busy = false;

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }

  private focusOn(selector: string): void {
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(selector)?.focus());
  }

  private refuse(text: string, findings: Finding[] = []): void {
    this.errors = [{ field: 'licence', text }];
    this.findings = findings;
    this.focusOn('.hj-summary');
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault();
    const booking = this.booking;
    if (!booking || this.busy) return;
    const form = event.target as HTMLFormElement;
    const licence = licenceOf(String(new FormData(form).get('licence') ?? ''));
    const fault = licenceFault(licence, booking);
    this.said = '';
    if (fault) return this.refuse(fault);
    this.errors = [];
    this.findings = [];
    this.busy = true;
    try {
      const changed = await api.addParticipant(booking.id, licence);
      const added = participantsOf(changed).find(({ lawyer }) => lawyer.licence === licence);
      this.said = t('已增加 {name} 律师。对方在自己的“我的预约”中可以看到这次会见。', { name: pick(added?.lawyer.name) });
      this.tell('changed', changed);
      this.focusOn('[data-testid=participants-said]');
    } catch (error) {
      if (error instanceof ApiProblem && error.status !== 401) this.refuse(refusalText(error), error.findings);
      else this.tell('failed', error);
    } finally {
      this.busy = false;
    }
  }

  private async takeOut(): Promise<void> {
    const { booking, removing } = this;
    if (!booking || !removing || this.busy) return;
    const leaves = removing.lawyer.id === this.own;
    this.busy = true;
    this.removeFault = '';
    try {
      const changed = await api.removeParticipant(booking.id, removing.lawyer.id);
      this.removing = null;
      if (leaves) {
        location.hash = '#/bookings';
        return;
      }
      this.said = t('{name} 律师不再参加这次会见。', { name: pick(removing.lawyer.name) });
      this.tell('changed', changed);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) this.tell('failed', error);
      else this.removeFault = problemText(error);
    } finally {
      this.busy = false;
    }
  }

  /** The dialog is gone: the focus goes where the reader's news stand. */
  private closed(event: Event): void {
    if (!isOwnEvent(event)) return;
    this.removing = null;
    this.removeFault = '';
    if (this.said) this.focusOn('[data-testid=participants-said]');
  }

  private row(booking: Booking, one: Participant) {
    const { lawyer } = one;
    const name = pick(lawyer.name);
    const self = lawyer.id === this.own;
    return html`<li class="participant" data-testid="participant-${lawyer.id}">
      <div><strong>${name}</strong> ${self ? tag('info', t('您')) : nothing}<br />
        <span class="hj-quiet">${pick(lawyer.firm)} · ${t('执业证号')} <span class="hj-number">${lawyer.licence}</span></span></div>
      ${booking.can.includes('remove-participant') ? html`<button type="button" class="hj-slim hj-danger" data-testid="participant-remove"
        aria-label=${self ? t('退出会见') : t('移除律师：{name}', { name })} @click=${() => { this.said = ''; this.removing = one; }}>${self ? t('退出会见') : t('移除')}</button>` : nothing}</li>`;
  }

  private form() {
    const error = this.errors[0]?.text;
    return html`<form class="hj-stack" novalidate @submit=${this.add}>
      ${errorSummary(this.errors)}
      ${this.findings.length > 0 ? findingList(this.findings) : nothing}
      <div class="hj-field"><label for="licence">${t('增加一名律师')}</label>
        <span class="hj-hint" id="licence-hint">${t('请输入对方的执业证号（17 位数字）。对方须有同一当事人的委托或指派，并用自己的账号和设备参加。一次会见最多两名律师。')}</span>
        ${error ? html`<span class="hj-error" id="licence-error">${error}</span>` : nothing}
        <div class="participant-field"><input id="licence" name="licence" inputmode="numeric" autocomplete="off" maxlength="32" spellcheck="false" data-testid="participant-licence"
            aria-required="true" aria-invalid=${error ? 'true' : 'false'} aria-describedby="licence-hint ${error ? 'licence-error' : ''}" />
          <button data-testid="participant-add" ?disabled=${this.busy}>${t('增加')}</button></div></div></form>`;
  }

  private dialog() {
    const one = this.removing;
    const self = one?.lawyer.id === this.own;
    return html`<wa-dialog label=${self ? t('退出会见') : t('移除律师')} ?open=${one !== null} @wa-after-hide=${this.closed}>
      ${one ? html`<div class="hj-stack">
        ${this.removeFault ? html`<div role="alert">${notice('bad', this.removeFault)}</div>` : nothing}
        <p>${self ? t('退出后，您不能再进入这次会见，除非预约律师再次增加您。') : t('移除 {name} 律师？对方不能再进入这次会见；正在会见中的，会立即离开，其余的人换新的密钥和安全码。', { name: pick(one.lawyer.name) })}</p>
        <div class="hj-buttons">
          <button type="button" @click=${() => { this.removing = null; }}>${self ? t('不退出') : t('不移除')}</button>
          <button type="button" class="hj-danger hj-primary" data-testid="participant-remove-confirm" ?disabled=${this.busy} @click=${this.takeOut}>${self ? t('确认退出') : t('确认移除')}</button>
        </div></div>` : nothing}
    </wa-dialog>`;
  }

  protected override render() {
    const { booking } = this;
    if (!booking) return nothing;
    const some = participantsOf(booking);
    const asks = booking.can.includes('add-participant');
    if (some.length === 0 && !asks && !this.said) return this.dialog();
    return html`<section class="hj-card" aria-labelledby="participants-title" data-testid="participants">
        <h2 id="participants-title">${t('参加律师')}</h2>
        <div role="status" tabindex="-1" data-testid="participants-said">${this.said ? notice('good', this.said) : nothing}</div>
        ${some.length > 0 ? html`<ul class="hj-list">${some.map((one) => this.row(booking, one))}</ul>` : nothing}
        ${asks ? this.form() : nothing}
      </section>${this.dialog()}`;
  }
}
