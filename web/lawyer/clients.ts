// SPDX-License-Identifier: Apache-2.0
// My clients: each with the standing in one line and the next booking.
import { api } from '../lib/api';
import type { Client, Finding } from '../lib/model';
import { customElement, html, nothing, state } from '../ui/element';
import { tag } from '../ui/shapes';
import { pick, t } from '../ui/text';
import { formatRange, formatDay, formatTime } from '../ui/time';
import { HjView } from '../ui/view';
import { authorityText, stageText } from '../ui/words';

@customElement('hj-clients')
export class HjClients extends HjView {
  protected override readonly every_ms = 60_000;
  @state() private clients: Client[] | null = null;
  @state() private reasons = new Map<string, Finding | null>();

  protected async read(): Promise<void> {
    const { clients } = await api.cases();
    this.clients = clients;
    await Promise.all(clients.filter((one) => !one.allowed && !this.reasons.has(one.authority)).map((one) => this.readReason(one)));
  }

  /** The list says whether, the check says why. Each is asked once for a visit: every look at a record is an act of its own. */
  private async readReason(client: Client): Promise<void> {
    this.reasons.set(client.authority, null);
    const { findings } = await api.eligibility(client.authority);
    const reason = findings.find((one) => one.severity === 'deny') ?? findings.find((one) => one.severity === 'permission') ?? null;
    this.reasons = new Map(this.reasons).set(client.authority, reason);
  }

  private standing(client: Client) {
    if (client.allowed) return tag('good', t('可以会见'), `standing-${client.authority}`);
    const first = this.reasons.get(client.authority);
    return html`${tag('bad', t('暂不能会见'), `standing-${client.authority}`)}
      <span>${first ? pick(first.title) : t('原因和办理方法见详情')}</span>`;
  }

  private next(client: Client) {
    const booking = client.next_booking;
    if (!booking) return nothing;
    const when = booking.starts_at_us === null ? t('已申请，待安排时段')
      : booking.ends_at_us ? formatRange(booking.starts_at_us, booking.ends_at_us)
        : `${formatDay(booking.starts_at_us)} ${formatTime(booking.starts_at_us)}`;
    return html`<p><wa-icon name="calendar"></wa-icon> ${t('下次会见：')}<a href="#/bookings/${booking.id}" data-testid="client-next-booking">${when}</a></p>`;
  }

  private row(client: Client) {
    const name = pick(client.detainee.name);
    return html`<li class="hj-row" data-testid="client-${client.authority}">
      <div class="hj-row-body">
        <div class="hj-row-head"><h2>${name}</h2>${this.standing(client)}</div>
        <p>${pick(client.case.charge)} · ${stageText(client.case.stage)} · ${client.centre ? pick(client.centre.name) : t('没有羁押记录')}</p>
        <p class="hj-quiet hj-small">${authorityText(client.kind)}${client.case.number ? html` · ${client.case.number}` : nothing}</p>
        ${this.next(client)}
      </div>
      <a class="hj-button ${client.allowed ? 'hj-primary' : ''}" href="#/clients/${client.authority}" data-testid="client-open"
        aria-label=${client.allowed ? t('预约会见：{name}', { name }) : t('查看原因：{name}', { name })}>${client.allowed ? t('预约会见') : t('查看原因')}</a>
    </li>`;
  }

  protected override render() {
    return html`<h1 tabindex="-1">${t('我的当事人')}</h1>
      ${this.clients === null ? this.loading()
        : this.clients.length === 0
          ? html`<div class="hj-empty"><p>${t('没有您的委托或指派记录。')}</p><p>${t('委托手续由看守所或律师协会录入后，这里会显示您的当事人。')}</p></div>`
          : html`<ul class="hj-list" data-testid="clients">${this.clients.map((client) => this.row(client))}</ul>`}`;
  }
}
