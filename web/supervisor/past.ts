// SPDX-License-Identifier: Apache-2.0
// Past meetings of the jurisdiction, by days and centre.
import { repeat } from 'lit/directives/repeat.js';
import { api } from '../lib/api';
import { codesDiffered, type Centre, type Meeting } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import { clockBadge, differedTag, errorSummary, type FieldError } from '../ui/shapes';
import { reasonText } from '../staff/meeting-words';
import { HjView, inputField, none, selectField } from '../staff/view';
import { pick, t } from '../ui/text';
import { DAY_US, dayKey, formatDateTime, formatDuration, nowUs, startOfDay } from '../ui/time';
import { dayRange, pastMeetings } from './past-list';

/** What the reader last asked for; coming back from a record shows the same list. */
const kept = { from: dayKey(startOfDay(nowUs()) - 6 * DAY_US), to: dayKey(nowUs()), centre: '' };

@customElement('hj-past')
export class HjPast extends HjView {
  @state() private meetings: Meeting[] | null = null;
  @state() private centres: Centre[] = [];
  @state() private errors: FieldError[] = [];
  @state() private centre = kept.centre;
  /** How many meetings have ended since the page was opened: the list is read again. */
  @property({ type: Number }) ended = 0;
  private asked = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    void api.centres().then(({ centres }) => { this.centres = centres; }, (error) => this.fault(error));
    void this.look();
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('ended') && changed.get('ended') !== undefined) void this.look();
  }

  private async look(): Promise<void> {
    const range = dayRange(kept.from, kept.to);
    this.errors = range ? [] : [{ field: 'past-to', text: t('请填写完整的日期，结束日期不早于开始日期。') }];
    if (!range) return this.focusSummary();
    const mine = ++this.asked;
    try {
      const { meetings } = await api.meetings({ state: 'ended', ...range });
      if (mine === this.asked) this.meetings = meetings;
    } catch (error) {
      this.fault(error);
    }
  }

  private submit(event: Event): void {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    kept.from = String(data.get('past-from'));
    kept.to = String(data.get('past-to'));
    void this.look();
  }

  private row(meeting: Meeting) {
    return html`<tr data-testid="past-meeting-${meeting.id}">
      <th scope="row" class="hj-number hj-nowrap"><a href="#/meetings/${meeting.id}" data-testid="past-open-${meeting.id}">${formatDateTime(meeting.admitted_at_us ?? meeting.ended_at_us ?? meeting.asked_at_us ?? 0)}</a></th>
      <td data-label=${t('看守所')}>${pick(meeting.centre.name)}<br /><span class="hj-small hj-quiet">${pick(meeting.room?.name)}</span></td>
      <td data-label=${t('律师')}>${pick(meeting.lawyer.name)}<br /><span class="hj-small hj-quiet">${pick(meeting.lawyer.firm)}</span></td>
      <td data-label=${t('在押人员编码')}><code class="hj-small hj-nowrap">${meeting.detainee.code}</code></td>
      <td data-label=${t('会见时长')} class="hj-number">${meeting.admitted_at_us === null ? t('未开始') : meeting.delivered_us === null ? none() : formatDuration(meeting.delivered_us)}</td>
      <td data-label=${t('结束原因')}>${codesDiffered(meeting) ? differedTag() : meeting.end_reason ? reasonText(meeting.end_reason) : none()}</td>
      <td data-label=${t('期限')}>${clockBadge(meeting.clock)}</td></tr>`;
  }

  private filter() {
    return html`<form class="hj-filter hj-no-print" novalidate @submit=${this.submit}>
      ${inputField({ id: 'past-from', label: t('开始日期'), type: 'date', value: kept.from, testid: 'past-from' })}
      ${inputField({ id: 'past-to', label: t('结束日期'), type: 'date', value: kept.to, errors: this.errors, testid: 'past-to' })}
      ${selectField({ id: 'past-centre', label: t('看守所'), value: this.centre, testid: 'past-centre',
        changed: (value) => { this.centre = kept.centre = value; },
        choices: [{ value: '', label: t('全部看守所') }, ...this.centres.map(({ id, name }) => ({ value: id, label: pick(name) }))] })}
      <button class="hj-primary" data-testid="past-search">${t('查询')}</button></form>`;
  }

  private table(rows: Meeting[]) {
    if (rows.length === 0) return html`<p class="hj-empty" data-testid="past-empty">${t('这段时间没有已结束的会见。')}</p>`;
    return html`<div class="hj-scroll" role="group" tabindex="0" aria-label=${t('历史会见')}><table class="supervisor-cards">
      <thead><tr><th scope="col">${t('开始时间')}</th><th scope="col">${t('看守所')}</th><th scope="col">${t('律师')}</th><th scope="col">${t('在押人员编码')}</th>
        <th scope="col">${t('会见时长')}</th><th scope="col">${t('结束原因')}</th><th scope="col">${t('期限')}</th></tr></thead>
      <tbody>${repeat(rows, ({ id }) => id, (meeting) => this.row(meeting))}</tbody></table></div>`;
  }

  protected override render() {
    const rows = this.meetings === null ? null : pastMeetings(this.meetings, this.centre);
    return html`<div class="hj-stack">
      <div class="hj-title"><h1 tabindex="-1">${t('历史会见')}</h1><button type="button" class="hj-slim hj-no-print" @click=${() => print()}>${t('打印')}</button></div>
      ${errorSummary(this.errors)}
      ${this.filter()}
      <p role="status" data-testid="past-count">${rows === null ? t('正在读取…') : t('共 {n} 次会见，合计 {span}', { n: rows.length, span: formatDuration(rows.reduce((sum, { delivered_us }) => sum + (delivered_us ?? 0), 0)) })}</p>
      ${rows === null ? nothing : this.table(rows)}
    </div>`;
  }
}
