// SPDX-License-Identifier: Apache-2.0
// The security code in the lawyer's meeting: six digits, one sentence, two buttons; a line once it is compared. And what is
// shown when the codes differed: what happened and what to do.
import { html, nothing, type TemplateResult } from 'lit';
import type { E2eeView } from '../lib/e2ee/types';
import type { Refused } from '../lib/flow';
import './code-panel.css';
import './english';
import './icons';
import { changedText, codeGroups, codeSpoken, codeStateOf, e2eeText, readAllText, refusedText, takesLong, type Difference } from './security-code';
import { notice, type Tone } from './shapes';
import { t } from './text';

export interface CodePanel {
  view: E2eeView;
  now_ms: number;
  /** The code has only just appeared: a press now would be meant for the one before. */
  unread: boolean;
  /** The person wants to compare again what was compared before. */
  again: boolean;
  /** What happened since the code before. */
  difference: Difference;
  /** How many read it aloud. */
  people: number;
  same: () => void;
  /** Asks for confirmation first. */
  different: () => void;
  compareAgain: () => void;
}

const tones: Record<E2eeView['state'], Tone> = { starting: 'plain', alone: 'plain', agreeing: 'warn', ready: 'good', disturbed: 'bad', stopped: 'bad' };

/** One word on the encryption, for the head of the page. */
export function e2eeTag(view: E2eeView): TemplateResult {
  return html`<span class="hj-tag hj-is-${tones[view.state]}" data-testid="e2ee-state" data-state=${view.state}><wa-icon name="lock"></wa-icon>${e2eeText(view)}</span>`;
}

function digits(code: string): TemplateResult {
  const [first, second] = codeGroups(code);
  return html`<span class="code-digits" role="img" data-testid="security-code" data-code=${code} aria-label=${codeSpoken(code)}><span>${first}</span> <span>${second}</span></span>`;
}

/** The same digits again, where a dialog covers them. */
export function digitsAgain(code: string | null): TemplateResult | typeof nothing {
  if (code === null) return nothing;
  const [first, second] = codeGroups(code);
  return html`<p><span class="code-digits" role="img" aria-label=${codeSpoken(code)}><span>${first}</span> <span>${second}</span></span></p>`;
}

function asking(panel: CodePanel, changed: boolean): TemplateResult {
  return html`<section class="code-panel" data-testid="code-panel" data-state=${changed ? 'changed' : 'shown'} aria-labelledby="code-title">
    ${digits(panel.view.code!)}
    <div><h2 id="code-title">${changed ? t('密钥已更换，请再次核对安全码') : t('请核对安全码')}</h2>
      ${changed ? html`<p data-testid="code-why">${t('{why}。', { why: changedText(panel.difference) })}</p>` : nothing}
      <p data-testid="code-how">${panel.people > 2 ? readAllText(panel.people, t('一致')) : t('请与对方互相念出这六个数字。双方屏幕上的完全相同，按“一致”。')}</p></div>
    <div class="hj-buttons"><button type="button" class="hj-primary" data-testid="code-same" ?disabled=${panel.unread} @click=${panel.same}><wa-icon name="check"></wa-icon>${t('一致')}</button>
      <button type="button" class="hj-danger" data-testid="code-different" @click=${panel.different}><wa-icon name="ban"></wa-icon>${t('不一致')}</button></div></section>`;
}

function agreeing({ view, now_ms }: CodePanel): TemplateResult {
  const long = takesLong(view, now_ms);
  return html`<section class="code-panel" data-testid="code-panel" data-state="agreeing" data-long=${long} role="status">
    <wa-icon name="lock"></wa-icon>
    <div><p><strong>${t('正在与对方协商密钥…')}</strong></p>
      ${long ? html`<p data-testid="code-long">${t('比平时久。完成之前，没有新密钥的一方收不到任何声音和画面，没有内容会不加密地发出。如果一直不完成，请选择“暂时离开”后重新进入。')}</p>` : nothing}
      ${long && view.refused > 0 ? html`<p data-testid="code-refusals">${t('已拒绝 {n} 条不可信的密钥消息。', { n: view.refused })}</p>` : nothing}</div></section>`;
}

/** Before the meeting there is nobody to read digits to; what keeps it from beginning is said. */
export function codeTrouble(panel: CodePanel): TemplateResult | typeof nothing {
  const state = codeStateOf(panel.view);
  return state === 'disturbed' || state === 'stopped' || (state === 'agreeing' && takesLong(panel.view, panel.now_ms)) ? codePanel(panel) : nothing;
}

/** The panel of a meeting that runs. */
export function codePanel(panel: CodePanel): TemplateResult | typeof nothing {
  const state = codeStateOf(panel.view);
  switch (state) {
    case null: return nothing;
    case 'agreeing': return agreeing(panel);
    case 'shown':
    case 'changed': return asking(panel, state === 'changed');
    case 'same':
      if (panel.again) return asking(panel, false);
      return html`<section class="code-compared" data-testid="code-panel" data-state="same" aria-label=${t('安全码')}>
        <strong><wa-icon name="check"></wa-icon>${t('您已确认一致')}</strong>${digits(panel.view.code!)}
        <button type="button" class="hj-plain hj-slim" data-testid="code-again" @click=${panel.compareAgain}>${t('再核对一次')}</button></section>`;
    case 'disturbed':
      return html`<div role="alert" data-testid="code-panel" data-state="disturbed">${notice('bad', t('加密一再受到干扰，已经停止'),
        t('可能有人在干扰连接。您的声音和画面不再发送。请结束会见，打电话告诉看守所；在此之前不要谈论案情。'))}</div>`;
    case 'different':
    case 'stopped':
      return html`<div role="alert" data-testid="code-panel" data-state=${state}>${notice('bad', t('加密已停止'), t('您的声音和画面不再发送。请选择“暂时离开”，再重新进入。'))}</div>`;
  }
}

/** Frames that were dropped, whatever their number; what a new key brings with it is refusedLine()'s. */
export function refusedNotice(refused: Refused): TemplateResult {
  const told = refused === 'some' || refused === 'many';
  return html`<div role="status" data-testid="frames-refused" data-kind=${refused}>${told ? notice(refused === 'many' ? 'bad' : 'warn', refusedText(refused)) : nothing}</div>`;
}

/** A line at the foot, which moves nothing. */
export function refusedLine(refused: Refused): TemplateResult {
  return html`<p class="hj-quiet hj-small" data-testid="frames-moment">${refused === 'moment' ? refusedText(refused) : '\u00a0'}</p>`;
}

/** After the codes differed, at whichever end. */
export function differentNotice(): TemplateResult {
  return html`<div role="alert" data-testid="code-differed">${notice('bad', t('双方的安全码不一致：可能有人夹在中间'), html`
    <p>${t('您的摄像头和麦克风已经停止，密钥已经销毁。系统只记录“不一致”这件事，不记录任何内容。')}</p>
    <ol class="what-to-do"><li>${t('请打电话告诉看守所安全码不一致。用您原来就知道的号码。')}</li>
      <li>${t('不要在电话里谈论案情。')}</li>
      <li>${t('在看守所查明之前，请改为到所会见。')}</li></ol>`)}</div>`;
}
