// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { api, ApiProblem } from '../lib/api';
import { Follow } from '../supervisor/follow';

class Socket {
  static all: Socket[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: { verb: string; id: number; [name: string]: unknown }[] = [];

  constructor() {
    Socket.all.push(this);
    setTimeout(() => this.say({ verb: 'hello', v: 1, nonce: 'n', origin: 'o' }), 0);
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Socket['sent'][number]);
  }
  close(): void {
    this.onclose?.();
  }
  last(verb: string): Socket['sent'][number] {
    return this.sent.filter((message) => message.verb === verb).at(-1)!;
  }
}

const meeting = (id: string, state: string) => ({ id, state, seats: [] });
let changed: () => void;
let ended: string[];
let refusals: unknown[];
let follow: Follow;

async function open(socket: Socket, meetings: object[]): Promise<void> {
  await vi.advanceTimersByTimeAsync(1);
  socket.say({ verb: 'hello', v: 1, re: socket.last('hello').id, you: { kind: 'follower', id: 'a' }, resumed: false });
  await vi.advanceTimersByTimeAsync(1);
  socket.say({ verb: 'follow', re: socket.last('follow').id, meetings });
  await vi.advanceTimersByTimeAsync(1);
}

beforeEach(() => {
  vi.useFakeTimers();
  Socket.all = [];
  changed = vi.fn<() => void>();
  ended = [];
  refusals = [];
  vi.spyOn(api, 'ticket').mockResolvedValue({ ticket: 'T', expires_at_us: 0 });
  follow = new Follow({
    changed,
    ended: (ids) => ended.push(...ids),
    refused: (error) => refusals.push(error),
    locale: () => 'zh-CN',
    now_us: () => Date.now() * 1000,
    url: 'ws://test/ws',
    webSocket: () => new Socket() as unknown as WebSocket,
  });
});

afterEach(() => {
  follow.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('following', () => {
  test('takes the snapshot and then each change', async () => {
    follow.start();
    expect(follow.known).toBe(false);
    await open(Socket.all[0]!, [meeting('a', 'live')]);
    expect(follow.known).toBe(true);
    Socket.all[0]!.say({ verb: 'follow', meeting: meeting('b', 'waiting') });
    expect(follow.list.rows(0).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(Socket.all[0]!.last('hello')).toMatchObject({ ticket: 'T' });
  });

  test('comes back after a drop with a new ticket and drops what ended meanwhile', async () => {
    follow.start();
    await open(Socket.all[0]!, [meeting('a', 'live'), meeting('b', 'live')]);
    Socket.all[0]!.close();
    expect(follow.link).toBe('lost');
    expect(follow.heard_us).not.toBeNull();
    await vi.advanceTimersByTimeAsync(400);
    await open(Socket.all[1]!, [meeting('b', 'live')]);
    expect(follow.link).toBe('open');
    expect(follow.heard_us).toBeNull();
    expect(ended).toEqual(['a']);
    expect(api.ticket).toHaveBeenCalledTimes(2);
  });

  test('gives up when the account may not follow any more', async () => {
    vi.mocked(api.ticket).mockRejectedValue(new ApiProblem(401, 'sign-in', ''));
    follow.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(follow.over).toBe(true);
    expect(refusals).toHaveLength(1);
    expect(Socket.all).toHaveLength(1);
  });

  test('starts over when a ticket came too late', async () => {
    follow.start();
    await vi.advanceTimersByTimeAsync(1);
    const [first] = Socket.all;
    first!.say({ verb: 'error', re: first!.last('hello').id, code: 'token' });
    await vi.advanceTimersByTimeAsync(5100);
    await open(Socket.all[1]!, []);
    expect(follow.link).toBe('open');
    expect(refusals).toEqual([]);
  });

  test('gives up a socket that looks open while the server does not answer', async () => {
    follow.start();
    await open(Socket.all[0]!, []);
    vi.spyOn(api, 'health').mockRejectedValue(new ApiProblem(0, 'unreachable', ''));
    await follow.probe();
    expect(follow.link).toBe('lost');
  });

  test('does not trust a server that gives no snapshot', async () => {
    follow.start();
    await vi.advanceTimersByTimeAsync(1);
    const [socket] = Socket.all;
    socket!.say({ verb: 'hello', v: 1, re: socket!.last('hello').id, you: { kind: 'follower', id: 'a' }, resumed: false });
    await vi.advanceTimersByTimeAsync(13_000);
    expect(follow.known).toBe(false);
    expect(Socket.all.length).toBeGreaterThan(1);
  });
});
