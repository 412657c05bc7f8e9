// SPDX-License-Identifier: Apache-2.0
// The page's side of its encryption: owns the worker, puts a transform on every sender and receiver, carries messages between
// the worker and signalling, and has statements signed. It holds no key. No DOM.
import type { SeatView } from '../protocol';
import { NOTHING } from './end';
import type { FromWorker, Side, ToWorker } from './messages';
import type { E2eeOptions, E2eeSession, E2eeView, Kind, Verdict } from './types';

/** A transform that the worker has not got by then was created but never attached: seen in Chrome. */
const ATTACH_MS = 3000;

interface Guarded {
  attached: () => void;
  stopped: () => void;
  seen: () => void;
}

function newWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}

export class E2ee implements E2eeSession {
  private readonly worker: Worker;
  private readonly guarded = new Map<number, Guarded>();
  private nextId = 1;
  private shown: E2eeView = NOTHING;
  private stopped = false;

  constructor(private readonly options: E2eeOptions) {
    this.worker = (options.worker ?? newWorker)();
    this.worker.onmessage = (event: MessageEvent<FromWorker>) => this.hear(event.data);
    this.worker.onerror = () => this.fail();
    this.tell({ do: 'start', role: options.role, publicKey: options.identity.publicKey, revealed: options.reveals?.read() ?? [] });
  }

  get view(): E2eeView {
    return this.shown;
  }

  seats(meeting: string, own: { seat: string; number: number }, seats: readonly SeatView[]): void {
    const there = seats.filter(({ state }) => state !== 'left');
    this.tell({ do: 'seats', meeting, own, seats: there.map(({ seat, number, role, identity }) => ({ seat, number, role, identity })) });
  }

  received(from: string, body: string): void {
    this.tell({ do: 'received', from, body });
  }

  reconnected(): void {
    this.tell({ do: 'repeat' });
  }

  protectSender(sender: RTCRtpSender, kind: Kind): Promise<void> {
    const id = this.nextId++;
    return this.protect(sender, { side: 'send', kind, id }, () => this.options.passing?.(sender, kind));
  }

  protectReceiver(receiver: RTCRtpReceiver, kind: Kind, slot: number): Promise<void> {
    const id = this.nextId++;
    return this.protect(receiver, { side: 'receive', kind, id, slot }, () => this.options.opened?.(receiver, kind));
  }

  judge(verdict: Verdict): void {
    if (this.stopped || this.shown.code === null) return;
    this.tell({ do: 'judge', verdict, epoch: this.shown.epoch });
    // The worker says the same; what a person decided shows at once.
    this.show({ ...this.shown, verdict, changed: false, state: verdict === 'different' ? 'stopped' : this.shown.state });
    if (verdict === 'different') this.stop();
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.worker.terminate();
    for (const { stopped } of this.guarded.values()) stopped();
    this.guarded.clear();
    if (this.shown.state !== 'stopped') this.show({ ...this.shown, state: 'stopped' });
  }

  private tell(message: ToWorker): void {
    if (!this.stopped) this.worker.postMessage(message);
  }

  private show(view: E2eeView): void {
    this.shown = view;
    this.options.changed(view);
  }

  /** Without its worker nothing may go on. */
  private fail(): void {
    this.show({ ...this.shown, state: 'stopped', refusal: 'worker' });
    this.stop();
  }

  private protect(object: RTCRtpSender | RTCRtpReceiver, side: Side, seen: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        clearTimeout(late);
        this.guarded.delete(side.id);
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const late = setTimeout(() => fail(new Error('not attached')), ATTACH_MS);
      const attached = () => {
        clearTimeout(late);
        resolve();
      };
      this.guarded.set(side.id, { attached, stopped: () => fail(new Error('stopped')), seen });
      try {
        if (this.stopped) throw new Error('stopped');
        object.transform = new RTCRtpScriptTransform(this.worker, side);
      } catch (error) {
        fail(error);
      }
    });
  }

  private hear(message: FromWorker): void {
    if (this.stopped) return;
    switch (message.say) {
      case 'send': this.options.send(message.to, message.body); break;
      case 'secured': this.options.secured(message.epoch); break;
      case 'revealed': this.options.reveals?.write(message.at_ms); break;
      case 'view': this.show(message.view); break;
      case 'sign': void this.sign(message.id, message.statement); break;
      case 'attached': this.guarded.get(message.id)?.attached(); break;
      case 'passing':
      case 'opened': this.guarded.get(message.id)?.seen(); break;
    }
  }

  private async sign(id: number, statement: Uint8Array): Promise<void> {
    const signature = await this.options.identity.sign(statement).catch(() => null);
    this.tell({ do: 'signed', id, signature });
  }
}
