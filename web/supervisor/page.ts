// SPDX-License-Identifier: Apache-2.0
// The supervisor (resident prosecutor, justice bureau): who meets whom now, who met whom, the clocks, the audit. It keeps one
// signalling socket for the whole visit, so that going to another view and back is not a new look each time.
import type { Role } from '../lib/model';
import { customElement, html, nothing, state } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import type { MenuItem } from '../ui/header';
import { HjPage } from '../ui/page';
import { notice } from '../ui/shapes';
import { FAULT } from '../staff/view';
import { locale, registerEnglish, t } from '../ui/text';
import { formatTimeSeconds, nowUs } from '../ui/time';
import '../staff/clock-list';
import { Follow } from './follow';
import './audit';
import './live';
import './past';
import './record';
import { english } from './english';

registerEnglish(english);

@customElement('hj-supervisor-page')
export class HjSupervisorPage extends HjPage {
  protected readonly worksFor: Role = 'supervisor';
  @state() private follow: Follow | null = null;
  @state() private turn = 0;
  @state() private ended = 0;
  private tick: ReturnType<typeof setInterval> | undefined;
  private readonly onOnline = () => this.follow?.retry();

  constructor() {
    super();
    this.addEventListener(FAULT, (event) => this.failed((event as CustomEvent).detail));
  }

  protected override started(): void {
    this.follow = new Follow({
      changed: () => { this.turn += 1; },
      ended: (ids) => { this.ended += ids.length; },
      refused: (error) => this.failed(error),
      locale,
      now_us: nowUs,
      url: `${location.origin.replace(/^http/, 'ws')}/ws`,
    });
    this.follow.start();
    // Durations and clocks on the page go on without news.
    this.tick = setInterval(() => {
      this.turn += 1;
      if (this.turn % 3 === 0) void this.follow?.probe();
    }, 5000);
    addEventListener('online', this.onOnline);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.tick);
    removeEventListener('online', this.onOnline);
    this.follow?.close();
    this.follow = null;
  }

  protected menu(): MenuItem[] {
    return [
      { path: 'live', label: t('实时会见'), testid: 'supervisor-tab-live' },
      { path: 'meetings', label: t('历史会见'), testid: 'supervisor-tab-meetings' },
      { path: 'clocks', label: t('48 小时期限'), testid: 'supervisor-tab-clocks' },
      { path: 'audit', label: t('审计记录'), testid: 'supervisor-tab-audit' },
    ];
  }

  protected titleOf(route: string[]): string {
    if (route[0] === 'meetings' && route[1]) return t('会见记录');
    return this.menu().find(({ path }) => path === route[0])?.label ?? t('实时会见');
  }

  private connection(): TemplateResult {
    const { follow } = this;
    const lost = follow !== null && (follow.link === 'lost' || follow.link === 'closed');
    // The region stays, empty, so that a screen reader hears what appears in it.
    return html`<div role="alert" class="supervisor-alert" data-testid="connection-lost-region">${lost ? html`<div data-testid="connection-lost">${notice('bad', t('与服务器的连接已中断'),
      follow.over ? t('与服务器的连接已断开，不再重试。请刷新页面。') : follow.heard_us === null ? t('正在自动重连。') : t('实时名单停在 {time}，正在自动重连。', { time: formatTimeSeconds(follow.heard_us) }))}</div>` : nothing}</div>`;
  }

  private body(route: string[]): TemplateResult {
    switch (route[0]) {
      case 'meetings': return route[1] ? html`<hj-record .meeting=${route[1]} .changes=${this.follow?.list.changesOf(route[1]) ?? 0}></hj-record>` : html`<hj-past .ended=${this.ended}></hj-past>`;
      case 'clocks': return html`<hj-clock-list></hj-clock-list>`;
      case 'audit': return html`<hj-audit .object=${route[1] ?? ''}></hj-audit>`;
      default: return html`<hj-live .follow=${this.follow} .turn=${this.turn}></hj-live>`;
    }
  }

  protected view(route: string[]): TemplateResult {
    return html`${this.connection()}${this.body(route)}`;
  }
}
