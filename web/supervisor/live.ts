// SPDX-License-Identifier: Apache-2.0
// The meetings that are on now, as the follow messages tell them. Never a picture, never a sound: the page says so and
// there is nothing in it that could show one.
import { repeat } from 'lit/directives/repeat.js';
import { codesDiffered, type Meeting, type MeetingSeat } from '../lib/model';
import { customElement, html, nothing, property } from '../ui/element';
import { reasonText, seatName, seatTone } from '../staff/meeting-words';
import { howLink } from '../ui/promise';
import { clockBadge, differedTag, meetingStateTag, notice, tag } from '../ui/shapes';
import { currentSeats, whose } from '../staff/seats';
import { HjView, none } from '../staff/view';
import { pick, t } from '../ui/text';
import { formatDuration, formatTime, nowUs } from '../ui/time';
import { qualityText, seatStateText } from '../ui/words';
import type { Follow } from './follow';
import { sinceUs } from './live-list';

/** What nobody can see or hear, in the words of the law. */
export function metadataOnly() {
  return html`<p class="hj-banner supervisor-promise" data-testid="metadata-only"><wa-icon name="shield"></wa-icon>
    <span>${t('本页只有会见的时间、人员和连接状态。任何人在这里都看不到画面、听不到声音：律师会见不被监听（刑事诉讼法第三十九条）。')} ${howLink()}</span></p>`;
}

@customElement('hj-live')
export class HjLive extends HjView {
  @property({ attribute: false }) follow: Follow | null = null;
  /** Changes when the list may have changed, or time went on. */
  @property({ type: Number }) turn = 0;

  private since(meeting: Meeting) {
    const at_us = sinceUs(meeting);
    if (at_us === null) return t('尚未开始');
    const values = { time: formatTime(at_us), span: formatDuration(nowUs() - at_us) };
    switch (meeting.state) {
      case 'ended': return t('{time} 结束', values);
      case 'waiting': return t('{time} 起等候，已 {span}', values);
      default: return t('{time} 开始，已 {span}', values);
    }
  }

  private seat(seat: MeetingSeat, seats: MeetingSeat[]) {
    const name = pick(whose(seat, seats));
    const quality = seat.state === 'admitted' && seat.quality ? qualityText(seat.quality) : '';
    return html`<li class="supervisor-seat" data-testid="live-seat-${seat.role}">
      <span>${seatName(seat.role)}${name ? html` · ${name}` : nothing}</span> ${tag(seatTone(seat.state), seatStateText(seat.state))}
      ${seat.secured && seat.state !== 'left' ? html`<span class="hj-small hj-quiet">${t('加密已建立')}</span>` : nothing}
      ${quality ? html`<span class="hj-small hj-quiet">${quality}</span>` : nothing}
      ${seat.joined_at_us ? html`<span class="hj-small hj-quiet hj-number">${t('{time} 进入', { time: formatTime(seat.joined_at_us) })}</span>` : nothing}</li>`;
  }

  private row(meeting: Meeting) {
    const seats = currentSeats(meeting.seats);
    const title = `live-title-${meeting.id}`;
    return html`<li><article class="supervisor-meeting" data-testid="live-meeting-${meeting.id}" aria-labelledby=${title}>
      <div class="hj-row-head"><span data-testid="live-state">${meetingStateTag(meeting.state)}</span>${codesDiffered(meeting) ? differedTag() : nothing}
        <h2 id=${title}>${pick(meeting.centre?.name)} · ${pick(meeting.room?.name)}</h2>
        <span class="hj-number supervisor-since">${this.since(meeting)}</span></div>
      <dl class="supervisor-facts">
        <div><dt>${t('律师')}</dt><dd><strong>${pick(meeting.lawyer?.name)}</strong> ${pick(meeting.lawyer?.firm)}<br /><span class="hj-small hj-quiet">${t('执业证号')} <span class="hj-number">${meeting.lawyer?.licence}</span></span></dd></div>
        <div><dt>${t('在押人员编码')}</dt><dd><code>${meeting.detainee?.code}</code></dd></div>
        <div><dt>${t('席位')}</dt><dd><ul class="supervisor-seats">${seats.length === 0 ? html`<li class="hj-quiet">${t('尚无人进入')}</li>` : repeat(seats, ({ seat }) => seat, (seat) => this.seat(seat, seats))}</ul></dd></div>
        <div><dt>${t('期限')}</dt><dd>${meeting.clock ? clockBadge(meeting.clock) : none()}
          ${meeting.state === 'ended' && meeting.end_reason && !codesDiffered(meeting) ? html`<br />${t('结束原因：{reason}', { reason: reasonText(meeting.end_reason) })}` : nothing}</dd></div>
      </dl>
      <p><a href="#/meetings/${meeting.id}" aria-label="${t('会见记录')} ${pick(meeting.lawyer?.name)} ${pick(meeting.room?.name)}">${t('会见记录')}</a></p>
    </article></li>`;
  }

  protected override render() {
    const list = this.follow?.list;
    const rows = list?.rows(nowUs()) ?? [];
    const known = this.follow?.known ?? false;
    const counts = { live: list?.count('live') ?? 0, cut: list?.count('cut_off') ?? 0, waiting: list?.count('waiting') ?? 0 };
    return html`<div class="hj-stack">
      <div class="hj-title"><h1 tabindex="-1">${t('实时会见')}</h1>
        ${this.follow?.link === 'open' && known ? tag('good', t('实时更新中'), 'live-link') : nothing}</div>
      ${metadataOnly()}
      <p role="status" data-testid="live-count">${known ? t('进行中 {live} · 连接中断 {cut} · 等候中 {waiting}', counts) : t('正在连接…')}</p>
      ${rows.length > 0 ? html`<ul class="hj-list">${repeat(rows, ({ id }) => id, (meeting) => this.row(meeting))}</ul>`
        : known ? html`<p class="hj-empty" data-testid="live-empty">${t('现在没有会见。开始后会自动出现在这里。')}</p>` : nothing}
      ${known && counts.cut > 0 ? notice('warn', t('有会见的连接中断'), t('系统正在等待中断的一方恢复连接。')) : nothing}
    </div>`;
  }
}
