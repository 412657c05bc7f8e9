// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { E2eeState, E2eeView, Verdict } from '../lib/e2ee/types';
import type { SeatView } from '../lib/protocol';
import { unsupportedReason } from '../lib/devices';
import { isAsked } from '../kiosk/code';
import { codeGroups, codeSpoken, codeStateOf, takesLong } from '../ui/security-code';
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

  it('stands over a kiosk\'s picture only while it is asked for', () => {
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
