// SPDX-License-Identifier: Apache-2.0
// The audit entries, the newest first, page by page. Ids only: the audit holds no names.
import { repeat } from 'lit/directives/repeat.js';
import { api } from '../lib/api';
import type { AuditEntry } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import { actorText, actText, reasonText, wentThrough } from '../staff/meeting-words';
import { tag } from '../ui/shapes';
import { HjView, inputField, none } from '../staff/view';
import { t } from '../ui/text';
import { formatDate, formatTimeSeconds } from '../ui/time';
import { actName } from './timeline';

const PAGE = 50;

@customElement('hj-audit')
export class HjAudit extends HjView {
  @property() object = '';
  @state() private entries: AuditEntry[] = [];
  @state() private next: number | null = null;
  @state() private busy = false;
  @state() private loaded = false;
  private asked = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look(null);
  }

  /** before: (nullable): the first page. */
  private async look(before: number | null): Promise<void> {
    const mine = ++this.asked;
    this.busy = true;
    try {
      const object = this.object.trim();
      const answer = await api.auditEntries({ limit: PAGE, ...(before === null ? {} : { before }), ...(object ? { object } : {}) });
      if (mine !== this.asked) return;
      const first = this.entries.length;
      this.entries = before === null ? answer.entries : [...this.entries, ...answer.entries];
      this.next = answer.entries.length > 0 ? answer.next : null;
      this.loaded = true;
      // The button may be gone: go on reading where the new rows begin.
      if (before !== null) this.focusOn(`[data-at="${first}"]`);
    } catch (error) {
      this.fault(error);
    } finally {
      if (mine === this.asked) this.busy = false;
    }
  }

  private submit(event: Event): void {
    event.preventDefault();
    this.object = String(new FormData(event.target as HTMLFormElement).get('audit-object') ?? '');
    void this.look(null);
  }

  private row(entry: AuditEntry, index: number) {
    const done = wentThrough(entry.result);
    return html`<tr data-testid="audit-row" data-at=${index} tabindex="-1">
      <td class="hj-number" data-label=${t('序号')}>${entry.seq}</td>
      <td class="hj-number hj-nowrap" data-label=${t('时间')}>${formatDate(entry.at_us)} ${formatTimeSeconds(entry.at_us)}</td>
      <td data-label=${t('行为')}><strong>${actText(actName(entry.act))}</strong></td>
      <td data-label=${t('行为人')}>${actorText('', entry.role)}<br /><code class="hj-small">${entry.actor}</code></td>
      <td data-label=${t('对象')}>${entry.object ? html`<code class="hj-small">${entry.object}</code>` : none()}</td>
      <td data-label=${t('结果')}>${done ? tag('good', t('完成')) : tag('bad', t('被拒绝'))}${entry.reason ? html`<br /><span class="hj-small">${reasonText(entry.reason)}</span>` : nothing}</td></tr>`;
  }

  protected override render() {
    return html`<div class="hj-stack">
      <div class="hj-title"><h1 tabindex="-1">${t('审计记录')}</h1><button type="button" class="hj-slim hj-no-print" @click=${() => print()}>${t('打印')}</button></div>
      <p>${t('每一项办理和每一次被拒绝的请求都记录在此，只增不改。记录中只有编号，没有姓名和会见内容。')}</p>
      <form class="hj-filter hj-no-print" novalidate @submit=${this.submit}>
        ${inputField({ id: 'audit-object', label: t('对象编号'), hint: t('例如 booking:编号。留空为全部。'), value: this.object, maxlength: 80, testid: 'audit-object' })}
        <button class="hj-primary" data-testid="audit-search">${t('查询')}</button></form>
      <p role="status" data-testid="audit-count">${this.loaded ? t('已显示 {n} 条', { n: this.entries.length }) : t('正在读取…')}</p>
      ${this.entries.length === 0 ? this.loaded ? html`<p class="hj-empty">${t('没有符合条件的记录。')}</p>` : nothing : html`
        <div class="hj-scroll" role="group" tabindex="0" aria-label=${t('审计记录')}><table class="supervisor-cards">
          <thead><tr><th scope="col">${t('序号')}</th><th scope="col">${t('时间')}</th><th scope="col">${t('行为')}</th><th scope="col">${t('行为人')}</th><th scope="col">${t('对象')}</th><th scope="col">${t('结果')}</th></tr></thead>
          <tbody>${repeat(this.entries, ({ seq }) => seq, (entry, index) => this.row(entry, index))}</tbody></table></div>`}
      ${this.next === null ? nothing : html`<p><button type="button" data-testid="audit-more" ?disabled=${this.busy} @click=${() => this.look(this.next)}>${t('更早的记录')}</button></p>`}
    </div>`;
  }
}
