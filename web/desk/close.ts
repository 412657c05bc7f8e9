// SPDX-License-Identifier: Apache-2.0
// The dialog with which the desk cancels a booking or ends a meeting. Both are a person's acts and carry a reason.
import { ApiProblem, api } from '../lib/api';
import type { Booking } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import { DESK_REASONS } from '../ui/cancel-reasons';
import { problemText } from '../ui/problem';
import { notice } from '../ui/shapes';
import { choiceField } from '../staff/view';
import { pick, t } from '../ui/text';
import { formatRange } from '../ui/time';
import { endReasonText } from '../ui/words';
import { HjBookingDialog } from './dialog';

const END_REASONS = ['done', 'help', 'fault', 'identity', 'other'];

@customElement('hj-close-booking')
export class HjCloseBooking extends HjBookingDialog {
  @property() act: 'cancel' | 'end' = 'cancel';
  @state() private choice = '';
  @state() private error = '';

  protected label(): string {
    return this.act === 'end' ? t('结束会见') : t('取消会见');
  }

  protected override reset(): void {
    super.reset();
    this.choice = '';
    this.error = '';
  }

  private reasonOf(form: FormData): string {
    const choice = String(form.get('reason') ?? '');
    if (this.act === 'end' || choice !== 'other') return this.act === 'end' ? choice : DESK_REASONS[choice] ?? '';
    return String(form.get('more') ?? '').trim();
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.booking || this.busy) return;
    const reason = this.reasonOf(new FormData(event.target as HTMLFormElement));
    this.refusal = '';
    this.error = reason ? '' : this.choice === 'other' ? t('请写明原因。') : t('请选择原因。');
    if (this.error) return this.focusOn(this.choice === 'other' ? '#more' : '#reason');
    this.busy = true;
    try {
      const booking = this.act === 'end' ? await api.endBooking(this.booking.id, reason) : await api.cancelBooking(this.booking.id, reason);
      this.acted(booking, this.act === 'end' ? t('会见已结束。') : t('会见已取消。'));
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status === 401) return this.fault(error);
      this.refusal = problemText(error);
    } finally {
      this.busy = false;
    }
  }

  private reasons() {
    const choices = this.act === 'end'
      ? END_REASONS.map((value) => ({ value, label: endReasonText(value) }))
      : Object.entries(DESK_REASONS).map(([value, words]) => ({ value, label: t(words) }));
    const more = this.act === 'cancel' && this.choice === 'other';
    return html`<div @change=${(event: Event) => {
        const input = event.target as HTMLInputElement;
        if (input.name === 'reason') this.choice = input.value;
      }}>${choiceField({ name: 'reason', legend: t('原因'), choices, error: more ? '' : this.error })}</div>
      ${more ? html`<div class="hj-field"><label for="more">${t('写明原因')}</label>
        ${this.error ? html`<span class="hj-error" id="more-error">${this.error}</span>` : nothing}
        <span class="hj-hint" id="more-hint">${t('不要写案情和会见内容。')}</span>
        <textarea id="more" name="more" maxlength="200" data-testid="reason-more" aria-invalid=${this.error ? 'true' : 'false'}
          aria-describedby="more-hint ${this.error ? 'more-error' : ''}"></textarea></div>` : nothing}`;
  }

  protected form(booking: Booking) {
    const when = booking.starts_at_us === null ? t('尚未安排时间') : formatRange(booking.starts_at_us, booking.ends_at_us ?? booking.starts_at_us);
    return html`<form class="hj-stack" @submit=${this.submit} novalidate>
      ${this.refusal ? html`<div role="alert" data-testid="close-refused">${notice('bad', this.refusal)}</div>` : nothing}
      <p><strong>${pick(booking.detainee.name)}</strong> · ${pick(booking.lawyer.name)} · <span class="hj-number">${when}</span></p>
      ${this.act === 'end'
        ? notice('warn', t('结束后，双方立即断开，本次会见不能恢复。'), t('无正当理由不得中断律师会见。结束的原因记入会见记录，驻所检察官可以查看。'))
        : notice('warn', t('取消后，律师会收到原因。'), t('看守所应当在律师提出申请后 48 小时内安排会见到（刑事诉讼法第三十九条）。'))}
      ${this.reasons()}
      <div class="hj-buttons">
        <button type="button" @click=${this.leave}>${t('返回')}</button>
        <button class="hj-primary hj-danger" data-testid=${this.act === 'end' ? 'desk-end-submit' : 'desk-cancel-submit'} ?disabled=${this.busy}>
          ${this.act === 'end' ? t('确认结束会见') : t('确认取消会见')}</button>
      </div></form>`;
  }
}
