// SPDX-License-Identifier: Apache-2.0
// What a person is told of the encryption (docs/e2ee.md): which state the security code is in, its digits in groups, and the words
// for what was dropped. The lawyer's panel is code-panel.ts, the kiosk's stands in kiosk/code.ts.
import type { CallView } from '../lib/call';
import type { E2eeView } from '../lib/e2ee/types';
import type { Refused } from '../lib/flow';
import type { SeatView } from '../lib/protocol';
import './english';
import { pick, t } from './text';

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

/** Who came and went between two codes; all empty when only the keys are new. */
export interface Difference {
  came: SeatView[];
  left: SeatView[];
  again: SeatView[];
}

/** A name as it stands in a sentence. */
export function personName(seat: SeatView): string {
  const name = pick(seat.name);
  if (seat.role === 'lawyer') return name ? t('{name} 律师', { name }) : t('律师');
  return name || t('会见终端');
}

/** Whose connection dropped longer ago than this did not cause the new code. */
const DROP_COUNTS_MS = 60_000;

/** Which digits this page has shown in a meeting, and who was there then. */
export class CodeWatch {
  private epoch = 0;
  private there: SeatView[] = [];
  /** Seats that were away since, and until when (ms). */
  private readonly away = new Map<string, number>();
  private last: Difference = { came: [], left: [], again: [] };
  private changed = false;

  get difference(): Difference {
    return this.last;
  }

  /** The view with `changed` as a person sees it: other digits stood on this screen before, pressed or not. */
  told(view: CallView, now_ms: number): CallView {
    const here = view.seats.filter((seat) => seat.seat !== view.seat && seat.state !== 'left');
    for (const { seat } of this.there) {
      const now = here.find((one) => one.seat === seat);
      if (!now) this.away.set(seat, Infinity);
      else if (now.state === 'dropped' && this.away.get(seat) !== Infinity) this.away.set(seat, now_ms);
    }
    const { e2ee } = view;
    const shows = (view.state === 'live' || view.state === 'cut_off') && e2ee.state === 'ready' && e2ee.code !== null;
    if (shows && e2ee.epoch !== this.epoch) {
      if (this.epoch !== 0) {
        this.last = this.compare(here, now_ms);
        this.changed = true;
      }
      this.epoch = e2ee.epoch;
      this.there = here;
      this.away.clear();
    }
    const changed = this.changed && e2ee.verdict === null;
    return changed === e2ee.changed ? view : { ...view, e2ee: { ...e2ee, changed } };
  }

  private compare(here: SeatView[], now_ms: number): Difference {
    const same = (one: SeatView, other: SeatView) => one.seat === other.seat || (one.role === other.role && one.number === other.number && pick(one.name) === pick(other.name));
    const wasAway = (seat: SeatView) => { const until = this.away.get(seat.seat); return until !== undefined && now_ms - until < DROP_COUNTS_MS; };
    const stayed = here.map((seat) => [seat, this.there.find((one) => same(one, seat))] as const);
    return {
      came: stayed.filter(([, before]) => !before).map(([seat]) => seat),
      left: this.there.filter((before) => !here.some((seat) => same(before, seat))),
      again: stayed.filter(([seat, before]) => before && (before.seat !== seat.seat || before.identity !== seat.identity || wasAway(before))).map(([seat]) => seat),
    };
  }
}

/** Why the digits are others, in a sentence. */
export function changedText({ came, left, again }: Difference): string {
  const all = (seats: SeatView[]) => seats.map(personName).join(t('、'));
  const parts = [
    ...(came.length > 0 ? [t('{who}进来了', { who: all(came) })] : []),
    ...(left.length > 0 ? [t('{who}离开了', { who: all(left) })] : []),
    ...(again.length > 0 ? [t('{who}重新进入', { who: all(again) })] : []),
  ];
  return t('{what}，数字换了', { what: parts.length > 0 ? parts.join(t('，')) : t('重新建立了加密') });
}

/** How many read the digits: all who are in the meeting, oneself too. */
export function readers(view: CallView): number {
  return view.seats.filter((seat) => seat.seat === view.seat || seat.state !== 'left').length;
}

/** Who has to read them, where it is more than two; button: what the one to press is called. */
export function readAllText(people: number, button: string): string {
  return people === 3 ? t('请三个人都念一遍，三个屏幕都一样才按“{button}”。', { button }) : t('请所有人都念一遍，所有屏幕都一样才按“{button}”。', { button });
}
