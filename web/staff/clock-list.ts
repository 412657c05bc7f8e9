// SPDX-License-Identifier: Apache-2.0
// The running 48-hour clocks, the most pressing first. Desk and supervisor read the same list.
import { repeat } from 'lit/directives/repeat.js';
import { api } from '../lib/api';
import type { Centre, Clock, Words } from '../lib/model';
import { customElement, html, nothing, state } from '../ui/element';
import { clocksAtRisk, riskOf, type Risk } from './clock-risk';
import { Poll } from './poll';
import { clockBadge, tag, type Tone } from '../ui/shapes';
import { freshness, HjView } from './view';
import { pick, t } from '../ui/text';
import { formatDateTime, nowUs } from '../ui/time';

@customElement('hj-clock-list')
export class HjClockList extends HjView {
  @state() private clocks: Clock[] = [];
  @state() private centres: Centre[] = [];
  @state() private all = false;
  private readonly poll = new Poll(this, () => this.read(), this.pollFault, 15_000);

  private async read(): Promise<void> {
    const [{ clocks }, { centres }] = await Promise.all([api.clocks(), this.centres.length > 0 ? { centres: this.centres } : api.centres()]);
    this.clocks = clocks;
    this.centres = centres;
  }

  private centreName(centre: Clock['centre']): string {
    if (typeof centre === 'object' && 'id' in centre) return pick(centre.name);
    const known = this.centres.find(({ id }) => id === centre);
    return known ? pick(known.name) : pick(centre as Words);
  }

  private risk(risk: Risk) {
    const words: Record<Risk, [Tone, string]> = {
      overdue: ['bad', t('已超期')],
      urgent: ['warn', t('紧迫')],
      soon: ['info', t('临近')],
      calm: ['plain', t('充裕')],
      closed: ['plain', t('已了结')],
    };
    return tag(...words[risk]);
  }

  private row(clock: Clock) {
    return html`<tr data-testid="clock-row-${clock.id}">
      <td>${this.risk(riskOf(clock, nowUs()))}</td>
      <td>${clockBadge(clock)}</td>
      <td>${this.centreName(clock.centre)}</td>
      <td class="hj-number">${formatDateTime(clock.started_at_us)}</td>
      <td class="hj-number">${formatDateTime(clock.due_at_us)}</td>
      <td><code>${clock.booking}</code></td></tr>`;
  }

  protected override render() {
    const rows = clocksAtRisk(this.clocks, nowUs(), this.all);
    const overdue = rows.filter((clock) => riskOf(clock, nowUs()) === 'overdue').length;
    return html`<div class="hj-stack">
      <h1 tabindex="-1">${t('48 小时期限')}</h1>
      <p>${t('律师提出申请起，看守所应当至迟在 48 小时内安排会见（刑事诉讼法第三十九条）。只有实际会见到，期限才算完成。')}</p>
      ${freshness(this.poll)}
      <div class="hj-title"><p data-testid="clock-count">${t('计算中 {n} 件，其中超期 {o} 件', { n: rows.filter(({ state: is }) => is === 'running' || is === 'overdue').length, o: overdue })}</p>
        <label class="hj-choice hj-no-print"><input type="checkbox" data-testid="clock-all" .checked=${this.all}
          @change=${(event: Event) => { this.all = (event.target as HTMLInputElement).checked; }} />${t('同时显示已了结的')}</label></div>
      ${rows.length === 0 ? this.poll.answeredAt === null ? nothing : html`<p class="hj-empty">${t('没有正在计算的期限。')}</p>` : html`
        <div class="hj-scroll" role="group" tabindex="0" aria-label=${t('48 小时期限')}><table>
          <thead><tr><th scope="col">${t('紧迫程度')}</th><th scope="col">${t('期限')}</th><th scope="col">${t('看守所')}</th>
            <th scope="col">${t('申请时间')}</th><th scope="col">${t('届满时间')}</th><th scope="col">${t('预约编号')}</th></tr></thead>
          <tbody>${repeat(rows, ({ id }) => id, (clock) => this.row(clock))}</tbody></table></div>`}
    </div>`;
  }
}
