// SPDX-License-Identifier: Apache-2.0
// The security code for somebody who may read little: six huge digits, one short sentence, two large buttons that differ in
// colour, picture and word, below the picture. Once compared it is a small mark in its corner.
import type { E2eeView } from '../lib/e2ee/types';
import { html, nothing, type TemplateResult } from '../ui/element';
import { changedText, codeGroups, codeSpoken, codeStateOf, e2eeText, readAllText, takesLong, type Difference } from '../ui/security-code';
import { t } from '../ui/text';
import { icon } from './icons';

export interface Comparing {
  view: E2eeView;
  now_ms: number;
  /** The code has only just appeared: a press now would be meant for the one before. */
  unread: boolean;
  /** What happened since the code before. */
  difference: Difference;
  /** How many read it aloud. */
  people: number;
  same: () => void;
  /** Asks for confirmation first. */
  different: () => void;
}

const BLINK_MS = 1500;

/** The code waits for an answer. */
export function isAsked(view: E2eeView): boolean {
  const state = codeStateOf(view);
  return state === 'shown' || state === 'changed';
}

/** The same digits again, where a dialog covers them. */
export function digitsAgain(code: string | null): TemplateResult | typeof nothing {
  if (code === null) return nothing;
  const [first, second] = codeGroups(code);
  return html`<span class="code-digits" role="img" aria-label=${codeSpoken(code)}><span>${first}</span> <span>${second}</span></span>`;
}

function digits(code: string): TemplateResult {
  const [first, second] = codeGroups(code);
  return html`<span class="code-digits" role="img" data-testid="security-code" data-code=${code} aria-label=${codeSpoken(code)}><span>${first}</span> <span>${second}</span></span>`;
}

/** In the waiting room: whether the keys are there. */
export function e2eeLine(view: E2eeView): TemplateResult {
  return html`<p class="e2ee-line" data-testid="e2ee-state" data-state=${view.state}>${icon(view.state === 'ready' ? 'check' : 'lock')}<span>${e2eeText(view)}</span></p>`;
}

/** In a corner of the picture once it was compared. */
export function codeMark(view: E2eeView): TemplateResult | typeof nothing {
  if (codeStateOf(view) !== 'same') return html`<span class="hidden" data-testid="e2ee-state" data-state=${view.state}>${e2eeText(view)}</span>`;
  return html`<p class="code-mark" data-testid="code-panel" data-state="same">${icon('check')}<span class="hidden" data-testid="e2ee-state" data-state=${view.state}>${t('数字一样')}</span>${digits(view.code!)}<span>${t('已核对')}</span></p>`;
}

/** Below the picture, which gets smaller for it: faces and names stay in sight. */
export function codeCard(comparing: Comparing): TemplateResult | typeof nothing {
  const { view, now_ms } = comparing;
  const state = codeStateOf(view);
  // Agreeing is mostly done before anybody has read this.
  if (state === 'agreeing' && view.agreeing_since !== null && now_ms - view.agreeing_since < BLINK_MS) return nothing;
  if (state === 'agreeing') {
    return html`<div class="code-card" data-testid="code-panel" data-state="agreeing" data-long=${takesLong(view, now_ms)} role="status">
      <strong>${t('正在建立加密，请稍候')}</strong>
      ${takesLong(view, now_ms) ? html`<span data-testid="code-long">${t('建立之前，不发送您的声音和画面。')}</span><span class="call-officer">${t('如果等了很久，请呼叫民警')}</span>` : nothing}</div>`;
  }
  if (state === 'disturbed' || state === 'stopped') {
    return html`<div class="code-card" data-testid="code-panel" data-state=${state} role="alert">${icon('alert')}
      <strong>${t('加密停止了')}</strong><span>${t('没有发送您的声音和画面。不要谈案情。')}</span><span class="call-officer">${t('请呼叫民警')}</span></div>`;
  }
  if (state !== 'shown' && state !== 'changed') return nothing;
  const changed = state === 'changed';
  const how = comparing.people > 2 ? readAllText(comparing.people, t('一样')) : changed ? t('请再念一遍。两边的数字一样吗？') : t('两边的数字一样吗？');
  return html`<div class="code-card code-asked" data-testid="code-panel" data-state=${state} role="group" aria-labelledby="code-title">
    <strong id="code-title" data-testid=${changed ? 'code-why' : nothing}>${changed ? changedText(comparing.difference) : t('请和律师互相念这六个数字')}</strong>
    ${digits(view.code!)}
    <span class="code-how" data-people=${comparing.people > 2 ? 'many' : 'two'} data-testid="code-how">${how}</span>
    <div class="controls"><button type="button" class="same" data-testid="code-same" ?disabled=${comparing.unread} @click=${comparing.same}>${icon('tick')}<span>${t('一样')}</span></button>
      <button type="button" class="danger" data-testid="code-different" @click=${comparing.different}>${icon('cross')}<span>${t('不一样')}</span></button></div></div>`;
}
