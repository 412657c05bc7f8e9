// SPDX-License-Identifier: Apache-2.0
// The frame of a role's page: who is signed in, the route behind '#', header, error notice, focus after each change of view.
// A page extends HjPage, says its role and menu, and renders one view per route.
import { ApiProblem, api, setApiLanguage } from '../lib/api';
import type { Me, Role } from '../lib/model';
import { HjElement, html, nothing, state } from './element';
import type { TemplateResult } from './element';
import { startTypeSize, type MenuItem } from './header';
import './header';
import { notice } from './shapes';
import { problemText } from './problem';
import { locale, startLocale, t } from './text';
import { setServerTime } from './time';

const homes: Record<Role, string> = { lawyer: '/lawyer/', desk: '/desk/', administrator: '/admin/', supervisor: '/supervisor/' };

/** Where a role works. */
export function homeOf(role: Role): string {
  return homes[role] ?? '/';
}

/** Language and type size before anything is drawn; every page calls it first. */
export async function startPage(): Promise<void> {
  setApiLanguage(locale);
  startTypeSize();
  await startLocale();
}

export abstract class HjPage extends HjElement {
  @state() protected me: Me | null = null;
  @state() protected route: string[] = [];
  @state() private fault: unknown = null;

  protected abstract readonly worksFor: Role;
  protected abstract menu(): MenuItem[];
  /** The view of a route: `#/bookings/abc` is ['bookings', 'abc']; the first menu item's route when there is none. */
  protected abstract view(route: string[]): TemplateResult;
  /** The title of the view, without the product's name. */
  protected abstract titleOf(route: string[]): string;
  /** Called once, after the account is known. */
  protected started(): void {}
  /** Called when the route changed. */
  protected routed(_route: string[]): void {}

  private readonly onHash = () => this.readRoute(true);
  private readonly onLocale = () => this.setTitle();

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', this.onHash);
    addEventListener('lit-localize-status', this.onLocale);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.onHash);
    removeEventListener('lit-localize-status', this.onLocale);
  }

  private async begin(): Promise<void> {
    try {
      const me = await api.me();
      setServerTime(me.now_us);
      if (me.account.role !== this.worksFor) {
        location.replace(homeOf(me.account.role));
        return;
      }
      this.me = me;
      this.readRoute(false);
      this.started();
    } catch (error) {
      this.failed(error);
    }
  }

  private readRoute(moved: boolean): void {
    const route = location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
    this.route = route.length > 0 ? route : [this.menu()[0]?.path ?? ''];
    this.fault = null;
    this.setTitle();
    this.routed(this.route);
    // A screen reader learns of the new view by its heading; the first one is read with the document.
    if (moved) {
      void this.updateComplete.then(() => {
        scrollTo(0, 0);
        this.querySelector<HTMLElement>('#main h1')?.focus();
      });
    }
  }

  private setTitle(): void {
    if (this.me) document.title = `${this.titleOf(this.route)} · ${t('会见')}`;
  }

  /** Tells the reader what went wrong; a session that ended leads to the sign-in page and back. */
  protected failed(error: unknown): void {
    if (error instanceof ApiProblem && error.status === 401) {
      location.replace(`/?next=${encodeURIComponent(location.pathname + location.hash)}`);
      return;
    }
    if (!(error instanceof ApiProblem)) console.error(error);
    this.fault = error;
  }

  protected clearFault(): void {
    this.fault = null;
  }

  protected override render() {
    return html`
      <hj-header .me=${this.me} .menu=${this.me ? this.menu() : []} .path=${this.route[0] ?? ''}></hj-header>
      <main id="main" class="hj-main" tabindex="-1">
        ${this.fault ? html`<div role="alert" data-testid="page-fault">${notice('bad', problemText(this.fault))}</div>` : nothing}
        ${this.me ? this.view(this.route) : this.fault ? nothing : html`<p class="hj-waiting" role="status">${t('正在读取…')}</p>`}
      </main>`;
  }
}
