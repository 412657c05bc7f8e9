// SPDX-License-Identifier: Apache-2.0
// The keys of frames over the epochs: with which one is sent, which ones open, and when each is destroyed (docs/e2ee.md section 4).
// The time comes in with each call. No DOM.
import type { Bytes } from './bytes';
import { Opener, Sealer, kidOf, peek, type Unopened } from './frames';
import { SFrameKey } from './sframe';
import type { Kind } from './types';

/** So that the others have an epoch's keys before something is sent with them. */
export const SWITCH_MS = 300;
/** Somebody has gone: this much longer is sent with a key that they have. */
export const GONE_MS = 1000;
/** What is on its way under the epoch before still opens. */
export const OLD_MS = 2000;

const KINDS: readonly Kind[] = ['audio', 'video'];

export interface EpochKeys {
  epoch: number;
  /** Our number and base key. */
  own: { number: number; baseKey: Bytes };
  members: readonly { number: number; baseKey: Bytes }[];
}

interface Sending {
  sealers: Record<Kind, Sealer>;
  from_ms: number;
  until_ms: number;
}

interface Opening {
  opener: Opener;
  number: number;
  epoch: number;
  until_ms: number;
}

async function sealersOf({ epoch, own }: EpochKeys): Promise<Record<Kind, Sealer>> {
  const [audio, video] = await Promise.all(KINDS.map(async (kind) => new Sealer(await SFrameKey.derive(own.baseKey, kidOf(epoch, own.number, kind)), kind)));
  return { audio: audio!, video: video! };
}

async function openersOf({ epoch, members }: EpochKeys): Promise<[bigint, Opening][]> {
  return Promise.all(members.flatMap(({ number, baseKey }) => KINDS.map(async (kind): Promise<[bigint, Opening]> => {
    const kid = kidOf(epoch, number, kind);
    return [kid, { opener: new Opener(await SFrameKey.derive(baseKey, kid)), number, epoch, until_ms: Infinity }];
  })));
}

export class KeyRing {
  private sending: Sending | null = null;
  private next: Sending | null = null;
  private readonly openings = new Map<bigint, Opening>();
  private generation = 0;
  private closed = false;

  /** Takes a complete epoch's keys; the base keys are wiped. FALSE when they are not for those who are there now. */
  async adopt(keys: EpochKeys, now_ms: number): Promise<boolean> {
    const generation = this.generation;
    const [sealers, openers] = await Promise.all([sealersOf(keys), openersOf(keys)]);
    for (const { baseKey } of [keys.own, ...keys.members]) baseKey.fill(0);
    // Everything was destroyed meanwhile, or somebody has gone: then these keys are not for this roster any more.
    if (generation !== this.generation || this.closed) return false;
    for (const opening of this.openings.values()) opening.until_ms = Math.min(opening.until_ms, now_ms + OLD_MS);
    for (const [kid, opening] of openers) this.openings.set(kid, opening);
    const running = this.sendingAt(now_ms);
    const fresh = { sealers, from_ms: running ? now_ms + SWITCH_MS : now_ms, until_ms: Infinity };
    if (running) this.next = fresh;
    else this.sending = fresh;
    return true;
  }

  /** The seat of that number has gone, or is another end now. */
  gone(number: number, now_ms: number): void {
    this.generation++;
    for (const [kid, opening] of this.openings) if (opening.number === number) this.openings.delete(kid);
    for (const one of [this.sending, this.next]) if (one) one.until_ms = Math.min(one.until_ms, now_ms + GONE_MS);
  }

  /** Nothing is sent and nothing opens from now on. */
  destroy(): void {
    this.generation++;
    this.sending = null;
    this.next = null;
    this.openings.clear();
  }

  /** For good. */
  close(): void {
    this.closed = true;
    this.destroy();
  }

  /** Lets go of what has had its time. */
  tick(now_ms: number): void {
    this.sendingAt(now_ms);
    for (const [kid, opening] of this.openings) if (now_ms >= opening.until_ms) this.openings.delete(kid);
  }

  /** What seals now; null while nothing may be sent. */
  sealer(kind: Kind, now_ms: number): Sealer | null {
    return this.sendingAt(now_ms)?.sealers[kind] ?? null;
  }

  /** Opens a frame that must come from the seat with that number and be of that kind. */
  async open(kind: Kind, number: number, frame: Uint8Array, now_ms: number): Promise<Bytes | Unopened> {
    const header = peek(kind, frame);
    if (!header) return 'malformed';
    const opening = this.openings.get(header.kid);
    if (!opening || now_ms >= opening.until_ms || header.kid !== kidOf(opening.epoch, number, kind)) return 'kid';
    return opening.opener.open(frame, header.clear, header);
  }

  private sendingAt(now_ms: number): Sending | null {
    if (this.next && (now_ms >= this.next.from_ms || (this.sending && now_ms >= this.sending.until_ms))) {
      this.sending = this.next;
      this.next = null;
    }
    if (this.sending && now_ms >= this.sending.until_ms) this.sending = null;
    return this.sending;
  }
}
