// SPDX-License-Identifier: Apache-2.0
// What a person is told of the encryption (docs/e2ee.md): which state the security code is in, its digits in groups, and the words
// for what was dropped. The lawyer's panel is code-panel.ts, the kiosk's stands in kiosk/code.ts.
import type { E2eeView } from '../lib/e2ee/types';
import type { Refused } from '../lib/flow';
import './english';
import { t } from './text';

export type CodeState = 'agreeing' | 'shown' | 'same' | 'different' | 'changed' | 'disturbed' | 'stopped';

/** An agreement that takes longer is told. */
const PATIENCE_MS = 5000;

/** null while there is nobody to compare with. */
export function codeStateOf(view: E2eeView): CodeState | null {
  switch (view.state) {
    case 'starting':
    case 'alone': return null;
    case 'agreeing': return 'agreeing';
    case 'disturbed': return 'disturbed';
    case 'stopped': return view.verdict === 'different' ? 'different' : 'stopped';
    case 'ready':
      if (view.code === null) return 'agreeing';
      return view.verdict ?? (view.changed ? 'changed' : 'shown');
  }
}

/** Six digits as people read them aloud. */
export function codeGroups(code: string): [string, string] {
  return [code.slice(0, 3), code.slice(3)];
}

/** The digits one by one, for who hears them from a screen reader. */
export function codeSpoken(code: string): string {
  return codeGroups(code).map((group) => [...group].join(' ')).join(', ');
}

export function takesLong(view: E2eeView, now_ms: number): boolean {
  return view.agreeing_since !== null && now_ms - view.agreeing_since > PATIENCE_MS;
}

export function e2eeText(view: E2eeView): string {
  switch (view.state) {
    case 'starting': return t('正在启动加密');
    case 'alone': return t('对方进入后建立加密');
    case 'agreeing': return t('正在建立加密');
    case 'ready': return t('加密已建立');
    case 'disturbed': return t('加密受到干扰，已停止');
    case 'stopped': return t('加密已停止');
  }
}

export function refusedText(refused: Exclude<Refused, 'none'>): string {
  switch (refused) {
    case 'moment': return t('密钥刚刚更换，少量声音或画面未能解密，已丢弃。这是正常现象。');
    case 'some': return t('有声音或画面没有通过加密验证，已丢弃，没有播放。');
    case 'many': return t('持续收到没有通过加密验证的内容，已全部丢弃，没有播放。如果一直这样，请重新核对安全码。');
  }
}
