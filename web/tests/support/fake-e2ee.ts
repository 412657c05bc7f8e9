// SPDX-License-Identifier: Apache-2.0
// An encryption whose worker is the test: protect*() wait until release() or refuse().
import type { E2eeHooks } from '../../lib/call';
import type { E2eeSession, E2eeView, Kind, Verdict } from '../../lib/e2ee/types';
import type { SeatView } from '../../lib/protocol';

export class FakeE2ee implements E2eeSession {
  view: E2eeView = {
    state: 'starting', epoch: 0, code: null, verdict: null, changed: false, agreeing_since: null, refused: 0, refusal: null, dropped: 0, dropped_at: null,
  };
  readonly log: string[] = [];
  readonly rosters: { meeting: string; own: { seat: string; number: number }; seats: readonly SeatView[] }[] = [];
  readonly received_: [string, string][] = [];
  readonly receivers: { receiver: RTCRtpReceiver; kind: Kind; slot: number }[] = [];
  /** false: protect*() wait for release() or refuse(). */
  prompt = true;
  stopped = false;
  private readonly waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(readonly hooks: E2eeHooks | null = null) {}

  seats(meeting: string, own: { seat: string; number: number }, seats: readonly SeatView[]): void {
    this.rosters.push({ meeting, own, seats });
  }
  received(from: string, body: string): void { this.received_.push([from, body]); }
  reconnected(): void { this.log.push('reconnected'); }
  protectSender(_sender: RTCRtpSender, kind: Kind): Promise<void> {
    this.log.push(`protect ${kind}`);
    return this.answer();
  }
  protectReceiver(receiver: RTCRtpReceiver, kind: Kind, slot: number): Promise<void> {
    this.receivers.push({ receiver, kind, slot });
    return this.answer();
  }
  judge(verdict: Verdict): void {
    this.log.push(`judge ${verdict}`);
    this.tell({ verdict });
  }
  stop(): void {
    this.log.push('stop');
    this.stopped = true;
    this.view = { ...this.view, state: 'stopped', code: null };
  }

  /** What the session would tell its call. */
  tell(change: Partial<E2eeView>): void {
    this.view = { ...this.view, ...change };
    this.hooks?.changed(this.view);
  }
  release(): void { for (const one of this.waiting.splice(0)) one.resolve(); }
  refuse(): void { for (const one of this.waiting.splice(0)) one.reject(new Error('no worker')); }

  private answer(): Promise<void> {
    if (this.prompt) return Promise.resolve();
    return new Promise((resolve, reject) => { this.waiting.push({ resolve, reject }); });
  }
}
