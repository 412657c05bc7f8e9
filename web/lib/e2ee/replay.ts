// SPDX-License-Identifier: Apache-2.0
// Which counters of a key were seen: a window behind the highest (docs/e2ee.md section 1; RFC 9605 section 9.3). No DOM.

export const WINDOW = 1024;

export class ReplayWindow {
  private highest = -1;
  private readonly seen = new Uint32Array(WINDOW / 32);

  /** Whether this counter is new and not too old to tell. Changes nothing: who forges a frame must not move the window. */
  fresh(counter: number): boolean {
    if (counter > this.highest) return true;
    return counter > this.highest - WINDOW && !this.has(counter);
  }

  /** After the frame was found genuine. */
  note(counter: number): void {
    if (counter - this.highest >= WINDOW) this.seen.fill(0);
    else for (let passed = this.highest + 1; passed < counter; passed++) this.put(passed, false);
    this.put(counter, true);
    if (counter > this.highest) this.highest = counter;
  }

  private has(counter: number): boolean {
    return ((this.seen[(counter % WINDOW) >>> 5]! >>> (counter & 31)) & 1) === 1;
  }

  private put(counter: number, on: boolean): void {
    const word = (counter % WINDOW) >>> 5;
    const bit = 1 << (counter & 31);
    this.seen[word] = on ? this.seen[word]! | bit : this.seen[word]! & ~bit;
  }
}
