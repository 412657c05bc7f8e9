// SPDX-License-Identifier: Apache-2.0
// One signalling socket that comes back by itself: hello, requests answered by id, events by verb, resume by seat token.
// Who connects is the caller's matter (`hello` in the options). No DOM.
import { RESUME_MS, SUBPROTOCOL, VERSION, decode, type Incoming, type Message, type Verb } from './protocol';
import type { Words } from './model';

export class SignallingError extends Error {
  constructor(readonly code: string, readonly title: Words | null = null, readonly detail: Words | null = null) {
    super(code);
    this.name = 'SignallingError';
  }
}

/** Where a seat token outlives the socket, and a reload of the page. */
export interface SeatKeeper {
  /** The token and when (ms) its socket was last known to live. */
  read(): { token: string; seen_ms: number } | null;
  write(token: string, seen_ms: number): void;
  clear(): void;
}

export type LinkState = 'connecting' | 'open' | 'lost' | 'closed';

export interface SignallingOptions {
  url: string;
  /** The credential for a fresh start, e.g. `{ticket}`; it may throw an error with `final` to stop the attempts. */
  hello: (challenge: Message<'hello'>) => Promise<Record<string, unknown>>;
  locale?: () => string;
  keeper?: SeatKeeper;
  /** Called after each hello: `resumed` tells whether the seat was taken again. */
  ready: (you: Message<'hello'>, resumed: boolean) => void;
  /** Called when the socket's state changes. */
  changed?: (state: LinkState) => void;
  /** Called once when going on is pointless (the server refuses us). */
  refused?: (error: unknown) => void;
  webSocket?: (url: string, protocol: string) => WebSocket;
  /** Milliseconds before attempt n (0 is the first). */
  backOff?: (attempt: number) => number;
  now?: () => number;
}

interface Pending {
  resolve: (message: Incoming) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

type Handler<V extends Verb> = (message: Message<V>) => void;

/** The server's close code for a seat that was taken in another place: coming back would only start a fight for it. */
const TAKEN_OVER = 4409;
const HELLO_MS = 8000;
/**
 * How long a socket may take to open. A repeated SYN goes out after 1, 3, 7, … s (RFC 6298): when the network comes back, a new
 * attempt is there before the old one tries again. Each third one waits longer, for networks on which all takes long.
 */
const OPEN_MS = [4000, 4000, 8000];
const TOUCH_MS = 5000;
const REQUEST_MS = 12_000;

/** 0.2 s, then doubling to 5 s, with a third of chance so that a restarted server is not run over. */
export function defaultBackOff(attempt: number): number {
  const base = Math.min(5000, 200 * 2 ** attempt);
  return base * (1 + Math.random() / 3);
}

/** Errors with `final: true` (or an HTTP status of 400 to 499 but 429) will not go away by trying again. */
export function isFinal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ((error as { final?: boolean }).final) return true;
  const status = (error as { status?: number }).status ?? 0;
  return status >= 400 && status < 500 && status !== 429;
}

export class Signalling {
  private socket: WebSocket | null = null;
  private state: LinkState = 'connecting';
  private attempt = 0;
  /** Sockets one after the other that did not open in time. */
  private unopened = 0;
  private nextId = 1;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private toucher: ReturnType<typeof setInterval> | undefined;
  private readonly pending = new Map<number, Pending>();
  private readonly handlers = new Map<Verb, Set<Handler<Verb>>>();
  private readonly now: () => number;

  constructor(private readonly options: SignallingOptions) {
    this.now = options.now ?? Date.now;
  }

  get link(): LinkState {
    return this.state;
  }

  start(): void {
    // A reload of the page drops the socket without a word: the token must know a recent time.
    this.toucher = setInterval(() => this.touch(), TOUCH_MS);
    this.connect();
  }

  /** Notes that the seat's socket lives now; call it when the page goes away. */
  touch(): void {
    const kept = this.state === 'open' ? this.options.keeper?.read() : null;
    if (kept) this.options.keeper?.write(kept.token, this.now());
  }

  /** Closes for good. The seat token is forgotten unless `keepSeat`. */
  close(keepSeat = false): void {
    clearTimeout(this.retry);
    clearInterval(this.toucher);
    if (!keepSeat) this.options.keeper?.clear();
    const socket = this.socket;
    this.socket = null;
    this.move('closed');
    this.dropPending();
    socket?.close(1000);
  }

  /** Gives up a socket that looks dead (the network changed) and comes back at once. */
  reconnect(): void {
    if (this.state === 'closed') return;
    const socket = this.socket;
    this.socket = null;
    this.attempt = 0;
    this.lost();
    socket?.close(4000);
  }

  /** Listens to a verb; returns how to stop. */
  on<V extends Verb>(verb: V, handler: Handler<V>): () => void {
    const set = this.handlers.get(verb) ?? new Set();
    this.handlers.set(verb, set);
    set.add(handler as unknown as Handler<Verb>);
    return () => set.delete(handler as unknown as Handler<Verb>);
  }

  /** Says something that has no answer. FALSE when there is no socket to say it to. */
  send(message: object): boolean {
    if (this.state !== 'open' || !this.socket) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** Asks and waits for the message that carries our id. Without one in time the socket counts as dead, and another is tried. */
  async request(message: object, limit_ms = REQUEST_MS): Promise<Incoming> {
    if (this.state !== 'open') throw new SignallingError('unreachable');
    const { socket } = this;
    try {
      return await this.ask(message, limit_ms);
    } catch (error) {
      // The server answers all at once: the path is gone, and TCP would look for it again ever more seldom.
      if (error instanceof SignallingError && error.code === 'timeout' && socket === this.socket) this.reconnect();
      throw error;
    }
  }

  /** Keeps the token that takes this seat again. */
  keepSeat(token: string): void {
    this.options.keeper?.write(token, this.now());
  }

  private ask(message: object, limit_ms: number): Promise<Incoming> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new SignallingError('timeout'));
      }, limit_ms);
      this.pending.set(id, { resolve, reject, timer });
      this.socket?.send(JSON.stringify({ ...message, id }));
    });
  }

  private move(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.changed?.(state);
  }

  private connect(): void {
    const make = this.options.webSocket ?? ((url, protocol) => new WebSocket(url, protocol));
    let socket: WebSocket;
    try {
      socket = make(this.options.url, SUBPROTOCOL);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.socket = socket;
    let patience = setTimeout(() => {
      // Nobody was reached, so nobody is run over either.
      this.unopened++;
      this.attempt = 0;
      socket.close(4000);
    }, OPEN_MS[this.unopened % OPEN_MS.length]);
    let opened = false;
    const open = () => {
      if (opened) return;
      opened = true;
      this.unopened = 0;
      clearTimeout(patience);
      patience = setTimeout(() => socket.close(4000), HELLO_MS);
    };
    socket.onopen = open;
    socket.onmessage = (event: MessageEvent) => {
      open();
      if (socket !== this.socket || typeof event.data !== 'string') return;
      const message = decode(event.data);
      if (!message) return;
      if (message.verb === 'hello' && 'nonce' in message) {
        void this.greet(message, socket).finally(() => clearTimeout(patience));
        return;
      }
      this.take(message);
    };
    socket.onclose = (event?: CloseEvent) => {
      clearTimeout(patience);
      if (socket !== this.socket) return;
      this.socket = null;
      if (event?.code === TAKEN_OVER) this.giveUp(new SignallingError('taken-over'));
      else this.lost();
    };
  }

  private async greet(challenge: Message<'hello'>, socket: WebSocket): Promise<void> {
    const locale = this.options.locale?.();
    const about = locale ? { locale } : {};
    try {
      const kept = this.options.keeper?.read();
      let answer: Incoming | null = null;
      if (kept && this.now() - kept.seen_ms < RESUME_MS) {
        answer = await this.ask({ verb: 'hello', v: VERSION, ...about, resume: kept.token }, HELLO_MS).catch((error: unknown) => {
          if (error instanceof SignallingError && error.code !== 'timeout' && error.code !== 'unreachable') return null;
          throw error;
        });
      }
      if (!answer) {
        this.options.keeper?.clear();
        const credential = await this.options.hello(challenge);
        if (socket !== this.socket) return;
        answer = await this.ask({ verb: 'hello', v: VERSION, ...about, ...credential }, HELLO_MS);
      }
      if (socket !== this.socket || answer.verb !== 'hello' || !('you' in answer)) return;
      this.attempt = 0;
      this.move('open');
      this.options.ready(answer, answer.resumed);
    } catch (error) {
      if (socket !== this.socket) return;
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    const final = isFinal(error) ||
      (error instanceof SignallingError && !['timeout', 'unreachable', 'token', 'unavailable', 'too-many'].includes(error.code));
    const socket = this.socket;
    this.socket = null;
    if (final) this.giveUp(error);
    else this.lost();
    socket?.close(4000);
  }

  private giveUp(error: unknown): void {
    clearInterval(this.toucher);
    this.move('closed');
    this.dropPending();
    this.options.refused?.(error);
  }

  private lost(): void {
    this.touch(); // the seat's 60 s begin now
    this.dropPending();
    if (this.state === 'closed') return;
    this.move('lost');
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), (this.options.backOff ?? defaultBackOff)(this.attempt++));
  }

  private dropPending(): void {
    for (const waiting of this.pending.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new SignallingError('unreachable'));
    }
    this.pending.clear();
  }

  private take(message: Incoming): void {
    const re = 're' in message ? message.re : undefined;
    const waiting = re === undefined ? undefined : this.pending.get(re);
    if (re !== undefined && waiting) {
      this.pending.delete(re);
      clearTimeout(waiting.timer);
      if (message.verb === 'error') waiting.reject(new SignallingError(message.code, message.title, message.detail));
      else waiting.resolve(message);
    }
    for (const handler of this.handlers.get(message.verb) ?? []) handler(message);
  }
}
