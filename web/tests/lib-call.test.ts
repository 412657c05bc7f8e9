// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SignallingError } from '../lib/signalling';
import { JOINED, makeCall } from './support/fake-call';

describe('a seat in a meeting', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('is taken, kept, and its media set up before admission', async () => {
    const { call, channel, peer, memory, settle } = makeCall();
    await call.ready(false);
    await settle();
    expect(channel.asked).toEqual([{ verb: 'join', booking: 'b', device: 'dev' }, { verb: 'offer', sdp: 'offer' }]);
    expect(channel.token).toBe('tok');
    expect(memory.place).toMatchObject({ meeting: 'm', seat: 's0' });
    expect(peer.state).toBe('connected');
    expect(call.view).toMatchObject({ state: 'waiting', admitted: false, seat: 's0', ends_at_us: 20, generation: 1 });
  });

  it('takes the TURN servers of the join for the first offer, and those of each answer for the next', async () => {
    const { call, channel, peer, settle } = makeCall();
    const server = (username: string) => ({ urls: ['turn:turn.example'], username, credential: 'c' });
    let atOffer: unknown;
    channel.answers['join'] = async () => ({ ...JOINED, ice_servers: [server('1:a')] });
    channel.answers['offer'] = async () => { atOffer = peer.servers; return { verb: 'answer', sdp: 'answer', ice_servers: [server('2:a')] }; };
    await call.ready(false);
    await settle();
    expect(atOffer).toEqual([server('1:a')]);
    expect(peer.servers).toEqual([server('2:a')]);
  });

  it('knows that the others\' picture goes on while their signalling is gone, and when it stops', async () => {
    const { call, channel, peer, settle, admit } = makeCall();
    await call.ready(false);
    await settle();
    admit();
    const flow = async (ms: number, frames: number) => {
      for (let at = 0; at < ms; at += 500) {
        peer.counters = { sound: peer.counters.sound + frames, frames: peer.counters.frames + frames, raw: peer.counters.raw + 2 * frames };
        await settle(500);
      }
      return call.view.flows['s1'];
    };
    expect(await flow(1000, 12)).toBe('picture');
    channel.tell({ verb: 'seats', meeting: 'm', state: 'cut_off', seats: [
      { seat: 's0', number: 0, role: 'lawyer', name: 'a', state: 'admitted', mids: null },
      { seat: 's1', number: 1, role: 'kiosk', name: 'd', state: 'dropped', mids: ['0', '1'] },
    ] });
    call.linkChanged('lost');
    expect(await flow(4000, 12)).toBe('picture');
    expect(await flow(3000, 0)).toBe('nothing');
    expect(await flow(500, 12)).toBe('picture');
    peer.state = 'failed';
    call.linkChanged('open');
    call.peerChanged('failed');
    await settle();
    expect(call.view.flows).toEqual({});
  });

  it('is admitted with all who are in', async () => {
    const { call, admit } = makeCall();
    await call.ready(false);
    admit();
    expect(call.view).toMatchObject({ state: 'live', admitted: true, admitted_at_us: 11 });
  });

  it('is refused with the server\'s reason', async () => {
    const { call, channel } = makeCall();
    channel.answers['join'] = async () => { throw new SignallingError('not-eligible', '不符合'); };
    await call.ready(false);
    expect(call.view.refused).toEqual({ code: 'not-eligible', title: '不符合', again: true });
    expect(channel.count('offer')).toBe(0);
  });

  it('waits quietly when the socket drops during join', async () => {
    const { call, channel } = makeCall();
    channel.answers['join'] = async () => { throw new SignallingError('unreachable'); };
    await call.ready(false);
    expect(call.view.refused).toBeNull();
  });

  it('goes on after a resume without a new offer while media lives', async () => {
    const { call, channel, settle } = makeCall();
    await call.ready(false);
    await settle();
    call.linkChanged('lost');
    call.linkChanged('open');
    await call.ready(true);
    await settle(10_000);
    expect(channel.count('join')).toBe(1);
    expect(channel.count('offer')).toBe(1);
  });

  it('offers anew after a resume when media does not come back by itself', async () => {
    const { call, channel, peer, settle } = makeCall();
    await call.ready(false);
    await settle();
    peer.state = 'disconnected';
    await call.ready(true);
    await settle(1900);
    expect(channel.count('offer')).toBe(1);
    await settle(200);
    expect(channel.count('offer')).toBe(2);
  });

  it('takes its place again after a reload', async () => {
    const { call, channel, settle } = makeCall({ meeting: 'm', seat: 's0', number: 0, starts_at_us: 10, ends_at_us: 20, admitted_at_us: 11 });
    await call.ready(true);
    await settle();
    expect(channel.count('join')).toBe(0);
    expect(channel.count('offer')).toBe(1);
    expect(call.view).toMatchObject({ seat: 's0', admitted_at_us: 11 });
  });

  it('offers anew when ICE fails, and when the server lost the media', async () => {
    const { call, channel, notices, settle } = makeCall();
    await call.ready(false);
    await settle();
    call.peerChanged('failed');
    await settle();
    expect(channel.count('offer')).toBe(2);
    channel.tell({ verb: 'notice', kind: 'media-lost' });
    await settle();
    expect(channel.count('offer')).toBe(3);
    expect(notices).toHaveLength(1);
  });

  it('gives a short disconnection time to heal', async () => {
    const { call, channel, peer, settle } = makeCall();
    await call.ready(false);
    await settle();
    peer.state = 'disconnected';
    call.peerChanged('disconnected');
    await settle(3000);
    peer.state = 'connected';
    call.peerChanged('connected');
    await settle(10_000);
    expect(channel.count('offer')).toBe(1);
  });

  it('tries a refused offer again, slower each time, and tells why', async () => {
    const { call, channel, settle } = makeCall();
    channel.answers['offer'] = async () => { throw new SignallingError('full', '已满'); };
    await call.ready(false);
    await settle();
    expect(call.view.media_fault).toBe('已满');
    await settle(1000);
    expect(channel.count('offer')).toBe(2);
    await settle(1000);
    expect(channel.count('offer')).toBe(2);
    await settle(1000);
    expect(channel.count('offer')).toBe(3);
  });

  it('has one offer under way at a time', async () => {
    const { call, channel, settle } = makeCall();
    let release: () => void = () => undefined;
    channel.answers['offer'] = () => new Promise((resolve) => { release = () => resolve({ verb: 'answer', sdp: 'x' }); });
    await call.ready(false);
    await settle();
    call.peerChanged('failed');
    await settle();
    expect(channel.count('offer')).toBe(1);
    release();
    await settle();
    expect(channel.count('offer')).toBe(2);
  });

  it('does not answer news of the leg before with another offer', async () => {
    const { call, channel, peer, settle } = makeCall();
    let release: () => void = () => undefined;
    channel.answers['offer'] = () => new Promise((resolve) => { release = () => resolve({ verb: 'answer', sdp: 'x' }); });
    await call.ready(false);
    await settle();
    channel.tell({ verb: 'notice', kind: 'media-lost' });
    await settle();
    release();
    await settle(10_000);
    expect(channel.count('offer')).toBe(1);
    peer.state = 'connecting';
    channel.tell({ verb: 'notice', kind: 'media-lost' });
    await settle(2100);
    expect(channel.count('offer')).toBe(2);
  });

  it('ends with the reason that every seat hears', async () => {
    const { call, channel, peer } = makeCall();
    await call.ready(false);
    channel.answers['end'] = async () => {
      channel.tell({ verb: 'end', meeting: 'm', reason: 'done', by: 'lawyer', at_us: 15 });
      throw new SignallingError('unreachable');
    };
    await call.end('done');
    expect(call.view).toMatchObject({ state: 'ended', ended: { reason: 'done', by: 'lawyer', at_us: 15 } });
    expect(peer.closed).toBe(true);
    expect(channel.closed).toBe(false);
  });

  it('says so when the end is refused', async () => {
    const { call, channel } = makeCall();
    await call.ready(false);
    channel.answers['end'] = async () => { throw new SignallingError('state'); };
    await expect(call.end('done')).rejects.toMatchObject({ code: 'state' });
    expect(call.view.ended).toBeNull();
  });

  it('does not take another meeting\'s end for its own', async () => {
    const { call, channel } = makeCall();
    await call.ready(false);
    channel.tell({ verb: 'end', meeting: 'other', reason: 'done', by: 'desk', at_us: 1 });
    expect(call.view.ended).toBeNull();
  });

  it('leaves even when the server does not answer, and forgets the seat', async () => {
    const { call, channel, memory, peer } = makeCall();
    await call.ready(false);
    channel.answers['leave'] = async () => { throw new SignallingError('timeout'); };
    await call.leave();
    expect(call.view.left).toBe(true);
    expect(memory.place).toBeNull();
    expect(peer.closed).toBe(true);
  });

  it('does nothing more after its end', async () => {
    const { call, channel, settle } = makeCall();
    await call.ready(false);
    await settle();
    channel.tell({ verb: 'end', meeting: 'm', reason: 'done', by: 'kiosk', at_us: 15 });
    call.peerChanged('failed');
    call.networkChanged();
    await settle(60_000);
    expect(channel.count('offer')).toBe(1);
  });

  it('tells a coarse quality once it is steady, and not again', async () => {
    const { call, channel, peer, settle, admit } = makeCall();
    await call.ready(false);
    await settle();
    admit();
    const flow = async (received: number, lost: number) => {
      peer.numbers.packetsReceived += received;
      peer.numbers.packetsLost += lost;
      await settle(2000);
    };
    await flow(100, 0);
    for (let i = 0; i < 4; i++) await flow(100, 0);
    expect(channel.said).toEqual([{ verb: 'quality', level: 3 }]);
    await flow(80, 20);
    await flow(100, 0);
    expect(channel.said).toHaveLength(1);
    await flow(0, 0);
    await flow(0, 0);
    expect(channel.said.at(-1)).toEqual({ verb: 'quality', level: 1 });
    expect(call.view.quality).toBe(1);
  });
});
