// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Call, wantsDevice, type Channel, type MediaPeer, type SeatMemory, type SeatPlace } from '../lib/call';
import type { Incoming, Message, NoticeView, Verb } from '../lib/protocol';
import type { Arrived } from '../lib/flow';
import { UnguardedError } from '../lib/leg';
import type { PeerState, PeerStats } from '../lib/peer';
import { SignallingError } from '../lib/signalling';
import { FakeE2ee } from './support/fake-e2ee';

const JOINED = { verb: 'join', meeting: 'm', booking: 'b', seat: 's0', number: 0, token: 'tok', state: 'waiting', starts_at_us: 10, ends_at_us: 20 };

class FakeChannel implements Channel {
  readonly handlers = new Map<Verb, ((message: never) => void)[]>();
  readonly asked: Record<string, unknown>[] = [];
  readonly said: object[] = [];
  answers: Record<string, () => Promise<object>> = {
    join: async () => JOINED,
    offer: async () => ({ verb: 'answer', sdp: 'answer' }),
    leave: async () => ({ verb: 'leave' }),
  };
  token = '';
  closed: boolean | null = null;

  on<V extends Verb>(verb: V, handler: (message: Message<V>) => void): () => void {
    const some = this.handlers.get(verb) ?? [];
    some.push(handler as never);
    this.handlers.set(verb, some);
    return () => this.handlers.set(verb, some.filter((one) => one !== (handler as never)));
  }
  send(message: object): boolean { this.said.push(message); return true; }
  async request(message: object): Promise<Incoming> {
    this.asked.push(message as Record<string, unknown>);
    const answer = this.answers[(message as { verb: string }).verb];
    if (!answer) throw new SignallingError('timeout');
    return (await answer()) as Incoming;
  }
  keepSeat(token: string): void { this.token = token; }
  close(keepSeat = false): void { this.closed = keepSeat; }
  tell(message: { verb: Verb } & Record<string, unknown>): void {
    for (const handler of this.handlers.get(message.verb) ?? []) handler(message as never);
  }
  count(verb: string): number { return this.asked.filter((message) => message['verb'] === verb).length; }
}

class FakePeer implements MediaPeer {
  state: PeerState = 'new';
  numbers: PeerStats = { framesDecoded: 0, bytesReceived: 0, bytesSent: 0, packetsReceived: 0, packetsLost: 0, asked: 0, rtt_ms: 10, sent_loss: 0, estimate_bps: null };
  closed = false;
  guard: unknown = null;
  guarded = true;
  unguardedOffers = 0;
  passed: unknown[] = [];
  guardWith(guard: unknown): void { this.guard = guard; }
  passing(sender: RTCRtpSender): void { this.passed.push(sender); }
  live = false;
  silent = false;
  servers: readonly unknown[] | undefined;
  useServers(servers?: readonly unknown[]): void { this.servers = servers; }
  setLive(live: boolean): void { this.live = live; }
  silence(): void { this.silent = true; }
  opened(): boolean { return true; }
  async isGuarded(): Promise<boolean> { return this.guarded; }
  async offer(): Promise<string> { if (this.unguardedOffers-- > 0) throw new UnguardedError('no worker'); this.state = 'connecting'; return 'offer'; }
  async answer(): Promise<void> { this.state = 'connected'; }
  async stats(): Promise<PeerStats> { return { ...this.numbers }; }
  follow(): void {}
  waits: (number | null)[] = [];
  wait(ms: number | null): void { this.waits.push(ms); }
  counters: Arrived = { sound: 0, frames: 0, raw: 0 };
  async arrived(): Promise<Arrived> { return { ...this.counters }; }
  streamOf(slot: number): MediaStream | null { return { slot } as unknown as MediaStream; }
  close(): void { this.closed = true; this.state = 'closed'; }
}

function make(place: SeatPlace | null = null) {
  const channel = new FakeChannel();
  const peer = new FakePeer();
  const notices: NoticeView[] = [];
  const memory: SeatMemory & { place: SeatPlace | null } = {
    place, read() { return this.place; }, write(one) { this.place = one; }, clear() { this.place = null; },
  };
  let e2ee!: FakeE2ee;
  const told: [string | null, boolean][] = [];
  const drawn = () => { if (call) told.push([call.view.state, peer.live]); };
  let call!: Call;
  call = new Call({
    booking: 'b', device: 'dev', peer, memory, e2ee: (hooks) => (e2ee = new FakeE2ee(hooks)), changed: () => drawn(), noticed: (one) => notices.push(one),
  });
  call.attach(channel);
  call.linkChanged('open');
  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const admit = () => {
    channel.tell({ verb: 'seats', meeting: 'm', state: 'live', seats: [
      { seat: 's0', number: 0, role: 'lawyer', name: 'a', state: 'admitted', mids: null },
      { seat: 's1', number: 1, role: 'kiosk', name: 'd', state: 'admitted', mids: ['0', '1'] },
    ] });
    channel.tell({ verb: 'admit', meeting: 'm', at_us: 11 });
  };
  return { call, channel, peer, e2ee, memory, notices, settle, admit, told };
}

describe('a seat in a meeting', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('is taken, kept, and its media set up before admission', async () => {
    const { call, channel, peer, memory, settle } = make();
    await call.ready(false);
    await settle();
    expect(channel.asked).toEqual([{ verb: 'join', booking: 'b', device: 'dev' }, { verb: 'offer', sdp: 'offer' }]);
    expect(channel.token).toBe('tok');
    expect(memory.place).toMatchObject({ meeting: 'm', seat: 's0' });
    expect(peer.state).toBe('connected');
    expect(call.view).toMatchObject({ state: 'waiting', admitted: false, seat: 's0', ends_at_us: 20, generation: 1 });
  });

  it('takes the TURN servers of the join for the first offer, and those of each answer for the next', async () => {
    const { call, channel, peer, settle } = make();
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
    const { call, channel, peer, settle, admit } = make();
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
    const { call, admit } = make();
    await call.ready(false);
    admit();
    expect(call.view).toMatchObject({ state: 'live', admitted: true, admitted_at_us: 11 });
  });

  it('is refused with the server\'s reason', async () => {
    const { call, channel } = make();
    channel.answers['join'] = async () => { throw new SignallingError('not-eligible', '不符合'); };
    await call.ready(false);
    expect(call.view.refused).toEqual({ code: 'not-eligible', title: '不符合', again: true });
    expect(channel.count('offer')).toBe(0);
  });

  it('waits quietly when the socket drops during join', async () => {
    const { call, channel } = make();
    channel.answers['join'] = async () => { throw new SignallingError('unreachable'); };
    await call.ready(false);
    expect(call.view.refused).toBeNull();
  });

  it('goes on after a resume without a new offer while media lives', async () => {
    const { call, channel, settle } = make();
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
    const { call, channel, peer, settle } = make();
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
    const { call, channel, settle } = make({ meeting: 'm', seat: 's0', number: 0, starts_at_us: 10, ends_at_us: 20, admitted_at_us: 11 });
    await call.ready(true);
    await settle();
    expect(channel.count('join')).toBe(0);
    expect(channel.count('offer')).toBe(1);
    expect(call.view).toMatchObject({ seat: 's0', admitted_at_us: 11 });
  });

  it('offers anew when ICE fails, and when the server lost the media', async () => {
    const { call, channel, notices, settle } = make();
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
    const { call, channel, peer, settle } = make();
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
    const { call, channel, settle } = make();
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
    const { call, channel, settle } = make();
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
    const { call, channel, peer, settle } = make();
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
    const { call, channel, peer } = make();
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
    const { call, channel } = make();
    await call.ready(false);
    channel.answers['end'] = async () => { throw new SignallingError('state'); };
    await expect(call.end('done')).rejects.toMatchObject({ code: 'state' });
    expect(call.view.ended).toBeNull();
  });

  it('does not take another meeting\'s end for its own', async () => {
    const { call, channel } = make();
    await call.ready(false);
    channel.tell({ verb: 'end', meeting: 'other', reason: 'done', by: 'desk', at_us: 1 });
    expect(call.view.ended).toBeNull();
  });

  it('leaves even when the server does not answer, and forgets the seat', async () => {
    const { call, channel, memory, peer } = make();
    await call.ready(false);
    channel.answers['leave'] = async () => { throw new SignallingError('timeout'); };
    await call.leave();
    expect(call.view.left).toBe(true);
    expect(memory.place).toBeNull();
    expect(peer.closed).toBe(true);
  });

  it('does nothing more after its end', async () => {
    const { call, channel, settle } = make();
    await call.ready(false);
    await settle();
    channel.tell({ verb: 'end', meeting: 'm', reason: 'done', by: 'kiosk', at_us: 15 });
    call.peerChanged('failed');
    call.networkChanged();
    await settle(60_000);
    expect(channel.count('offer')).toBe(1);
  });

  it('tells a coarse quality once it is steady, and not again', async () => {
    const { call, channel, peer, settle, admit } = make();
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

describe('the keys of a seat', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  const live = async () => {
    const made = make();
    await made.call.ready(false);
    await made.settle();
    made.admit();
    made.e2ee.tell({ state: 'ready', epoch: 3, code: '123456' });
    return made;
  };

  it('let nothing be heard or seen before the code stands on the live screen', async () => {
    const { call, channel, peer, e2ee, settle, admit } = make();
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
    const { call, channel, peer, e2ee, settle } = make();
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
    const { call } = make();
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
    const { peer, e2ee } = make();
    expect(peer.guard).toBe(e2ee);
  });

  it('are agreed on for the roster, once we know which seat is ours, whatever comes first', async () => {
    const { call, channel, e2ee, admit, settle } = make();
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
    const { call, channel, peer, settle } = make();
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
