// SPDX-License-Identifier: Apache-2.0
// How loud a microphone is, sampled for a bar; and the tone that tests a speaker. Nothing leaves the computer.

export class LevelMeter {
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private readonly samples: Float32Array<ArrayBuffer>;
  private timer: ReturnType<typeof setInterval>;

  /** `told` gets 0..1 twelve times a second. */
  constructor(track: MediaStreamTrack, told: (level: number) => void) {
    this.analyser.fftSize = 1024;
    this.samples = new Float32Array(new ArrayBuffer(this.analyser.fftSize * 4));
    this.context.createMediaStreamSource(new MediaStream([track])).connect(this.analyser);
    void this.context.resume();
    this.timer = setInterval(() => told(this.read()), 80);
  }

  private read(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    return levelOf(Math.sqrt(sum / this.samples.length));
  }

  close(): void {
    clearInterval(this.timer);
    void this.context.close();
  }
}

/** RMS amplitude to a bar's length: -60 dB is 0, -6 dB is 1. */
export function levelOf(rms: number): number {
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, (20 * Math.log10(rms) + 60) / 54));
}

/** Three soft notes; resolves when they are over. */
export async function playTone(): Promise<void> {
  const context = new AudioContext();
  await context.resume();
  const gain = context.createGain();
  gain.gain.value = 0;
  gain.connect(context.destination);
  const start = context.currentTime + 0.05;
  [523, 659, 784].forEach((hertz, index) => {
    const note = context.createOscillator();
    const at = start + index * 0.4;
    note.frequency.value = hertz;
    note.connect(gain);
    gain.gain.setTargetAtTime(0.25, at, 0.02);
    gain.gain.setTargetAtTime(0, at + 0.28, 0.04);
    note.start(at);
    note.stop(at + 0.4);
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await context.close();
}
