// SPDX-License-Identifier: Apache-2.0
// How large our picture leaves. An encoder that begins with more pixels than its first estimate of the path would carry drops
// frame after frame instead (Chromium: 4 frames, 200 ms of a camera, seen in the admission): so it begins small, and grows as
// the estimate does. It shrinks with it too, well below the rate from which it grew: a browser that is left to itself drops
// frames of a large picture for many seconds before it makes it smaller. No DOM.

/** Pixels that are worth a rate, from that rate on. A browser begins at 300 kbit/s, sound included. */
const STEPS = [
  { from_bps: 0, pixels: 320 * 240 },
  { from_bps: 400_000, pixels: 640 * 480 },
  { from_bps: 900_000, pixels: Infinity },
];
/** A browser's estimate does not grow beyond one and a half times what it sends: where it stands there, it does not know more. */
const UNKNOWN = 1.5;
/** From this share of the rate that a size is worth, such an estimate is tried. */
const TRIED_FROM = 0.45;
/** It shrinks below this share of the rate that its size is worth. */
const SHRINKS_BELOW = 0.4;
/** What devices.ts wishes of a camera. */
const WISHED = 1280 * 720;

export const FIRST_SCALE = scaleOf(WISHED, 0);

function scaleOf(pixels: number, step: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(pixels / STEPS[step]!.pixels)));
}

export class SendSize {
  private step = 0;
  private pixels = WISHED;
  private scale = FIRST_SCALE;

  /** sender: of video, begun with FIRST_SCALE. */
  constructor(private readonly sender: RTCRtpSender) {}

  /** Before a track goes on: one of a smaller camera needs less. */
  async fit(track: MediaStreamTrack): Promise<void> {
    const { width = 0, height = 0 } = track.getSettings?.() ?? {};
    this.pixels = width * height || WISHED;
    await this.apply();
  }

  /**
   * estimate_bps: what the path is thought to carry now; null where the browser does not say: then it grows a step each time.
   * sent_bps: all that was sent of late, headers not counted; null: not known.
   */
  async follow(estimate_bps: number | null, sent_bps: number | null): Promise<void> {
    if (estimate_bps === null) {
      this.step = Math.min(this.step + 1, STEPS.length - 1);
    } else {
      const worth = STEPS.findLastIndex(({ from_bps }) => estimate_bps >= from_bps);
      const next = STEPS[this.step + 1];
      if (worth > this.step || estimate_bps < SHRINKS_BELOW * STEPS[this.step]!.from_bps) this.step = worth;
      else if (next && sent_bps && estimate_bps >= UNKNOWN * sent_bps && estimate_bps >= TRIED_FROM * next.from_bps) this.step++;
    }
    await this.apply();
  }

  /** A browser that refuses keeps the size it has. */
  private async apply(): Promise<void> {
    const scale = scaleOf(this.pixels, this.step);
    if (scale === this.scale) return;
    try {
      const parameters = this.sender.getParameters();
      for (const encoding of parameters.encodings) encoding.scaleResolutionDownBy = scale;
      await this.sender.setParameters(parameters);
      this.scale = scale;
    } catch {
      // It is tried again with the next look.
    }
  }
}
