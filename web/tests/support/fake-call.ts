// SPDX-License-Identifier: Apache-2.0
// A seat's way into a meeting without a network: a channel and a peer that the test answers for.
import { vi } from 'vitest';
import { Call, type Channel, type MediaPeer, type SeatMemory, type SeatPlace } from '../../lib/call';
import type { Arrived } from '../../lib/flow';
import { UnguardedError } from '../../lib/leg';
import type { PeerState, PeerStats } from '../../lib/peer';
import type { Incoming, Message, NoticeView, Verb } from '../../lib/protocol';
import { SignallingError } from '../../lib/signalling';
import { FakeE2ee } from './fake-e2ee';

export const JOINED = { verb: 'join', meeting: 'm', booking: 'b', seat: 's0', number: 0, token: 'tok', state: 'waiting', starts_at_us: 10, ends_at_us: 20 };

export class FakeChannel implements Channel {
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

export class FakePeer implements MediaPeer {
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

export function makeCall(place: SeatPlace | null = null) {
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
