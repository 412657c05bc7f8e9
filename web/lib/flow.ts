// SPDX-License-Identifier: Apache-2.0
// What comes from a seat, read from the receivers' own counters: a picture is there as long as frames of it are opened and
// decoded, whatever the roster says of the seat, because media does not pass through the server that keeps the roster. No DOM.

/** Counters that only grow while the connection lives. */
export interface Arrived {
  /** Sound that was opened (docs/e2ee.md), in no particular unit. */
  sound: number;
  /** Frames of the picture that were opened and decoded. */
  frames: number;
  /** What came over the network at all, opened or not. */
  raw: number;
}

/**
 * nothing: nothing comes; sealed: something comes and none of it opens; starting: sound, and a picture may follow; sound:
 * sound alone; picture: frames come.
 */
export type Flow = 'nothing' | 'sealed' | 'starting' | 'sound' | 'picture';

/** Something of it can be heard or seen. */
export function isOpen(flow: Flow | undefined): boolean {
  return flow !== undefined && flow !== 'nothing' && flow !== 'sealed';
}

/** A counter that stands for this long means that nothing comes any more. */
const STANDS_MS = 2000;
/** Sound for this long and not a frame: no picture is being sent. */
const PICTURE_DUE_MS = 3000;
/** Unopened for this long is worth a word; at a beginning and at a new key less of it is nothing. */
const SEALED_MS = 1500;

interface Counter {
  /** null before the first look: what came before it was perhaps another seat's. */
  value: number | null;
  grew_ms: number | null;
}

function count(counter: Counter, value: number, now_ms: number): void {
  if (counter.value !== null && value > counter.value) counter.grew_ms = now_ms;
  counter.value = value;
}

function runs(counter: Counter, now_ms: number): boolean {
  return counter.grew_ms !== null && now_ms - counter.grew_ms <= STANDS_MS;
}

/** One seat's flow over time. */
export class FlowWatch {
  private readonly sound: Counter = { value: null, grew_ms: null };
  private readonly frames: Counter = { value: null, grew_ms: null };
  private readonly raw: Counter = { value: null, grew_ms: null };
  private since_ms: number | null = null;
  private sealed_ms: number | null = null;

  /** undefined at the first look, which cannot tell what comes from what came. */
  told(arrived: Arrived, now_ms: number): Flow | undefined {
    const first = this.raw.value === null;
    count(this.sound, arrived.sound, now_ms);
    count(this.frames, arrived.frames, now_ms);
    count(this.raw, arrived.raw, now_ms);
    if (first) return undefined;
    if (!runs(this.sound, now_ms)) this.since_ms = null;
    else this.since_ms ??= now_ms;
    const flow = this.opened(now_ms);
    if (flow !== 'nothing' || !runs(this.raw, now_ms)) this.sealed_ms = null;
    else this.sealed_ms ??= now_ms;
    return this.sealed_ms !== null && now_ms - this.sealed_ms >= SEALED_MS ? 'sealed' : flow;
  }

  private opened(now_ms: number): Flow {
    if (runs(this.frames, now_ms)) return 'picture';
    if (this.since_ms === null) return 'nothing';
    return this.frames.grew_ms === null && now_ms - this.since_ms < PICTURE_DUE_MS ? 'starting' : 'sound';
  }
}

/** How much of what came was dropped unopened lately; `moment`: a few, about when the keys changed. */
export type Refused = 'none' | 'moment' | 'some' | 'many';

/** Drops this soon after a new epoch are of frames that were under way. */
const KEY_CHANGE_MS = 3000;
/** What was dropped is told for this long after the last; of a moment, less. */
const TOLD_MS = 10_000;
const MOMENT_MS = 4000;
/** More than a second's worth of sound. */
const MANY = 60;

/** What to say of frames that were dropped, without a word for each of them. */
export class RefusedWatch {
  private epoch = 0;
  private changed_ms = -Infinity;
  private dropped = 0;
  /** Dropped before the present spell; a spell ends when nothing is dropped for a while. */
  private before = 0;
  private beyond = false;

  told(view: { epoch: number; dropped: number; dropped_at: number | null }, now_ms: number): Refused {
    if (view.epoch !== this.epoch) {
      this.epoch = view.epoch;
      this.changed_ms = now_ms;
    }
    const { dropped_at } = view;
    if (dropped_at === null || now_ms - dropped_at > TOLD_MS) {
      this.before = this.dropped = view.dropped;
      this.beyond = false;
      return 'none';
    }
    if (view.dropped > this.dropped && dropped_at - this.changed_ms > KEY_CHANGE_MS) this.beyond = true;
    this.dropped = view.dropped;
    if (!this.beyond) return now_ms - dropped_at > MOMENT_MS ? 'none' : 'moment';
    return view.dropped - this.before > MANY ? 'many' : 'some';
  }
}
