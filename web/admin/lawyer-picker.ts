// SPDX-License-Identifier: Apache-2.0
// Finds the lawyer an account belongs to, by name or licence, in the lawyers' register.
import { api } from '../lib/api';
import type { Lawyer } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import { HjView } from '../staff/view';
import { pick, t } from '../ui/text';

@customElement('hj-lawyer-picker')
export class HjLawyerPicker extends HjView {
  @property({ attribute: false }) chosen: Lawyer | null = null;
  @property() error = '';
  @state() private found: Lawyer[] | null = null;
  private asked = 0;

  private timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private typed(event: Event): void {
    const text = (event.target as HTMLInputElement).value.trim();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(text), 250);
  }

  private async look(text: string): Promise<void> {
    const mine = ++this.asked;
    if (!text) {
      this.found = null;
      return;
    }
    try {
      const { lawyers } = await api.lawyers(text);
      // Answers may overtake each other; the last question counts.
      if (mine === this.asked) this.found = lawyers.slice(0, 8);
    } catch (error) {
      this.fault(error);
    }
  }

  private choose(lawyer: Lawyer | null): void {
    this.found = null;
    this.dispatchEvent(new CustomEvent('chosen', { detail: lawyer }));
    this.focusOn(lawyer ? '[data-testid=lawyer-change]' : '#lawyer');
  }

  private results() {
    if (this.found === null) return nothing;
    return html`<ul class="admin-found" data-testid="lawyer-results">${this.found.map((lawyer) => html`<li><button type="button" data-testid="lawyer-pick-${lawyer.id}"
      @click=${() => this.choose(lawyer)}><strong>${pick(lawyer.name)}</strong> <span class="hj-number">${lawyer.licence}</span> <span>${pick(lawyer.firm)}</span></button></li>`)}</ul>
      <p role="status" class="hj-small hj-quiet">${this.found.length === 0 ? t('没有找到。请核对姓名或执业证号。') : t('找到 {n} 名律师', { n: this.found.length })}</p>`;
  }

  protected override render() {
    const { chosen } = this;
    if (chosen) {
      return html`<div class="hj-field"><span class="hj-label">${t('律师')}</span>
        <div class="hj-buttons"><span><strong>${pick(chosen.name)}</strong> <span class="hj-number">${chosen.licence}</span> ${pick(chosen.firm)}</span>
          <button type="button" class="hj-slim" data-testid="lawyer-change" @click=${() => this.choose(null)}>${t('另选')}</button></div></div>`;
    }
    return html`<div class="hj-field"><label for="lawyer">${t('律师')}</label>
      <span class="hj-hint" id="lawyer-hint">${t('输入姓名或执业证号查找。')}</span>
      ${this.error ? html`<span class="hj-error" id="lawyer-error">${this.error}</span>` : nothing}
      <input id="lawyer" type="search" autocomplete="off" data-testid="account-lawyer" aria-invalid=${this.error ? 'true' : 'false'}
        aria-describedby="lawyer-hint ${this.error ? 'lawyer-error' : ''}" @input=${this.typed} @keydown=${(event: KeyboardEvent) => {
          // Enter in the search field looks at once; it does not send the form.
          if (event.key !== 'Enter') return;
          event.preventDefault();
          this.typed(event);
        }} />
      ${this.results()}</div>`;
  }
}
