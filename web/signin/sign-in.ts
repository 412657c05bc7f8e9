// SPDX-License-Identifier: Apache-2.0
// Sign in, then on to the role's page (or the page the session ended on).
import { ApiProblem, api } from '../lib/api';
import type { Role } from '../lib/model';
import { HjElement, customElement, html, nothing, state } from '../ui/element';
import '../ui/header';
import { homeOf } from '../ui/page';
import { problemText } from '../ui/problem';
import { howLink } from '../ui/promise';
import { errorSummary, type FieldError } from '../ui/shapes';
import { registerEnglish, t } from '../ui/text';
import { english } from './english';

registerEnglish(english);

/** Only a path of ours may follow a sign-in; anything else would lead a person astray. */
export function nextPage(search: string, role: Role): string {
  const next = new URLSearchParams(search).get('next') ?? '';
  const home = homeOf(role);
  return next.startsWith(home) && !next.startsWith('//') && !next.includes('\\') ? next : home;
}

@customElement('hj-sign-in')
export class HjSignIn extends HjElement {
  @state() private errors: FieldError[] = [];
  @state() private busy = false;

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = `${t('登录')} · ${t('会见')}`;
    // Who is signed in already goes on at once.
    api.me().then((me) => location.replace(nextPage(location.search, me.account.role)), () => undefined);
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const account = String(form.get('account') ?? '').trim();
    const password = String(form.get('password') ?? '');
    const errors: FieldError[] = [];
    if (!account) errors.push({ field: 'account', text: t('请输入账号。') });
    if (!password) errors.push({ field: 'password', text: t('请输入密码。') });
    if (errors.length > 0) return this.show(errors);
    this.busy = true;
    try {
      const me = await api.login(account, password);
      location.replace(nextPage(location.search, me.account.role));
    } catch (error) {
      const code = error instanceof ApiProblem ? error.code : '';
      const text = code === 'login-failed' ? t('账号或密码不正确。')
        : code === 'login-delayed' ? t('尝试次数过多，请稍后再试。') : problemText(error);
      this.show([{ field: code === 'login-failed' ? 'password' : 'account', text }]);
    } finally {
      this.busy = false;
    }
  }

  private show(errors: FieldError[]): void {
    this.errors = errors;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.hj-summary')?.focus());
  }

  private field(name: 'account' | 'password', label: string, type: string, complete: 'username' | 'current-password') {
    const error = this.errors.find((one) => one.field === name);
    return html`<div class="hj-field">
      <label for=${name}>${label}</label>
      ${error ? html`<span class="hj-error" id="${name}-error">${error.text}</span>` : nothing}
      <input id=${name} name=${name} type=${type} autocomplete=${complete} autocapitalize="none" spellcheck="false" data-testid="login-${name}"
        aria-invalid=${error !== undefined} aria-describedby=${error ? `${name}-error` : nothing} />
    </div>`;
  }

  protected override render() {
    return html`<hj-header></hj-header>
      <main id="main" class="hj-main sign-in" tabindex="-1">
        <div class="hj-card">
          <h1>${t('登录')}</h1>
          ${errorSummary(this.errors)}
          <form @submit=${this.submit} novalidate>
            ${this.field('account', t('账号'), 'text', 'username')}
            ${this.field('password', t('密码'), 'password', 'current-password')}
            <button class="hj-primary" type="submit" data-testid="login-submit" ?disabled=${this.busy}>${t('登录')}</button>
          </form>
        </div>
        <p class="hj-quiet">${t('律师与在押当事人的视频会见依法不被监听。本平台没有录音录像功能。')} ${howLink()}</p>
      </main>`;
  }
}
