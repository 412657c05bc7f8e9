// SPDX-License-Identifier: Apache-2.0
// How long what arrives waits before it is shown. The relay repairs what is lost on its own way from the other end, and a
// browser does not see that way: it measures a round trip of its own and gives repairs too little time. Where repairs are
// needed, everything waits a little longer, picture and sound alike. No DOM.

/** Long enough for a packet that had to be asked for three times over 100 ms; short enough to talk. */
export const WAIT_MS = 300;
/** Packets asked for again, of all that arrived. */
const NEEDED = 0.01;
/** Looks without need before it ends. */
const CALM = 15;

export class Playout {
  private calm = CALM;

  /** One look: what was asked for and what arrived since the last. Milliseconds to wait at least, null: the browser knows best. */
  told(asked: number, arrived: number): number | null {
    this.calm = arrived > 0 && asked / arrived > NEEDED ? 0 : Math.min(CALM, this.calm + 1);
    return this.calm < CALM ? WAIT_MS : null;
  }
}
