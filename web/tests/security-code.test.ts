// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { E2eeState, E2eeView, Verdict } from '../lib/e2ee/types';
import type { SeatView } from '../lib/protocol';
import { unsupportedReason } from '../lib/devices';
import { isAsked } from '../kiosk/code';
import type { CallView } from '../lib/call';
import { CodeWatch, changedText, codeGroups, codeSpoken, codeStateOf, readers, takesLong } from '../ui/security-code';
import { awayNote, coverText } from '../ui/tile';

const view = (state: E2eeState, more: Partial<E2eeView> = {}): E2eeView => ({
  state, epoch: 1, code: state === 'ready' ? '012345' : null, verdict: null, changed: false, agreeing_since: null, refused: 0, refusal: null,
  dropped: 0, dropped_at: null, ...more,
});

describe('the security code', () => {
  it.each([
    ['starting', null, false, null],
    ['alone', null, false, null],
    ['agreeing', null, false, 'agreeing'],
    ['agreeing', null, true, 'agreeing'],
    ['ready', null, false, 'shown'],
    ['ready', null, true, 'changed'],
    ['ready', 'same', false, 'same'],
    ['ready', 'different', false, 'different'],
    ['disturbed', null, false, 'disturbed'],
    ['stopped', 'different', false, 'different'],
    ['stopped', 'same', false, 'stopped'],
  ] as [E2eeState, Verdict | null, boolean, string | null][])('%s, %s, changed %s: is %s', (state, verdict, changed, expected) => {
    expect(codeStateOf(view(state, { verdict, changed }))).toBe(expected);
  });

  it('is never asked for without digits', () => {
    expect(codeStateOf(view('ready', { code: null }))).toBe('agreeing');
    expect(isAsked(view('ready', { code: null }))).toBe(false);
  });

  it('stands on a kiosk only while it is asked for', () => {
    expect([view('ready'), view('ready', { changed: true }), view('ready', { verdict: 'same' }), view('agreeing'), view('alone')].map(isAsked))
      .toEqual([true, true, false, false, false]);
  });

  it('is read in two groups, digit by digit', () => {
    expect(codeGroups('012345')).toEqual(['012', '345']);
    expect(codeSpoken('012345')).toBe('0 1 2, 3 4 5');
  });

  it('is late after five seconds', () => {
    expect([takesLong(view('agreeing', { agreeing_since: 1000 }), 6000), takesLong(view('agreeing', { agreeing_since: 1000 }), 6001), takesLong(view('ready'), 1e9)])
      .toEqual([false, true, false]);
  });
});

describe('why the code is another', () => {
  const seat = (id: string, more: Partial<SeatView> = {}) => ({ seat: id, number: id.charCodeAt(0) % 5, role: 'lawyer', name: { zh: id, en: id }, state: 'admitted', identity: id, mids: null, ...more }) as SeatView;
  const own = seat('own', { role: 'kiosk' });
  const call = (epoch: number, seats: SeatView[], more: Partial<E2eeView> = {}, state = 'live') =>
    ({ seat: 'own', state, seats: [own, ...seats], e2ee: view('ready', { epoch, ...more }) }) as unknown as CallView;
  const after = (first: SeatView[], ...later: CallView[]) => {
    const watch = new CodeWatch();
    watch.told(call(1, first), 0);
    const last = later.map((one, index) => watch.told(one, index + 1)).at(-1)!;
    return { text: changedText(watch.difference), state: codeStateOf(last.e2ee) };
  };

  it('is told with the name of who came, left or came again', () => {
    const [a, b] = [seat('a'), seat('b')];
    expect(after([a], call(2, [a, b]))).toEqual({ text: 'b 律师进来了，数字换了', state: 'changed' });
    expect(after([a, b], call(2, [a]))).toEqual({ text: 'b 律师离开了，数字换了', state: 'changed' });
    expect(after([a, b], call(2, [a, { ...b, state: 'left' }]))).toEqual({ text: 'b 律师离开了，数字换了', state: 'changed' });
    expect(after([a], call(2, [{ ...a, identity: 'other' }])).text).toBe('a 律师重新进入，数字换了');
    expect(after([a], call(2, [{ ...a, seat: 'new' }])).text).toBe('a 律师重新进入，数字换了');
    expect(after([a], call(1, [{ ...a, state: 'dropped' }]), call(2, [a])).text).toBe('a 律师重新进入，数字换了');
    expect(after([a], call(1, [], { code: null }), call(2, [a])).text).toBe('a 律师重新进入，数字换了');
    expect(after([a], call(2, [b])).text).toBe('b 律师进来了，a 律师离开了，数字换了');
    expect(after([a], call(2, [a])).text).toBe('重新建立了加密，数字换了');
  });

  it('does not blame who dropped long ago', () => {
    const [a, b] = [seat('a'), seat('b')];
    const watch = new CodeWatch();
    watch.told(call(1, [a]), 0);
    watch.told(call(1, [{ ...a, state: 'dropped' }]), 1000);
    watch.told(call(2, [a, b]), 90_000);
    expect(watch.difference).toEqual({ came: [b], left: [], again: [] });
  });

  it('is told to who has not pressed yet too, but not where no digits were shown', () => {
    const a = seat('a');
    expect(after([a], call(2, [a], { changed: false })).state).toBe('changed');
    expect(after([a], call(2, [a], { verdict: 'same' })).state).toBe('same');
    const watch = new CodeWatch();
    watch.told(call(1, [a], {}, 'waiting'), 0);
    expect(codeStateOf(watch.told(call(2, [a], { changed: true }), 1).e2ee)).toBe('shown');
  });

  it('counts who reads it aloud', () => {
    expect(readers(call(1, [seat('a'), seat('b', { state: 'left' })]))).toBe(2);
    expect(readers(call(1, [seat('a'), seat('b')]))).toBe(3);
  });
});

describe('what stands in place of a picture', () => {
  const seat = { seat: 's', number: 1, role: 'kiosk', name: null, state: 'admitted', identity: '', mids: null } as SeatView;

  it('is the encryption as long as it keeps the picture away, and only in the meeting', () => {
    expect(coverText(seat, 'nothing', true, view('agreeing'))).toContain('正在建立加密');
    expect(coverText(seat, 'nothing', true, view('stopped'))).toContain('加密已停止');
    expect(coverText(seat, 'sealed', true, view('ready'))).toContain('无法解密');
    expect(coverText(seat, 'nothing', true, view('ready'))).toBe('等待画面');
    expect(coverText({ ...seat, state: 'connected' }, undefined, false, view('agreeing'))).not.toContain('加密');
  });

  it('is not the encryption where sound comes through, or the seat has gone', () => {
    expect(coverText(seat, 'sound', true, view('agreeing'))).toContain('可以通话');
    expect(coverText({ ...seat, state: 'left' }, 'nothing', true, view('agreeing'))).not.toContain('加密');
  });

  it('does not call a talk going on of which nothing opens', () => {
    expect(awayNote({ ...seat, state: 'dropped' }, 'sealed')).toBeNull();
    expect(awayNote({ ...seat, state: 'dropped' }, 'sound')).not.toBeNull();
  });
});

describe('a browser', () => {
  afterEach(() => vi.unstubAllGlobals());
  const withCalls = () => {
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('RTCPeerConnection', class { addTransceiver() {} });
    vi.stubGlobal('MediaStream', class {});
    vi.stubGlobal('WebSocket', class {});
    vi.stubGlobal('Worker', class {});
    vi.stubGlobal('indexedDB', {});
    vi.stubGlobal('RTCRtpSender', Object.assign(() => undefined, { prototype: { transform: null } }));
    vi.stubGlobal('RTCRtpScriptTransform', class {});
  };

  it('without a secure page, calls or encryption is told which of them it lacks', () => {
    withCalls();
    expect(unsupportedReason()).toBeNull();
    vi.stubGlobal('RTCRtpScriptTransform', undefined);
    expect(unsupportedReason()).toBe('encryption');
    vi.stubGlobal('RTCPeerConnection', undefined);
    expect(unsupportedReason()).toBe('calls');
    vi.stubGlobal('isSecureContext', false);
    expect(unsupportedReason()).toBe('insecure');
  });
});
