// SPDX-License-Identifier: Apache-2.0
// The quiet screens of the kiosk, each a function of what it shows: a large title, a sentence, nothing to press but the
// language. The meeting itself is in room.ts.
import type { CallView } from '../lib/call';
import type { DeviceFault } from '../lib/devices';
import type { Words } from '../lib/model';
import type { AssignmentView } from '../lib/protocol';
import { html, nothing, type TemplateResult } from '../ui/element';
import { fingerprintGroups } from '../ui/fingerprint';
import { pick, t } from '../ui/text';
import { formatDate, formatDay, formatDuration, formatTime, formatTimeSeconds } from '../ui/time';
import { endReasonText } from '../ui/words';
import { icon } from './icons';

const SOON_US = 15 * 60_000_000;

export function offlineScreen(refused: boolean): TemplateResult {
  return html`<section class="quiet" role="alert">
    ${icon('unplugged')}
    <h1>${refused ? t('本终端已停用') : t('网络中断，正在重连')}</h1>
    <p>${refused ? t('服务器不接受本终端。') : t('恢复后会自动继续，请稍候。')}</p>
    <p class="call-officer">${t('如有需要，请呼叫民警')}</p>
  </section>`;
}

/** For the officer who installs it: the same groups stand on the administrator's page. */
export function unapprovedScreen(name: Words | null, fingerprint: string | null): TemplateResult {
  const groups = fingerprintGroups(fingerprint);
  return html`<section class="quiet unapproved" data-testid="kiosk-unapproved">
    <h1>${t('等待管理员批准本终端')}</h1>
    ${pick(name) ? html`<p class="soft">${pick(name)}</p>` : nothing}
    ${groups.length === 0 ? nothing : html`<p class="fingerprint" data-testid="kiosk-fingerprint" data-fingerprint=${groups.join('')}>${groups.map((group) => html`<span>${group}</span> `)}</p>`}
    <p>${t('安装人员：请管理员在“终端”页面核对这八组字符，完全相同才批准。')}</p>
  </section>`;
}

/** Its browser is too old to encrypt. */
export function unfitScreen(): TemplateResult {
  return html`<section class="quiet bad" role="alert" data-testid="kiosk-unfit">
    ${icon('alert')}
    <h1>${t('本终端的浏览器不能加密')}</h1>
    <p>${t('不加密就不会见。请更新浏览器（Chromium 141 及以上版本）。')}</p>
    <p class="call-officer">${t('请呼叫民警')}</p>
  </section>`;
}

/** The codes differed: what happened, and what to do. */
function differedScreen(): TemplateResult {
  return html`<section class="quiet bad" role="alert" data-testid="code-differed">
    ${icon('alert')}
    <h1>${t('数字不一样，会见已停止')}</h1>
    <p>${t('可能有人在中间偷听。摄像头和麦克风已关闭。')}</p>
    <p class="next problem">${t('不要谈案情。')}</p>
    <p class="call-officer">${t('请呼叫民警')}</p>
  </section>`;
}

export function idleScreen(name: Words | null, now_us: number): TemplateResult {
  return html`<section class="quiet idle">
    <h1>${pick(name) || t('会见终端')}</h1>
    <p class="big-clock" aria-hidden="true">${formatTime(now_us)}</p>
    <p>${formatDay(now_us)}</p>
    <p class="soft">${t('待机中。摄像头和麦克风已关闭。')}</p>
  </section>`;
}

function who(assignment: AssignmentView): TemplateResult {
  const firm = pick(assignment.lawyer.firm);
  return html`<div class="who" data-testid="kiosk-lawyer">${icon('person')}
    <div><strong>${t('{name} 律师', { name: pick(assignment.lawyer.name) })}</strong>${firm ? html`<span>${firm}</span>` : nothing}</div></div>`;
}

function when(assignment: AssignmentView): TemplateResult | typeof nothing {
  if (assignment.starts_at_us === null) return nothing;
  const end = assignment.ends_at_us === null ? '' : `–${formatTime(assignment.ends_at_us)}`;
  return html`<p class="when">${icon('clock')}<span>${formatDay(assignment.starts_at_us)} <b>${formatTime(assignment.starts_at_us)}${end}</b></span></p>`;
}

function nextStep(assignment: AssignmentView, now_us: number): string {
  if (assignment.checked_in) return t('身份已核验。请坐好，即将开始。');
  if (assignment.lawyer_waiting) return t('律师已在等候。请坐好，即将开始。');
  if (assignment.starts_at_us !== null && assignment.starts_at_us - now_us < SOON_US) return t('请坐好，即将开始。');
  return t('到时间后由民警核验身份，然后开始。');
}

export function assignedScreen(assignment: AssignmentView, refusal: Words | null, now_us: number): TemplateResult {
  return html`<section class="quiet assigned">
    <h1>${t('律师会见')}</h1>
    ${who(assignment)}
    ${when(assignment)}
    ${refusal === null
      ? html`<p class="next">${nextStep(assignment, now_us)}</p>`
      : html`<div class="next problem" role="alert" data-testid="kiosk-refused"><p>${t('现在还不能开始：{why}', { why: pick(refusal) || t('请等候') })}</p>
        <p class="call-officer">${t('请呼叫民警')}</p></div>`}
  </section>`;
}

export function endedScreen(call: CallView, now_us: number): TemplateResult {
  const started = call.admitted_at_us;
  const ended = call.ended?.at_us ?? null;
  const reason = call.ended?.reason ?? null;
  const cancelled = reason === 'cancelled';
  if (reason === 'code-different') return differedScreen();
  return html`<section class="quiet ended">
    ${icon(cancelled ? 'clock' : 'check')}
    <h1>${cancelled ? t('这次会见已取消') : t('会见已结束')}</h1>
    <dl class="facts">
      <dt>${t('开始')}</dt><dd>${started === null ? t('没有开始') : formatTimeSeconds(started)}</dd>
      <dt>${t('结束')}</dt><dd>${ended === null ? formatTimeSeconds(now_us) : formatTimeSeconds(ended)}</dd>
      ${started !== null && ended !== null ? html`<dt>${t('时长')}</dt><dd>${formatDuration(ended - started)}</dd>` : nothing}
      <dt>${t('日期')}</dt><dd>${formatDate(ended ?? now_us)}</dd>
      ${reason === null || cancelled ? nothing : html`<dt>${t('原因')}</dt><dd data-testid="kiosk-end-reason">${endReasonText(reason)}</dd>`}
    </dl>
    <p>${t('摄像头和麦克风已关闭。请等候民警。')}</p>
  </section>`;
}

export function takenOverScreen(): TemplateResult {
  return html`<section class="quiet" role="alert">
    <h1>${t('会见页面已在另一个窗口打开')}</h1>
    <p class="call-officer">${t('请呼叫民警')}</p>
  </section>`;
}

export function deviceFault(kind: 'camera' | 'microphone', fault: DeviceFault | null): TemplateResult | typeof nothing {
  if (fault === null) return nothing;
  return html`<p class="problem" role="alert" data-testid="kiosk-${kind}-fault">${kind === 'camera' ? t('摄像头不能使用，律师看不到您。请呼叫民警。') : t('麦克风不能使用，律师听不到您。请呼叫民警。')}</p>`;
}
