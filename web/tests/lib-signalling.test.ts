// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../lib/api';
import { Signalling, SignallingError, defaultBackOff, type LinkState, type SeatKeeper, type SignallingOptions } from '../lib/signalling';
import { FakeSocket } from './support/fake-socket';

const HELLO = { verb: 'hello', v: 1, nonce: 'n', origin: 'https://x' };

function keeper(): SeatKeeper & { kept: { token: string; seen_ms: number } | null } {
  return {
    kept: null,
    read() { return this.kept; },
    write(token, seen_ms) { this.kept = { token, seen_ms }; },
    clear() { this.kept = null; },
  };
}

function make(more: Partial<SignallingOptions> = {}) {
  const sockets: FakeSocket[] = [];
  const states: LinkState[] = [];
  const ready: boolean[] = [];
  const refused: unknown[] = [];
  const hello = vi.fn(async (): Promise<Record<string, unknown>> => ({ ticket: `t${hello.mock.calls.length}` }));
  const signalling = new Signalling({
    url: 'wss://x/ws', hello, backOff: () => 100,
    ready: (_you, resumed) => ready.push(resumed),
    changed: (state) => states.push(state),
    refused: (error) => refused.push(error),
    webSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    ...more,
  });
  signalling.start();
  const settle = () => vi.advanceTimersByTimeAsync(0);
  /** Lets the server greet and accept the newest socket. */
  const enter = async (resumed = false) => {
    const socket = sockets.at(-1)!;
    socket.say(HELLO);
    await settle();
    socket.say({ verb: 'hello', v: 1, re: socket.last('hello')!['id'], you: { kind: 'lawyer', id: 'l' }, resumed });
    await settle();
    return socket;
  };
  return { signalling, sockets, states, ready, refused, hello, settle, enter };
}

describe('signalling', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('says hello with a ticket once the server has greeted', async () => {
    const { sockets, ready, states, enter } = make();
    expect(sockets[0]!.sent).toEqual([]);
    const socket = await enter();
    expect(socket.sent[0]).toMatchObject({ verb: 'hello', v: 1, ticket: 't1' });
    expect(ready).toEqual([false]);
    expect(states).toEqual(['open']);
  });

  it('matches answers to questions by id', async () => {
    const { signalling, enter } = make();
    const socket = await enter();
    const first = signalling.request({ verb: 'offer', sdp: 'a' });
    const second = signalling.request({ verb: 'offer', sdp: 'b' });
    const [a, b] = socket.sent.slice(-2).map((message) => message['id']);
    socket.say({ verb: 'answer', re: b, sdp: 'B' });
    socket.say({ verb: 'answer', re: a, sdp: 'A' });
    await expect(first).resolves.toMatchObject({ sdp: 'A' });
    await expect(second).resolves.toMatchObject({ sdp: 'B' });
  });

  it('turns an error with our id into a refusal', async () => {
    const { signalling, enter } = make();
    const socket = await enter();
    const wish = signalling.request({ verb: 'join', booking: 'b' });
    socket.say({ verb: 'error', re: socket.last('join')!['id'], code: 'not-eligible', title: 'no' });
    await expect(wish).rejects.toMatchObject({ code: 'not-eligible', title: 'no' });
  });

  it('gives up waiting for an answer that does not come, and the socket with it', async () => {
    const { signalling, sockets, states, enter } = make();
    const socket = await enter();
    const wish = expect(signalling.request({ verb: 'leave' })).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(12_000);
    await wish;
    expect(socket.closed).toBe(true);
    expect(states.at(-1)).toBe('lost');
    await vi.advanceTimersByTimeAsync(100);
    expect(sockets).toHaveLength(2);
    await enter();
    expect(states.at(-1)).toBe('open');
  });

  it('waits for an answer as long as it was told', async () => {
    const { signalling, enter } = make();
    const socket = await enter();
    const wish = expect(signalling.request({ verb: 'leave' }, 5000)).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(4999);
    expect(socket.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await wish;
    expect(socket.closed).toBe(true);
  });

  it('tries another socket when one does not open, and is more patient with each third', async () => {
    const { sockets } = make({ backOff: (attempt) => (attempt === 0 ? 100 : 60_000) });
    for (const [index, patience] of [4000, 4000, 8000, 4000].entries()) {
      expect(sockets).toHaveLength(index + 1);
      await vi.advanceTimersByTimeAsync(patience - 1);
      expect(sockets[index]!.closed).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets[index]!.closed).toBe(true);
      await vi.advanceTimersByTimeAsync(100);
    }
  });

  it('ignores what it cannot read', async () => {
    const { signalling, enter } = make();
    const socket = await enter();
    const heard = vi.fn();
    signalling.on('admit', heard);
    socket.onmessage?.({ data: '{"verb":"admit"' } as MessageEvent);
    socket.onmessage?.({ data: new ArrayBuffer(4) } as MessageEvent);
    socket.say({ verb: 'admit', meeting: 'm', at_us: 'soon' });
    expect(heard).not.toHaveBeenCalled();
  });

  it('comes back after a drop with the seat token', async () => {
    const seat = keeper();
    const { signalling, sockets, states, ready, hello, enter } = make({ keeper: seat });
    await enter();
    signalling.keepSeat('token-1');
    const pending = expect(signalling.request({ verb: 'leave' })).rejects.toMatchObject({ code: 'unreachable' });
    sockets[0]!.close();
    await pending;
    await vi.advanceTimersByTimeAsync(100);
    const socket = await enter(true);
    expect(socket.sent[0]).toMatchObject({ verb: 'hello', resume: 'token-1' });
    expect(hello).toHaveBeenCalledTimes(1);
    expect(ready).toEqual([false, true]);
    expect(states).toEqual(['open', 'lost', 'open']);
  });

  it('starts anew when the token is older than 60 s', async () => {
    const seat = keeper();
    const { signalling, sockets, enter } = make({ keeper: seat, backOff: () => 61_000 });
    await enter();
    signalling.keepSeat('token-1');
    sockets[0]!.close();
    await vi.advanceTimersByTimeAsync(61_000);
    const socket = await enter();
    expect(socket.sent[0]).toMatchObject({ ticket: 't2' });
  });

  it('keeps the token fresh while the socket lives, so that a reload can resume', async () => {
    const seat = keeper();
    const { signalling, enter } = make({ keeper: seat });
    await enter();
    signalling.keepSeat('token-1');
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(Date.now() - seat.kept!.seen_ms).toBeLessThan(10_000);
  });

  /** A seat dropped, came back and was refused: the server does not know its token any more. */
  async function refuseSeat() {
    const seat = keeper();
    const made = make({ keeper: seat });
    await made.enter();
    made.signalling.keepSeat('token-1');
    made.sockets[0]!.close();
    await vi.advanceTimersByTimeAsync(100);
    const socket = made.sockets.at(-1)!;
    socket.say(HELLO);
    await made.settle();
    socket.say({ verb: 'error', re: socket.last('hello')!['id'], code: 'token' });
    return { ...made, seat, socket };
  }

  it('asks for a new ticket when the seat token is refused', async () => {
    const { seat, socket, settle } = await refuseSeat();
    await settle();
    expect(socket.last('hello')).toMatchObject({ ticket: 't2' });
    expect(seat.kept).toBeNull();
  });

  it('asks for a new ticket on the next socket when the refusal closes this one', async () => {
    const { socket, enter } = await refuseSeat();
    socket.close();
    await vi.advanceTimersByTimeAsync(100);
    const next = await enter();
    expect(next.sent[0]).toHaveProperty('ticket');
  });

  it('tries on while the server is away', async () => {
    const { sockets, ready, enter } = make();
    for (let i = 0; i < 5; i++) {
      sockets.at(-1)!.close();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(sockets.length).toBe(6);
    await enter();
    expect(ready).toEqual([false]);
  });

  it('gives up a socket that never greets', async () => {
    const { sockets } = make();
    await vi.advanceTimersByTimeAsync(8100);
    expect(sockets[0]!.closed).toBe(true);
    expect(sockets.length).toBe(2);
  });

  it('stops for good when the ticket is denied', async () => {
    const hello = async () => { throw new ApiProblem(404, 'not-found', 'Not found'); };
    const { sockets, refused, states, settle } = make({ hello });
    sockets[0]!.say(HELLO);
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused).toMatchObject([{ code: 'not-found' }]);
    expect(states).toEqual(['closed']);
    expect(sockets.length).toBe(1);
  });

  it('does not fight for a seat that was taken over', async () => {
    const { sockets, refused, states, enter } = make();
    await enter();
    sockets[0]!.close(4409);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused).toMatchObject([{ code: 'taken-over' }]);
    expect(states).toEqual(['open', 'closed']);
    expect(sockets.length).toBe(1);
  });

  it('tries on when the ticket cannot be had because the server is away', async () => {
    const hello = async () => { throw new ApiProblem(502, 'unreachable', ''); };
    const { sockets, refused, settle } = make({ hello });
    sockets[0]!.say(HELLO);
    await settle();
    await vi.advanceTimersByTimeAsync(100);
    expect(refused).toEqual([]);
    expect(sockets.length).toBe(2);
  });

  it('reconnects at once when told that the network changed', async () => {
    const { signalling, sockets, states, enter } = make();
    await enter();
    signalling.reconnect();
    await vi.advanceTimersByTimeAsync(100);
    expect(sockets.length).toBe(2);
    expect(states).toEqual(['open', 'lost']);
  });

  it('hears nothing from a socket it has given up', async () => {
    const { signalling, enter } = make();
    const old = await enter();
    const heard = vi.fn();
    signalling.on('admit', heard);
    signalling.reconnect();
    old.say({ verb: 'admit', meeting: 'm', at_us: 1 });
    expect(heard).not.toHaveBeenCalled();
  });

  it('forgets the seat when closed, keeps it when asked to', async () => {
    const seat = keeper();
    const first = make({ keeper: seat });
    await first.enter();
    first.signalling.keepSeat('t');
    first.signalling.close(true);
    expect(seat.kept).not.toBeNull();
    first.signalling.close();
    expect(seat.kept).toBeNull();
    await expect(first.signalling.request({ verb: 'leave' })).rejects.toBeInstanceOf(SignallingError);
    expect(first.signalling.send({ verb: 'quality', level: 1 })).toBe(false);
  });

  it('backs off up to 5 s, with chance in it', () => {
    expect(defaultBackOff(0)).toBeLessThan(300);
    for (const attempt of [5, 10, 30]) {
      expect(defaultBackOff(attempt)).toBeGreaterThanOrEqual(5000);
      expect(defaultBackOff(attempt)).toBeLessThan(6700);
    }
  });
});
