// SPDX-License-Identifier: Apache-2.0
// Small shared shapes as plain functions: notice, tag, error summary, findings, the 48-hour clock, the confidentiality banner.
// Colour never stands alone: each has a word and an icon.
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import './icons';
import './english';
import type { BookingClock, BookingState, Finding, MeetingState, Severity } from '../lib/model';
import { pick, t } from './text';
import { formatDateTime, formatDay, formatDuration, formatTime, nowUs } from './time';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

const ICONS: Record<Tone, string> = { good: 'check', warn: 'alert', bad: 'ban', info: 'info', plain: 'info' };

export function notice(tone: Tone, title: unknown, body: unknown = nothing): TemplateResult {
  return html`<div class="hj-notice hj-is-${tone}"><wa-icon name=${ICONS[tone]}></wa-icon>
    <div class="hj-notice-body"><strong>${title}</strong>${body === nothing ? nothing : html`<div>${body}</div>`}</div></div>`;
}

export function tag(tone: Tone, text: string, testid?: string): TemplateResult {
  return html`<span class="hj-tag hj-is-${tone}" data-testid=${testid ?? nothing}>${text}</span>`;
}

export interface FieldError {
  /** id of the field the link leads to */
  field: string;
  text: string;
}

/** The list of what is wrong in a form; give it the focus after rendering (`.hj-summary`). */
export function errorSummary(errors: FieldError[]): TemplateResult | typeof nothing {
  if (errors.length === 0) return nothing;
  return html`<div class="hj-summary" role="alert" tabindex="-1" data-testid="error-summary">
    <h2>${t('请更正以下内容')}</h2>
    <ul>${errors.map((error) => html`<li><a href="#${error.field}" @click=${(event: Event) => {
      event.preventDefault();
      document.getElementById(error.field)?.focus();
    }}>${error.text}</a></li>`)}</ul></div>`;
}

function severityOf(severity: Severity): { tone: Tone; text: string } {
  switch (severity) {
    case 'deny': return { tone: 'bad', text: t('不能会见') };
    case 'permission': return { tone: 'warn', text: t('须经许可') };
    case 'human': return { tone: 'warn', text: t('需人工决定') };
    default: return { tone: 'info', text: t('提示') };
  }
}

/** What the credential check found: each with its severity in words, its legal basis and the remedy. */
export function findingList(findings: Finding[]): TemplateResult {
  return html`<ul class="hj-list" data-testid="findings">${findings.map((finding) => {
    const { tone, text } = severityOf(finding.severity);
    const basis = pick(finding.basis);
    const remedy = pick(finding.remedy);
    return html`<li data-testid="finding-${finding.code}">${notice(tone, html`${tag(tone, text)} ${pick(finding.title)}`, html`
      ${basis ? html`<p><span class="hj-quiet">${t('依据：')}</span>${basis}</p>` : nothing}
      ${remedy ? html`<p><span class="hj-quiet">${t('办理：')}</span>${remedy}</p>` : nothing}`)}</li>`;
  })}</ul>`;
}

/** The statutory 48-hour clock in words. */
export function clockBadge(clock: BookingClock | null, testid = 'clock'): TemplateResult | typeof nothing {
  if (!clock) return nothing;
  const left = clock.due_at_us - nowUs();
  let tone: Tone = 'info';
  let text: string;
  if (clock.state === 'met') {
    tone = 'good';
    text = clock.met_at_us === null ? t('48 小时：已会见') : t('48 小时：已于 {time} 会见', { time: `${formatDay(clock.met_at_us)} ${formatTime(clock.met_at_us)}` });
  } else if (clock.state === 'stopped') {
    tone = 'plain';
    text = t('48 小时：已停止');
  } else if (clock.met_at_us !== null) {
    tone = 'bad';
    text = t('48 小时：超 {span} 后会见', { span: formatDuration(clock.met_at_us - clock.due_at_us) });
  } else if (clock.state === 'overdue' || left <= 0) {
    tone = 'bad';
    text = t('48 小时：已超 {span}', { span: formatDuration(-left) });
  } else {
    if (left < 12 * 3_600_000_000) tone = 'warn';
    text = t('48 小时：还剩 {span}', { span: formatDuration(left) });
  }
  return html`<span class="hj-tag hj-is-${tone}" data-testid=${testid} title=${t('法定期限：{time}', { time: formatDateTime(clock.due_at_us) })}><wa-icon name="clock"></wa-icon>${text}</span>`;
}

export function bookingStateTag(state: BookingState): TemplateResult {
  switch (state) {
    case 'ASKED': return tag('warn', t('已申请，待安排'));
    case 'REVIEW': return tag('warn', t('待人工审核'));
    case 'CONFIRMED': return tag('info', t('已预约'));
    case 'CHECKED_IN': return tag('good', t('已核验到位'));
    case 'HELD': return tag('good', t('已会见'));
    case 'NOT_HELD': return tag('bad', t('未会见'));
    case 'CANCELLED': return tag('plain', t('已取消'));
    default: return tag('plain', state);
  }
}

export function meetingStateText(state: MeetingState): string {
  switch (state) {
    case 'waiting': return t('等候中');
    case 'live': return t('进行中');
    case 'cut_off': return t('连接中断');
    case 'ended': return t('已结束');
    default: return state;
  }
}

export function meetingStateTag(state: MeetingState): TemplateResult {
  const tones: Record<MeetingState, Tone> = { waiting: 'warn', live: 'good', cut_off: 'bad', ended: 'plain' };
  return tag(tones[state] ?? 'plain', meetingStateText(state));
}

/** Stands wherever such a meeting is listed: somebody may have stood between the two. */
export function differedTag(): TemplateResult {
  return html`<span class="hj-tag hj-is-bad" data-testid="codes-differed"><wa-icon name="ban"></wa-icon>${t('安全码不一致，已停止')}</span>`;
}

/** The promise of Article 39 of the Criminal Procedure Law, permanently in sight. */
export function confidentialityBanner(): TemplateResult {
  return html`<p class="hj-banner" data-testid="confidentiality"><wa-icon name="shield"></wa-icon><span>${t('本次会见不被监听、不录音录像')}</span></p>`;
}
