// SPDX-License-Identifier: Apache-2.0
// What arrives from a seat, read from the receivers' own counters: a picture is there as long as frames come, whatever the
// roster says of the seat, because media does not pass through the server that keeps the roster. No DOM.

/** Counters that only grow while the connection lives. */
export interface Arrived {
  soundPackets: number;
  frames: number;
}

/** nothing: neither comes; starting: sound, and a picture may follow; sound: sound alone; picture: frames come. */
export type Flow = 'nothing' | 'starting' | 'sound' | 'picture';

/** A counter that stands for this long means that nothing comes any more. */
const STANDS_MS = 2000;
/** Sound for this long and not a frame: no picture is being sent. */
const PICTURE_DUE_MS = 3000;

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
  private since_ms: number | null = null;

  told(arrived: Arrived, now_ms: number): Flow {
    count(this.sound, arrived.soundPackets, now_ms);
    count(this.frames, arrived.frames, now_ms);
    if (!runs(this.sound, now_ms)) this.since_ms = null;
    else this.since_ms ??= now_ms;
    if (runs(this.frames, now_ms)) return 'picture';
    if (this.since_ms === null) return 'nothing';
    return this.frames.grew_ms === null && now_ms - this.since_ms < PICTURE_DUE_MS ? 'starting' : 'sound';
  }
}
