// SPDX-License-Identifier: Apache-2.0
// The supervisor's socket: a ticket to follow, the snapshot, then one message per change. It comes back by itself; each
// return begins with a fresh snapshot, so nothing that happened meanwhile is missed. Metadata only: the server has no
// message that could bring picture or sound to this page (docs/threats.md).
import { api, ApiProblem } from '../lib/api';
import { Signalling, SignallingError, type LinkState, type SignallingOptions } from '../lib/signalling';
import { LiveList } from './live-list';

/** After a refusal that may pass (a ticket that came too late) a new start is made. */
const AGAIN_MS = 5000;

export interface FollowOptions {
  changed: () => void;
  /** Meetings that are over now: the past meetings hold them. */
  ended: (ids: string[]) => void;
  /** The account may not follow any more; nothing further is tried. */
  refused: (error: unknown) => void;
  locale: () => string;
  now_us: () => number;
  url: string;
  /** Replaced by tests. */
  webSocket?: SignallingOptions['webSocket'];
}

export class Follow {
  readonly list = new LiveList();
  /** Whether a snapshot has arrived at all. */
  known = false;
  /** When this page last heard the truth, while the link is down. */
  heard_us: number | null = null;
  /** Nothing further is tried. */
  over = false;
  private signalling: Signalling;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: FollowOptions) {
    this.signalling = this.build();
  }

  private build(): Signalling {
    const { url, locale, webSocket } = this.options;
    const signalling = new Signalling({
      url,
      hello: async () => ({ ticket: (await api.ticket({ purpose: 'follow' })).ticket }),
      locale,
      ready: () => void this.ask(),
      changed: (state) => this.moved(state),
      refused: (error) => this.refused(error),
      ...(webSocket ? { webSocket } : {}),
    });
    signalling.on('follow', (news) => this.take(news));
    return signalling;
  }

  get link(): LinkState {
    return this.signalling.link;
  }

  start(): void {
    this.signalling.start();
  }

  close(): void {
    this.over = true;
    clearTimeout(this.again);
    this.signalling.close();
  }

  /** The network is back: do not wait for the next attempt. */
  retry(): void {
    if (this.link === 'lost') this.signalling.reconnect();
  }

  /** A socket whose network is gone stays "open" for minutes; a question that finds no answer tells at once. */
  async probe(): Promise<void> {
    if (this.link !== 'open') return;
    try {
      await api.health();
    } catch {
      this.signalling.reconnect();
    }
  }

  private refused(error: unknown): void {
    if (error instanceof ApiProblem && error.status >= 400 && error.status < 500) {
      this.over = true;
      this.options.refused(error);
      this.options.changed();
      return;
    }
    clearTimeout(this.again);
    this.again = setTimeout(() => {
      this.signalling = this.build();
      this.signalling.start();
    }, AGAIN_MS);
  }

  private moved(state: LinkState): void {
    if (state !== 'open' && this.known && this.heard_us === null) this.heard_us = this.options.now_us();
    this.options.changed();
  }

  private async ask(): Promise<void> {
    try {
      // The answer is a follow message like any other and is taken by take().
      await this.signalling.request({ verb: 'follow' });
    } catch (error) {
      if (this.over || (error instanceof SignallingError && error.code === 'unreachable')) return;
      // No snapshot, no truth: start over rather than show half a list.
      if (error instanceof SignallingError && error.code === 'timeout') {
        this.signalling.reconnect();
        return;
      }
      this.signalling.close();
      this.refused(error);
    }
  }

  private take(news: { meetings?: unknown; meeting?: unknown }): void {
    if (news.meetings !== undefined) {
      this.known = true;
      this.heard_us = null;
    }
    const ended = this.list.apply(news, this.options.now_us());
    if (ended.length > 0) this.options.ended(ended);
    this.options.changed();
  }
}
