// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wantsDevice } from '../lib/call';
import { SignallingError } from '../lib/signalling';
import { makeCall } from './support/fake-call';

describe('the keys of a seat', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  const live = async () => {
    const made = makeCall();
    await made.call.ready(false);
    await made.settle();
    made.admit();
    made.e2ee.tell({ state: 'ready', epoch: 3, code: '123456' });
    return made;
  };

  it('let nothing be heard or seen before the code stands on the live screen', async () => {
    const { call, channel, peer, e2ee, settle, admit } = makeCall();
    await call.ready(false);
    await settle();
    e2ee.tell({ state: 'ready', epoch: 3, code: '123456' });
    expect(peer.live).toBe(false);
    // Admitted while the next key is agreed on: whom the last one was for has not been shown.
    e2ee.tell({ state: 'agreeing' });
    admit();
    expect(peer.live).toBe(false);
    e2ee.tell({ state: 'ready', epoch: 4, code: '222222' });
    expect(peer.live).toBe(true);
    e2ee.tell({ state: 'agreeing' });
    expect(peer.live).toBe(true);
    e2ee.tell({ state: 'agreeing', epoch: 5 });
    expect(peer.live).toBe(false);
    e2ee.tell({ state: 'ready', epoch: 5, code: '333333' });
    channel.tell({ verb: 'notice', kind: 'state', state: 'cut_off' });
    expect(peer.live).toBe(true);
    e2ee.tell({ state: 'alone', code: null });
    expect(peer.live).toBe(false);
    // A new one while cut off may be covered.
    e2ee.tell({ state: 'ready', epoch: 6, code: '444444' });
    expect(peer.live).toBe(false);
    channel.tell({ verb: 'notice', kind: 'state', state: 'live' });
    expect(peer.live).toBe(true);
  });

  it('make light only after the page has drawn, and dark before it', async () => {
    const { channel, peer, told } = await live();
    expect(told.filter(([, lit]) => lit)).toEqual([]);
    expect(peer.live).toBe(true);
    channel.tell({ verb: 'notice', kind: 'state', state: 'waiting' });
    expect(told.at(-1)).toEqual(['waiting', false]);
    expect(peer.live).toBe(false);
    channel.tell({ verb: 'notice', kind: 'state', state: 'live' });
    expect(peer.live).toBe(true);
  });

  it('are dark without an admission, whatever state the server tells', async () => {
    const { call, channel, peer, e2ee, settle } = makeCall();
    await call.ready(false);
    await settle();
    e2ee.tell({ state: 'ready', epoch: 3, code: '123456' });
    channel.tell({ verb: 'notice', kind: 'state', state: 'live' });
    expect(peer.live).toBe(false);
  });

  it('are dark after the end and after leaving', async () => {
    for (const end of ['end', 'leave', 'different'] as const) {
      const { call, channel, peer } = await live();
      if (end === 'end') channel.tell({ verb: 'end', meeting: 'm', reason: 'done', by: 'kiosk', at_us: 15 });
      else if (end === 'leave') await call.leave();
      else call.judgeCode('different', 3);
      expect(peer.live, end).toBe(false);
    }
  });

  it.each(['stopped', 'disturbed'] as const)('that are %s take our tracks off at once, for the rest of this call', async (state) => {
    const { peer, e2ee, call } = await live();
    expect(peer.silent).toBe(false);
    e2ee.tell({ state, code: null });
    expect([peer.silent, peer.live]).toEqual([true, false]);
    expect(call.view.ended).toBeNull();
  });

  it('are registered again for a call that is open, never for one that is over', async () => {
    const { call } = makeCall();
    call.refused(new SignallingError('device'));
    expect(wantsDevice(call.view)).toBe(true);
    for (const end of ['different', 'left', 'end'] as const) {
      const { call: over, channel } = await live();
      if (end === 'different') over.judgeCode('different', 3);
      else if (end === 'left') await over.leave();
      else channel.tell({ verb: 'end', meeting: 'm', reason: 'done', by: 'kiosk', at_us: 15 });
      const { ended } = over.view;
      over.refused(new SignallingError('device'));
      expect(wantsDevice(over.view), end).toBe(false);
      expect(wantsDevice({ ...over.view, refused: { code: 'device', title: null, again: true } }), end).toBe(false);
      expect(over.view).toMatchObject({ refused: null, ended });
    }
  });

  it('guard the peer from the beginning', () => {
    const { peer, e2ee } = makeCall();
    expect(peer.guard).toBe(e2ee);
  });

  it('are agreed on for the roster, once we know which seat is ours, whatever comes first', async () => {
    const { call, channel, e2ee, admit, settle } = makeCall();
    admit();
    expect(e2ee.rosters).toHaveLength(0);
    await call.ready(false);
    await settle();
    expect(e2ee.rosters).toMatchObject([{ meeting: 'm', own: { seat: 's0', number: 0 }, seats: [{ seat: 's0' }, { seat: 's1' }] }]);
    channel.tell({ verb: 'seats', meeting: 'other', state: 'live', seats: [] });
    expect(e2ee.rosters).toHaveLength(1);
    expect(call.view.meeting).toBe('m');
  });

  it('tell whose picture is whose, whatever the server says of m-lines', async () => {
    const { call } = await live();
    const seat = { seat: 's1', number: 1, role: 'kiosk', name: null, state: 'admitted', identity: '', mids: ['4', '5'] } as const;
    expect(call.streamOf({ ...seat, mids: ['4', '5'] })).toEqual({ slot: 0 });
    expect(call.streamOf({ ...seat, number: 3, mids: ['0', '1'] })).toEqual({ slot: 2 });
    expect(call.streamOf({ ...seat, number: 0, mids: ['0', '1'] })).toBeNull();
  });

  it('pass both ways over signalling, those of another meeting not', async () => {
    const { channel, e2ee } = await live();
    channel.tell({ verb: 'key', meeting: 'm', from: 's1', body: 'AQ' });
    channel.tell({ verb: 'key', meeting: 'other', from: 's1', body: 'Ag' });
    expect(e2ee.received_).toEqual([['s1', 'AQ']]);
    expect(e2ee.hooks!.send(null, 'Aw')).toBe(true);
    expect(e2ee.hooks!.send('s1', 'BA')).toBe(true);
    expect(channel.said.slice(-2)).toEqual([{ verb: 'key', body: 'Aw' }, { verb: 'key', to: 's1', body: 'BA' }]);
  });

  it('say that they hold, and again after each return of the socket', async () => {
    const { call, channel, e2ee } = await live();
    e2ee.hooks!.secured(3);
    expect(channel.said.at(-1)).toEqual({ verb: 'secured', epoch: 3 });
    await call.ready(true);
    expect(e2ee.log).toContain('reconnected');
    expect(channel.said.filter((one) => (one as { verb: string }).verb === 'secured')).toHaveLength(2);
    e2ee.tell({ state: 'agreeing' });
    await call.ready(true);
    expect(channel.said.filter((one) => (one as { verb: string }).verb === 'secured')).toHaveLength(2);
  });

  it('that cannot be put on a connection leave it unoffered, said and tried again', async () => {
    const { call, channel, peer, settle } = makeCall();
    peer.unguardedOffers = 1;
    await call.ready(false);
    await settle();
    expect(channel.count('offer')).toBe(0);
    expect(call.view.unguarded).toBe(true);
    await settle(1000);
    expect(channel.count('offer')).toBe(1);
    expect(call.view.unguarded).toBe(false);
  });

  it('that something slips around are said', async () => {
    const { call, peer, settle } = await live();
    peer.guarded = false;
    await settle(600);
    expect(call.view.unguarded).toBe(true);
  });

  it('are destroyed at the end, at leaving and when the page lets go', async () => {
    for (const end of ['end', 'leave', 'stop'] as const) {
      const { call, channel, e2ee } = await live();
      if (end === 'end') channel.tell({ verb: 'end', meeting: 'm', reason: 'done', by: 'kiosk', at_us: 15 });
      else await call[end]();
      expect(e2ee.stopped, end).toBe(true);
    }
  });

  it('with the same code are told once', async () => {
    const { call, channel, e2ee, settle } = await live();
    channel.answers['verify'] = async () => ({ verb: 'verify' });
    call.judgeCode('same', 3);
    await settle();
    await call.ready(true);
    expect(channel.asked.filter((one) => one['verb'] === 'verify')).toEqual([{ verb: 'verify', epoch: 3, result: 'same' }]);
    expect(e2ee.log).toContain('judge same');
    expect(call.view).toMatchObject({ ended: null, e2ee: { verdict: 'same' } });
  });

  it('with the same code, but one that has changed meanwhile, count for nothing', async () => {
    const { call, channel, e2ee } = await live();
    call.judgeCode('same', 2);
    expect(e2ee.log).not.toContain('judge same');
    expect(channel.count('verify')).toBe(0);
  });

  it('with another code stop everything at once, even when the server does not answer', async () => {
    const { call, channel, peer, e2ee, settle } = await live();
    channel.answers['verify'] = () => new Promise(() => undefined);
    call.judgeCode('different', 2);
    expect(peer.closed).toBe(true);
    expect(e2ee.log.slice(-2)).toEqual(['judge different', 'stop']);
    expect(call.view).toMatchObject({ state: 'ended', ended: { reason: 'code-different', by: 'lawyer' } });
    expect(channel.asked.at(-1)).toEqual({ verb: 'verify', epoch: 2, result: 'different' });
    await settle(100_000);
    expect(channel.count('offer')).toBe(1);
    expect(channel.closed).toBe(false);
  });

  it('with another code stop everything even when the encryption fails at it', async () => {
    const { call, peer, e2ee } = await live();
    e2ee.judge = () => { throw new Error('gone'); };
    call.judgeCode('different', 3);
    expect(peer.closed).toBe(true);
    expect(e2ee.stopped).toBe(true);
    expect(call.view.ended).toMatchObject({ reason: 'code-different' });
  });

  it('with another code are told as soon as the server hears again', async () => {
    const { call, channel, settle } = await live();
    channel.answers['verify'] = async () => { throw new SignallingError('unreachable'); };
    call.judgeCode('different', 3);
    await settle(5000);
    expect(channel.closed).toBeNull();
    channel.answers['verify'] = async () => ({ verb: 'verify' });
    await call.ready(true);
    await settle();
    expect(channel.closed).toBe(false);
    expect(channel.count('join')).toBe(1);
  });

  it('with another code are told again when the server was deaf, and given up with the seat', async () => {
    const { call, channel, settle } = await live();
    channel.answers['verify'] = async () => { throw new SignallingError('timeout'); };
    call.judgeCode('different', 3);
    await settle(4100);
    expect(channel.count('verify')).toBe(3);
    expect(channel.closed).toBeNull();
    await settle(60_000);
    expect(channel.closed).toBe(false);
    const asked = channel.count('verify');
    await settle(60_000);
    expect(channel.count('verify')).toBe(asked);
  });

  it('with another code end the meeting for all even when the server will not have the verdict', async () => {
    const { call, channel, settle } = await live();
    channel.answers['verify'] = async () => { throw new SignallingError('state'); };
    channel.answers['end'] = async () => ({ verb: 'end' });
    call.judgeCode('different', 3);
    await settle();
    expect(channel.asked.at(-1)).toEqual({ verb: 'end', reason: 'other' });
    expect(channel.closed).toBe(false);
  });

  it('with another code keep that as the reason of the end, whatever the server says later', async () => {
    const { call, channel } = await live();
    channel.answers['verify'] = async () => { throw new SignallingError('unreachable'); };
    call.judgeCode('different', 3);
    channel.tell({ verb: 'end', meeting: 'm', reason: 'done', by: 'kiosk', at_us: 15 });
    expect(call.view.ended).toMatchObject({ reason: 'code-different' });
    expect(channel.closed).toBe(false);
  });
});
