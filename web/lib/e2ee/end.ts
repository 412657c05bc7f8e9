// SPDX-License-Identifier: Apache-2.0
// One end inside its worker: the agreement feeds the key ring, both feed what the page shows. No DOM, no Worker: the worker
// (worker.ts) gives it messages and frames.
import { Agreement, type Epoch } from './agreement';
import type { Bytes } from './bytes';
import { KeyRing } from './key-ring';
import type { FromWorker, ToWorker } from './messages';
import type { E2eeView, Kind, Verdict } from './types';

export const NOTHING: E2eeView = {
  state: 'starting', epoch: 0, code: null, verdict: null, changed: false, agreeing_since: null, refused: 0, refusal: null, dropped: 0, dropped_at: null,
};

/** Who signs has the key at hand; who has not answered by then does not answer. */
const SIGN_MS = 5000;

/** Never goes back, whatever becomes of the clock: keys must not live on because of it. Near to Date.now(). */
function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

/** The seat whose frames arrive in a slot of the reader's (docs/protocol.md, *Slots*). */
export function numberInSlot(slot: number, reader: number): number {
  return slot < reader ? slot : slot + 1;
}

export class End {
  private readonly ring = new KeyRing();
  private agreement: Agreement | null = null;
  private number = -1;
  private shown: E2eeView = NOTHING;
  private told = '';
  private readonly signing = new Map<number, { resolve: (signature: Uint8Array) => void; reject: (error: Error) => void }>();
  private signed = 0;

  constructor(private readonly say: (message: FromWorker) => void, private readonly now: () => number = steadyNow) {}

  /** Settles when everything that the message causes was said. */
  async take(message: ToWorker): Promise<void> {
    switch (message.do) {
      case 'start': return this.start(message.role, message.publicKey, message.revealed ?? []);
      case 'seats':
        this.number = message.own.number;
        return this.after(this.agreement?.setRoster(message.meeting, message.own, message.seats, this.now()));
      case 'received': return this.after(this.agreement?.receive(message.from, message.body, this.now()));
      case 'signed': return this.takeSignature(message.id, message.signature);
      case 'judge': return this.judge(message.verdict, message.epoch);
      case 'repeat': return this.after(this.agreement?.repeat(this.now()));
    }
  }

  /** Now and then, whatever happens. */
  async tick(): Promise<void> {
    this.ring.tick(this.now());
    const work = this.agreement?.tick(this.now());
    // What is under way may wait for a signature.
    this.look();
    this.tell();
    await this.after(work);
  }

  /** The sealed frame; null when it must not be sent. */
  async seal(kind: Kind, frame: Uint8Array): Promise<Bytes | null> {
    return (await this.ring.sealer(kind, this.now())?.seal(frame)) ?? null;
  }

  /** The frame of the seat that belongs in that slot; null, counted, when it is not validly that. */
  async open(kind: Kind, slot: number, frame: Uint8Array): Promise<Bytes | null> {
    const opened = await this.ring.open(kind, numberInSlot(slot, this.number), frame, this.now());
    if (typeof opened !== 'string') return opened;
    this.show({ dropped: this.shown.dropped + 1, dropped_at: this.now() });
    return null;
  }

  /** The view as it is, where it changed since it was told. Called now and then: a count that runs must not flood the page. */
  tell(): void {
    const text = JSON.stringify(this.shown);
    if (text === this.told) return;
    this.told = text;
    this.say({ say: 'view', view: this.shown });
  }

  private start(role: string, publicKey: string, revealed: readonly number[]): void {
    this.agreement = new Agreement({
      role,
      revealed,
      identity: { publicKey, sign: (statement) => this.sign(statement) },
      port: {
        send: (to, body) => this.say({ say: 'send', to, body }),
        epoch: (epoch) => this.adopt(epoch),
        revealed: (at_ms) => this.say({ say: 'revealed', at_ms: [...at_ms] }),
        gone: (number) => this.ring.gone(number, this.now()),
        alone: () => {
          this.ring.destroy();
          this.show({ state: 'alone', code: null, ...this.unjudged(), agreeing_since: null });
        },
        refused: (reason) => this.show({ refused: this.shown.refused + 1, refusal: reason }),
        stopped: () => {
          this.ring.close();
          this.show({ state: 'disturbed', code: null, agreeing_since: null });
        },
      },
    });
    this.show({ state: 'alone' });
    this.tell();
  }

  private async after(work: Promise<void> | undefined): Promise<void> {
    await work?.catch(() => this.show({ refused: this.shown.refused + 1, refusal: 'failed' }));
    this.look();
    this.tell();
  }

  /** Whether a round is open now. */
  private look(): void {
    const since = this.agreement?.agreeing_since ?? null;
    const { state } = this.shown;
    if (since !== null && (state === 'alone' || state === 'ready')) this.show({ state: 'agreeing', code: null, ...this.unjudged(), agreeing_since: since });
    else if (state === 'agreeing' && since !== this.shown.agreeing_since) this.show({ agreeing_since: since });
  }

  /** A tick that the person gave is for keys that do not hold any more. */
  private unjudged(): Pick<E2eeView, 'verdict' | 'changed'> {
    return { verdict: null, changed: this.shown.changed || this.shown.verdict === 'same' };
  }

  private async adopt(epoch: Epoch): Promise<void> {
    if (!(await this.ring.adopt(epoch, this.now()))) return;
    this.show({ state: 'ready', epoch: epoch.epoch, code: epoch.code, ...this.unjudged(), agreeing_since: null });
    this.say({ say: 'secured', epoch: epoch.epoch });
    this.tell();
  }

  /** epoch: whose code the person saw. */
  private judge(verdict: Verdict, epoch: number): void {
    if (verdict === 'same') {
      const still = this.shown.code !== null && this.shown.epoch === epoch;
      this.show(still ? { verdict, changed: false } : { changed: true });
    } else {
      this.agreement?.stop();
      this.ring.close();
      this.show({ verdict, state: 'stopped' });
    }
    this.tell();
  }

  private sign(statement: Uint8Array): Promise<Uint8Array> {
    const id = ++this.signed;
    this.say({ say: 'sign', id, statement });
    const late = setTimeout(() => this.takeSignature(id, null), SIGN_MS);
    return new Promise<Uint8Array>((resolve, reject) => this.signing.set(id, { resolve, reject })).finally(() => clearTimeout(late));
  }

  private takeSignature(id: number, signature: Uint8Array | null): void {
    const waiting = this.signing.get(id);
    this.signing.delete(id);
    if (signature) waiting?.resolve(signature);
    else waiting?.reject(new Error('not signed'));
  }

  private show(change: Partial<E2eeView>): void {
    if (this.shown.state === 'stopped' || (this.shown.state === 'disturbed' && change.state !== 'stopped')) {
      const { dropped = this.shown.dropped, dropped_at = this.shown.dropped_at } = change;
      change = { dropped, dropped_at };
    }
    this.shown = { ...this.shown, ...change };
  }
}
