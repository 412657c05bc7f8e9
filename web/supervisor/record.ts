// SPDX-License-Identifier: Apache-2.0
// The record of one meeting: who, where, how long, and every act from the request to the end, in order. Never content.
import { api } from '../lib/api';
import { codesDiffered, type Meeting, type MeetingSeat } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import { actText, actorText, reasonText, seatName, wentThrough } from '../staff/meeting-words';
import { clockBadge, differedTag, meetingStateTag, tag } from '../ui/shapes';
import { formatSpan } from '../staff/span';
import { HjView, none } from '../staff/view';
import { pick, t } from '../ui/text';
import { formatDate, formatDateTime, formatTime, formatTimeSeconds } from '../ui/time';
import { qualityText } from '../ui/words';
import { metadataOnly } from './live';
import { codeSaidUs, endedBy, isId, isMinor, shownSteps, spansOf, timelineOf, type Step } from './timeline';

/** What the person at the seat said of the security code. */
function codeTag({ code }: MeetingSeat) {
  switch (code) {
    case 'same': return tag('good', t('一致'));
    case 'different': return tag('bad', t('不一致'));
    default: return tag('plain', t('未核对'));
  }
}

function whoEnded(meeting: Meeting) {
  const by = endedBy(meeting);
  if (by === null) return nothing;
  if (!codesDiffered(meeting)) return html`<dt>${t('结束人')}</dt><dd data-testid="record-ended-by">${actorText(by.name, by.role)}</dd>`;
  const who = by.role === 'lawyer' && pick(by.name) ? t('{name} 律师', { name: pick(by.name) }) : actorText('', by.role);
  return html`<dt>${t('结束人')}</dt><dd data-testid="record-ended-by">${t('{who}按了“不一致”', { who })}</dd>`;
}

@customElement('hj-record')
export class HjRecord extends HjView {
  @property() meeting = '';
  /** Grows with each change that the follow messages tell. */
  @property({ type: Number }) changes = 0;
  @state() private record: Meeting | null = null;
  @state() private all = false;
  private asked = 0;
  private settle: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.settle);
  }

  private async read(): Promise<void> {
    const mine = ++this.asked;
    try {
      const record = await api.meeting(this.meeting);
      if (mine === this.asked) this.record = record;
    } catch (error) {
      this.fault(error);
    }
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('meeting')) this.record = null;
  }

  /** Every look is an act that is recorded: it is read once, and again when the meeting changed, once for a burst of changes. */
  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('meeting') && this.meeting) {
      void this.read();
    } else if (changed.has('changes') && this.record !== null && this.record.state !== 'ended') {
      clearTimeout(this.settle);
      this.settle = setTimeout(() => void this.read(), 500);
    }
  }

  private step(step: Step) {
    const done = wentThrough(step.result);
    const reason = step.reason ? reasonText(step.reason) : '';
    return html`${step.opens_day ? html`<li class="supervisor-day"><h3>${formatDate(step.at_us)}</h3></li>` : nothing}
      <li class="supervisor-step ${done && step.act !== 'code-different' ? '' : 'supervisor-refused'}" data-testid="record-step" data-act=${step.act}>
        <time class="hj-number" datetime=${new Date(step.at_us / 1000).toISOString()}>${formatTimeSeconds(step.at_us)}</time>
        <div><strong>${actText(step.act)}</strong> ${done ? nothing : tag('bad', t('被拒绝'))}
          <span class="hj-quiet">${isId(step.actor) ? html`${actorText('', step.role)} <code class="hj-small">${step.actor}</code>` : actorText(step.actor, step.role)}</span>
          ${step.seat ? html`<span> · ${seatName(step.seat)}</span>` : nothing}
          ${step.let_in.map((seat) => html`<span> · ${seat.role === 'kiosk' ? seatName(seat.role) : actorText(seat.name, seat.role)}</span>`)}
          ${this.custody(step)}
          ${reason ? html`<br /><span class="hj-small">${t('原因：{reason}', { reason })}</span>` : nothing}
          ${step.recorded ? nothing : html`<br /><span class="hj-small hj-quiet">${t('（据会见登记时间）')}</span>`}</div></li>`;
  }

  private custody({ custody }: Step) {
    if (custody === null) return nothing;
    const time = (at_us: number | null) => (at_us === null ? '—' : formatTime(at_us));
    return html`<br /><span class="hj-small hj-number">${t('提出监室 {out}，到达会见室 {arrived}', { out: time(custody.taken_out_at_us), arrived: time(custody.arrived_at_us) })}</span>`;
  }

  private span(label: string, value_us: number | null, hint = '') {
    return html`<dt>${label}</dt><dd class="hj-number">${value_us === null ? none() : formatSpan(value_us)} ${hint && value_us !== null ? html`<span class="hj-small hj-quiet">${hint}</span>` : nothing}</dd>`;
  }

  private facts(meeting: Meeting) {
    const spans = spansOf(meeting);
    return html`<div class="hj-columns">
      <section class="hj-card" aria-labelledby="who-title"><h2 id="who-title">${t('会见概况')}</h2><dl class="hj-facts">
        <dt>${t('状态')}</dt><dd>${meetingStateTag(meeting.state)} ${codesDiffered(meeting) ? differedTag() : meeting.end_reason ? reasonText(meeting.end_reason) : nothing}</dd>
        ${whoEnded(meeting)}
        <dt>${t('看守所')}</dt><dd>${pick(meeting.centre.name)} · ${pick(meeting.room?.name)}</dd>
        <dt>${t('律师')}</dt><dd>${pick(meeting.lawyer.name)}<br />${pick(meeting.lawyer.firm)}<br /><span class="hj-small hj-quiet">${t('执业证号')} ${meeting.lawyer.licence}</span></dd>
        <dt>${t('在押人员编码')}</dt><dd><code>${meeting.detainee.code}</code></dd>
        <dt>${t('预约编号')}</dt><dd><code>${meeting.booking}</code></dd></dl></section>
      <section class="hj-card" aria-labelledby="spans-title"><h2 id="spans-title">${t('时间')}</h2><dl class="hj-facts">
        <dt>${t('期限')}</dt><dd>${meeting.clock ? html`${clockBadge(meeting.clock)}<br /><span class="hj-small hj-quiet">${t('届满：{time}', { time: formatDateTime(meeting.clock.due_at_us) })}</span>` : none()}</dd>
        ${this.span(t('申请到会见开始'), spans.request_to_meeting_us)}
        ${this.span(t('核验到会见开始'), spans.waiting_us)}
        ${this.span(t('会见全程'), spans.whole_us)}
        ${this.span(t('实际会见时长'), spans.delivered_us, t('扣除连接中断'))}
        ${this.span(t('连接中断合计'), spans.interrupted_us)}</dl></section></div>`;
  }

  private seats(meeting: Meeting) {
    if (meeting.seats.length === 0) return nothing;
    return html`<section class="hj-stack" aria-labelledby="seats-title"><h2 id="seats-title">${t('席位')}</h2>
      <div class="hj-scroll" role="group" tabindex="0" aria-labelledby="seats-title"><table><thead><tr><th scope="col">${t('席位')}</th><th scope="col">${t('名称')}</th><th scope="col">${t('进入')}</th><th scope="col">${t('离开')}</th><th scope="col">${t('通话质量')}</th><th scope="col">${t('安全码（最后一次）')}</th></tr></thead>
      <tbody>${meeting.seats.map((seat) => html`<tr><th scope="row">${seatName(seat.role)}</th><td>${pick(seat.name)}</td>
        <td class="hj-number">${seat.joined_at_us ? formatTimeSeconds(seat.joined_at_us) : none()}</td><td class="hj-number">${seat.left_at_us ? formatTimeSeconds(seat.left_at_us) : none()}</td>
        <td>${seat.quality ? qualityText(seat.quality) : none()}</td><td data-testid="record-code">${codeTag(seat)} ${this.codeTime(seat)}</td></tr>`)}</tbody></table></div>
      <p class="hj-quiet hj-small">${t('安全码：双方屏幕上的六位数字，由双方自己念给对方核对。这里只记录他们说一致还是不一致，不记录数字。')}</p></section>`;
  }

  private codeTime(seat: MeetingSeat) {
    const at_us = codeSaidUs(seat);
    return at_us === null ? nothing : html`<span class="hj-number hj-small hj-quiet">${formatTimeSeconds(at_us)}</span>`;
  }

  private timeline(meeting: Meeting) {
    const steps = timelineOf(meeting);
    const minor = steps.filter(isMinor).length;
    return html`${minor === 0 ? nothing : html`<label class="hj-choice hj-no-print"><input type="checkbox" data-testid="record-all" .checked=${this.all}
        @change=${(event: Event) => { this.all = (event.target as HTMLInputElement).checked; }} />${t('同时显示查看和连接（{n} 条）', { n: minor })}</label>`}
      <ol class="supervisor-timeline hj-card" data-testid="record-timeline">${shownSteps(steps, this.all).map((step) => this.step(step))}</ol>`;
  }

  protected override render() {
    const meeting = this.record;
    return html`<div class="hj-stack">
      ${meeting !== null && meeting.state !== 'ended'
        ? html`<a class="hj-back hj-no-print" href="#/live"><wa-icon name="back"></wa-icon>${t('返回实时会见')}</a>`
        : html`<a class="hj-back hj-no-print" href="#/meetings"><wa-icon name="back"></wa-icon>${t('返回历史会见')}</a>`}
      <div class="hj-title"><h1 tabindex="-1">${t('会见记录')}</h1><button type="button" class="hj-slim hj-no-print" @click=${() => print()}>${t('打印')}</button></div>
      ${metadataOnly()}
      ${meeting === null ? html`<p class="hj-waiting" role="status">${t('正在读取…')}</p>` : html`
        ${this.facts(meeting)}
        ${this.seats(meeting)}
        <section class="hj-stack" aria-labelledby="timeline-title"><h2 id="timeline-title">${t('全程留痕')}</h2>
          ${this.timeline(meeting)}</section>`}
    </div>`;
  }
}
