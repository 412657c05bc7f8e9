// SPDX-License-Identifier: Apache-2.0
// The supervisor's socket: a ticket to follow, the snapshot, then one message per change. It comes back by itself; each
// return begins with a fresh snapshot, so nothing that happened meanwhile is missed. Metadata only: the server has no
// message that could bring picture or sound to this page (docs/threats.md).
import { api } from '../lib/api';
import { Signalling, SignallingError, type LinkState, type SignallingOptions } from '../lib/signalling';
import { LiveList } from './live-list';

export interface FollowOptions {
  changed: () => void;
  /** Meetings that are over now: the past meetings hold them. */
  ended: (ids: string[]) => void;
  refused: (error: unknown) => void;
  locale: () => string;
  now_us: () => number;
  /** Replaced by tests. */
  webSocket?: SignallingOptions['webSocket'];
  url?: string;
}

export class Follow {
  readonly list = new LiveList();
  /** Whether a snapshot has arrived at all. */
  known = false;
  /** When this page last heard the truth, while the link is down. */
  heard_us: number | null = null;
  private readonly signalling: Signalling;

  constructor(private readonly options: FollowOptions) {
    const address = options.url ?? `${location.origin.replace(/^http/, 'ws')}/ws`;
    this.signalling = new Signalling({
      url: address,
      hello: async () => ({ ticket: (await api.ticket({ purpose: 'follow' })).ticket }),
      locale: options.locale,
      ready: () => void this.ask(),
      changed: (state) => this.moved(state),
      refused: options.refused,
      ...(options.webSocket ? { webSocket: options.webSocket } : {}),
    });
    this.signalling.on('follow', (news) => this.take(news));
  }

  get link(): LinkState {
    return this.signalling.link;
  }

  start(): void {
    this.signalling.start();
  }

  close(): void {
    this.signalling.close();
  }

  /** The network is back: do not wait for the next attempt. */
  retry(): void {
    if (this.link === 'lost') this.signalling.reconnect();
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
      if (error instanceof SignallingError && error.code === 'unreachable') return;
      if (error instanceof SignallingError && error.code === 'timeout') this.signalling.reconnect();
      else this.options.refused(error);
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
