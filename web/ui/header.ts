// SPDX-License-Identifier: Apache-2.0
// The head of every page: the product, who is signed in, language, type size, password, sign out, the menu.
import './icons';
import './dialog';
import './english';
import './password';
import { ApiProblem, api } from '../lib/api';
import type { Me } from '../lib/model';
import { HjElement, customElement, html, nothing, property, state } from './element';
import { roleName } from './roles';
import { locale, pick, setLocale, t } from './text';

export { roleName } from './roles';

export interface MenuItem {
  path: string;
  label: string;
  testid?: string;
}

const LARGE = 'huijian-large-type';

/** Applies the reader's type size before the first picture. */
export function startTypeSize(): void {
  let large = false;
  try {
    large = localStorage.getItem(LARGE) === '1';
  } catch {
    // Storage may be forbidden; then the page starts in normal size.
  }
  document.documentElement.toggleAttribute('data-large-type', large);
}

@customElement('hj-header')
export class HjHeader extends HjElement {
  @property({ attribute: false }) me: Me | null = null;
  @property({ attribute: false }) menu: MenuItem[] = [];
  @property() path = '';
  @state() private changingPassword = false;

  private toggleLargeType(): void {
    const large = document.documentElement.toggleAttribute('data-large-type');
    try {
      localStorage.setItem(LARGE, large ? '1' : '0');
    } catch {
      // As above.
    }
    this.requestUpdate();
  }

  private async signOut(): Promise<void> {
    try {
      await api.logout();
    } catch (error) {
      // A session that is gone already is signed out; anything else is told by the sign-in page, which asks again.
      if (!(error instanceof ApiProblem)) throw error;
    }
    location.assign('/');
  }

  protected override render() {
    const large = document.documentElement.hasAttribute('data-large-type');
    const account = this.me?.account;
    return html`
      <a class="hj-skip" href="#main" @click=${(event: Event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>${t('跳到正文')}</a>
      <header class="hj-header">
        <div class="hj-header-row">
          <a class="hj-brand" href=${account ? '#/' : '/'}><img src="/favicon.svg" alt="" /><span>${locale() === 'en' ? html`Huijian <small lang="zh-CN">会见</small>` : html`会见 <small lang="en">Huijian</small>`}</span></a>
          ${account ? html`<span class="hj-person" data-testid="signed-in"><span>${pick(account.display_name) || account.name}</span><br /><span>${roleName(account.role)}</span></span>` : nothing}
          <span role="group" aria-label=${t('语言')} class="hj-buttons">
            <button type="button" lang="zh-CN" data-testid="lang-zh" aria-pressed=${locale() === 'zh-CN'} @click=${() => setLocale('zh-CN')}>中文</button>
            <button type="button" lang="en" data-testid="lang-en" aria-pressed=${locale() === 'en'} @click=${() => setLocale('en')}>English</button>
          </span>
          <button type="button" class="hj-tool" data-testid="large-type" aria-pressed=${large} @click=${this.toggleLargeType}><wa-icon name="type"></wa-icon><span>${t('大字')}</span></button>
          ${account ? html`
            <button type="button" class="hj-tool" data-testid="change-password" @click=${() => { this.changingPassword = true; }}><wa-icon name="key"></wa-icon><span>${t('修改密码')}</span></button>
            <button type="button" class="hj-tool" data-testid="sign-out" @click=${this.signOut}><wa-icon name="exit"></wa-icon><span>${t('退出')}</span></button>` : nothing}
        </div>
      </header>
      ${this.menu.length > 0 ? html`
        <nav class="hj-menu" aria-label=${t('主菜单')}><ul>${this.menu.map((item) => html`
          <li><a href="#/${item.path}" data-testid=${item.testid ?? nothing} aria-current=${item.path === this.path ? 'page' : nothing}>${item.label}</a></li>`)}
        </ul></nav>` : nothing}
      <hj-password ?open=${this.changingPassword} @closed=${() => { this.changingPassword = false; }}></hj-password>`;
  }
}

declare global {
  interface HTMLElementTagNameMap { 'hj-header': HjHeader }
}
