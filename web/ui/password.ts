// SPDX-License-Identifier: Apache-2.0
// The dialog in which a person changes the own password.
import { ApiProblem, api } from '../lib/api';
import { HjElement, customElement, html, nothing, property, state } from './element';
import { isOwnEvent } from './dialog';
import { problemText } from './problem';
import { t } from './text';

@customElement('hj-password')
export class HjPassword extends HjElement {
  @property({ type: Boolean }) open = false;
  @state() private fault = '';
  @state() private faultField: 'current' | 'new' | 'again' | '' = '';
  @state() private done = false;
  @state() private busy = false;

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const current = String(form.get('current') ?? '');
    const next = String(form.get('new') ?? '');
    this.faultField = '';
    this.fault = '';
    if (next !== String(form.get('again') ?? '')) {
      this.fail('again', t('两次输入的新密码不一致。'));
      return;
    }
    this.busy = true;
    try {
      await api.setPassword(current, next);
      this.done = true;
      (event.target as HTMLFormElement).reset();
    } catch (error) {
      const code = error instanceof ApiProblem ? error.code : '';
      this.fail(code === 'login-failed' ? 'current' : code === 'password-weak' ? 'new' : '',
        code === 'login-failed' ? t('当前密码不正确。') : problemText(error));
    } finally {
      this.busy = false;
    }
  }

  private fail(field: typeof this.faultField, text: string): void {
    this.faultField = field;
    this.fault = text;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(field ? `[name=${field}]` : '[role=alert]')?.focus());
  }

  private closed(event: Event): void {
    if (!isOwnEvent(event)) return;
    this.fault = '';
    this.done = false;
    this.dispatchEvent(new CustomEvent('closed'));
  }

  private field(name: 'current' | 'new' | 'again', label: string, complete: 'current-password' | 'new-password', hint = '') {
    const wrong = this.faultField === name;
    return html`<div class="hj-field">
      <label for="password-${name}">${label}</label>
      ${hint ? html`<span class="hj-hint" id="password-${name}-hint">${hint}</span>` : nothing}
      ${wrong ? html`<span class="hj-error" id="password-${name}-error">${this.fault}</span>` : nothing}
      <input id="password-${name}" name=${name} type="password" required autocomplete=${complete} data-testid="password-${name}"
        aria-invalid=${wrong} aria-describedby="${hint ? `password-${name}-hint` : ''} ${wrong ? `password-${name}-error` : ''}" />
    </div>`;
  }

  protected override render() {
    return html`<wa-dialog label=${t('修改密码')} ?open=${this.open} @wa-after-hide=${this.closed}>
      ${this.done
        ? html`<p role="status" data-testid="password-done">${t('密码已修改。')}</p>
          <div class="hj-buttons"><button class="hj-primary" type="button" @click=${() => { this.open = false; }}>${t('关闭')}</button></div>`
        : html`<form @submit=${this.save}>
          ${this.fault && !this.faultField ? html`<p role="alert" tabindex="-1" class="hj-error">${this.fault}</p>` : nothing}
          ${this.field('current', t('当前密码'), 'current-password')}
          ${this.field('new', t('新密码'), 'new-password', t('至少 10 个字符，不要使用常见密码或账号名。'))}
          ${this.field('again', t('再次输入新密码'), 'new-password')}
          <div class="hj-buttons">
            <button type="button" @click=${() => { this.open = false; }}>${t('取消')}</button>
            <button class="hj-primary" ?disabled=${this.busy} data-testid="password-save">${t('保存')}</button>
          </div></form>`}
    </wa-dialog>`;
  }
}
