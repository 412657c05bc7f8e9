// SPDX-License-Identifier: Apache-2.0
// The socket between this page and the agent on the same machine: what the server says comes through it, a few verbs go back
// (src/kiosk/relay.c), and the agent signs for us with the key of the kiosk. Comes back by itself, but gives way to a newer
// page. No DOM.
import * as v from 'valibot';
import type { Channel } from '../lib/call';
import type { Identity } from '../lib/e2ee/types';
import { check, parseObject, type Incoming, type Message, type Verb } from '../lib/protocol';
import { SignallingError } from '../lib/signalling';

const Words = v.nullable(v.object({ zh: v.string(), en: v.string() }));
const Agent = v.object({
  verb: v.literal('agent'),
  state: v.picklist(['offline', 'connecting', 'online', 'unapproved', 'refused']),
  name: v.optional(Words, null),
  room: v.optional(Words, null),
  seated: v.boolean(),
  heartbeat_ms: v.pipe(v.number(), v.minValue(100)),
  locale: v.optional(v.picklist(['zh-CN', 'en']), 'zh-CN'),
  /** The device key, P-256 SubjectPublicKeyInfo in base64, and what people compare of it. */
  public_key: v.optional(v.nullable(v.string()), null),
  fingerprint: v.optional(v.nullable(v.string()), null),
});
const Signature = v.object({ verb: v.literal('signature'), re: v.pipe(v.number(), v.integer()), signature: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{86}$/)) });

export type AgentView = v.InferOutput<typeof Agent>;
export type SignatureMessage = v.InferOutput<typeof Signature>;
type FromAgent = Incoming | SignatureMessage;
export type Attachment = 'connecting' | 'open' | 'lost' | 'taken-over';

export interface AgentLinkOptions {
  url: string;
  agent: (view: AgentView) => void;
  message: (message: Incoming) => void;
  changed: (attachment: Attachment) => void;
  webSocket?: (url: string) => WebSocket;
  pause_ms?: (attempt: number) => number;
}

interface Pending {
  resolve: (message: FromAgent) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

const TAKEN_OVER = 4001;
/** What the agent passes on is 64 KiB at most (docs/kiosk.md). */
const MESSAGE_MAX = 64 * 1024;
const REQUEST_MS = 12_000;

/** The message in `text`, or null. The agent keeps the seat's token, which lib/protocol.ts wants in every `join`. */
export function decodeFromAgent(text: string): FromAgent | AgentView | null {
  const value = parseObject(text, MESSAGE_MAX);
  if (value?.['verb'] === 'agent' || value?.['verb'] === 'signature') {
    const result = v.safeParse(value['verb'] === 'agent' ? Agent : Signature, value);
    return result.success ? result.output : null;
  }
  return value && check(value['verb'] === 'join' ? { ...value, token: '' } : value);
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
}

export class AgentLink {
  private socket: WebSocket | null = null;
  private attachment: Attachment = 'connecting';
  private attempt = 0;
  private nextId = 1;
  private heart: ReturnType<typeof setInterval> | undefined;
  private readonly pending = new Map<number, Pending>();
  private readonly handlers = new Map<Verb, Set<(message: Incoming) => void>>();

  constructor(private readonly options: AgentLinkOptions) {}

  start(): void {
    const socket = this.options.webSocket?.(this.options.url) ?? new WebSocket(this.options.url);
    this.socket = socket;
    socket.onopen = () => {
      this.attempt = 0;
      this.move('open');
    };
    socket.onmessage = (event: MessageEvent) => {
      if (typeof event.data === 'string') this.take(event.data);
    };
    socket.onclose = (event: CloseEvent) => this.closed(event.code);
  }

  send(message: object): boolean {
    if (this.attachment !== 'open' || !this.socket) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  async request(message: object): Promise<Incoming> {
    const answer = await this.ask(message);
    if (answer.verb === 'signature') throw new SignallingError('bad-message');
    return answer;
  }

  /** The kiosk's identity: its key never leaves the agent, which signs reveals of the agreement and nothing else. */
  identity(publicKey: string): Identity {
    return { publicKey, sign: (statement) => this.sign(statement) };
  }

  private async sign(statement: Uint8Array): Promise<Uint8Array> {
    const answer = await this.ask({ verb: 'sign', statement: base64url(statement) });
    if (answer.verb !== 'signature') throw new SignallingError('bad-message');
    return fromBase64url(answer.signature);
  }

  private ask(message: object): Promise<FromAgent> {
    const id = this.nextId++;
    if (!this.send({ ...message, id })) return Promise.reject(new SignallingError('unreachable'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new SignallingError('timeout'));
      }, REQUEST_MS);
      this.pending.set(id, { resolve, reject, timer });
    });
  }

  on<V extends Verb>(verb: V, handler: (message: Message<V>) => void): () => void {
    const set = this.handlers.get(verb) ?? new Set();
    const one = handler as (message: Incoming) => void;
    this.handlers.set(verb, set.add(one));
    return () => set.delete(one);
  }

  /** What one call needs; its end closes nothing, for the next meeting comes over the same socket. */
  channel(): Channel {
    return {
      on: (verb, handler) => this.on(verb, handler),
      send: (message) => this.send(message),
      request: (message) => this.request(message),
      keepSeat: () => undefined,
      close: () => undefined,
    };
  }

  private move(attachment: Attachment): void {
    this.attachment = attachment;
    this.options.changed(attachment);
  }

  private closed(code: number): void {
    this.socket = null;
    clearInterval(this.heart);
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(new SignallingError('unreachable'));
    }
    this.pending.clear();
    if (code === TAKEN_OVER) {
      this.move('taken-over');
      return;
    }
    this.move('lost');
    setTimeout(() => this.start(), this.options.pause_ms?.(this.attempt++) ?? Math.min(3000, 300 * 2 ** this.attempt++));
  }

  private beat(every_ms: number): void {
    clearInterval(this.heart);
    this.heart = setInterval(() => this.send({ verb: 'alive' }), every_ms);
    this.send({ verb: 'alive' });
  }

  private take(text: string): void {
    const message = decodeFromAgent(text);
    if (!message) return;
    if (message.verb === 'agent') {
      this.beat(message.heartbeat_ms);
      this.options.agent(message);
      return;
    }
    this.settle(message);
    if (message.verb === 'signature') return;
    this.options.message(message);
    for (const handler of this.handlers.get(message.verb) ?? []) handler(message);
  }

  private settle(message: FromAgent): void {
    const re = 're' in message ? message.re : undefined;
    const waiting = re === undefined ? undefined : this.pending.get(re);
    if (re === undefined || !waiting) return;
    this.pending.delete(re);
    clearTimeout(waiting.timer);
    if (message.verb === 'error') waiting.reject(new SignallingError(message.code, message.title, message.detail));
    else waiting.resolve(message);
  }
}
