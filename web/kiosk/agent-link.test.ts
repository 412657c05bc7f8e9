// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Incoming } from '../lib/protocol';
import { AgentLink, decodeFromAgent, type AgentView, type Attachment } from './agent-link';

class FakeSocket {
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string): void { this.sent.push(JSON.parse(text) as Record<string, unknown>); }
  say(message: object): void { this.onmessage?.({ data: JSON.stringify(message) }); }
}

const agent = { verb: 'agent', state: 'online', name: null, room: { zh: '一', en: '1' }, seated: false, heartbeat_ms: 1000, locale: 'en' };
const id = (letter: string) => letter.repeat(26);
const join = { verb: 'join', meeting: id('m'), booking: id('b'), seat: id('s'), number: 1, state: 'waiting' };

describe('the link to the agent', () => {
  let sockets: FakeSocket[];
  let agents: AgentView[];
  let messages: Incoming[];
  let changes: Attachment[];
  let link: AgentLink;
  const socket = () => sockets.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = []; agents = []; messages = []; changes = [];
    link = new AgentLink({
      url: 'ws://x/agent', agent: (view) => agents.push(view), message: (message) => messages.push(message),
      changed: (attachment) => changes.push(attachment), pause_ms: () => 100,
      webSocket: () => {
        sockets.push(new FakeSocket());
        return socket() as unknown as WebSocket;
      },
    });
    link.start();
    socket().onopen?.();
  });
  afterEach(() => vi.useRealTimers());

  it('beats in the agent\'s rhythm', () => {
    socket().say(agent);
    vi.advanceTimersByTime(3000);
    expect(agents).toHaveLength(1);
    expect(socket().sent.filter((one) => one['verb'] === 'alive')).toHaveLength(4);
  });

  it('hands a seat on without the token, which stays with the agent', () => {
    socket().say(join);
    expect(messages[0]).toMatchObject({ verb: 'join', seat: id('s') });
  });

  it('answers a question by its id, with an error too', async () => {
    const good = link.request({ verb: 'offer', sdp: 'v=0' });
    const bad = link.request({ verb: 'end', reason: 'done' });
    socket().say({ verb: 'answer', re: 1, sdp: 'v=1' });
    socket().say({ verb: 'error', re: 2, code: 'state', title: 't' });
    await expect(good).resolves.toMatchObject({ sdp: 'v=1' });
    await expect(bad).rejects.toMatchObject({ code: 'state' });
  });

  it('has reveals signed by the agent, which has the key', async () => {
    const identity = link.identity('MFkw');
    expect(identity.publicKey).toBe('MFkw');
    const good = identity.sign(new Uint8Array([255, 254, 0, 62]));
    const bad = identity.sign(new Uint8Array([1]));
    const odd = identity.sign(new Uint8Array([2]));
    expect(socket().sent.at(-3)).toEqual({ verb: 'sign', statement: '__4APg', id: 1 });
    socket().say({ verb: 'signature', re: 1, signature: `${'_'.repeat(85)}w` });
    socket().say({ verb: 'error', re: 2, code: 'invalid', title: 'statement' });
    socket().say({ verb: 'leave', re: 3 });
    expect(await good).toEqual(new Uint8Array(64).fill(255));
    await expect(bad).rejects.toMatchObject({ code: 'invalid' });
    await expect(odd).rejects.toMatchObject({ code: 'bad-message' });
    expect(messages.map(({ verb }) => verb)).not.toContain('signature');
  });

  it('knows the key of the kiosk, and that nobody has approved it', () => {
    socket().say({ ...agent, state: 'unapproved', public_key: 'MFkw', fingerprint: 'AAAA BBBB' });
    expect(agents.at(-1)).toMatchObject({ state: 'unapproved', public_key: 'MFkw', fingerprint: 'AAAA BBBB' });
    socket().say(agent);
    expect(agents.at(-1)).toMatchObject({ public_key: null, fingerprint: null });
  });

  it('does not leave a question open when the agent goes or stays silent', async () => {
    const first = link.request({ verb: 'leave' });
    socket().onclose?.({ code: 1006 });
    await expect(first).rejects.toMatchObject({ code: 'unreachable' });
    await expect(link.request({ verb: 'leave' })).rejects.toMatchObject({ code: 'unreachable' });
    vi.advanceTimersByTime(100);
    socket().onopen?.();
    const second = link.request({ verb: 'leave' });
    vi.advanceTimersByTime(12_000);
    await expect(second).rejects.toMatchObject({ code: 'timeout' });
  });

  it('comes back by itself', () => {
    socket().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(100);
    socket().onopen?.();
    expect(sockets).toHaveLength(2);
    expect(changes).toEqual(['open', 'lost', 'open']);
  });

  it('gives way to a newer page', () => {
    socket().onclose?.({ code: 4001 });
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(changes.at(-1)).toBe('taken-over');
  });

  it('ends no socket when a call ends', () => {
    link.channel().close();
    expect(link.send({ verb: 'alive' })).toBe(true);
  });

  it('stops listening when told so', () => {
    const heard: unknown[] = [];
    const stop = link.on('notice', (message) => heard.push(message));
    socket().say({ verb: 'notice', kind: 'time-left', minutes: 5 });
    stop();
    socket().say({ verb: 'notice', kind: 'time-left', minutes: 1 });
    expect(heard).toHaveLength(1);
  });
});

describe('what cannot be read', () => {
  it.each(['', '[]', 'null', '{', '7', '{"verb":"agent"}', '{"verb":"agent","state":"happy","seated":false,"heartbeat_ms":5000}',
    '{"verb":"unknown"}', '{"verb":"signature","re":1,"signature":"AA"}', `{"verb":"signature","signature":"${'A'.repeat(86)}"}`, '{"verb":"join"}', '{"verb":"seats","meeting":"m","state":"live","seats":7}', `"${'x'.repeat(70_000)}"`])('is dropped: %.40s', (text) => {
    expect(decodeFromAgent(text)).toBeNull();
  });
});
