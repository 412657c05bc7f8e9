// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Devices } from '../lib/devices';
import { Capture } from './capture';

class FakeTrack extends EventTarget {
  stopped = false;
  stop(): void { this.stopped = true; }
}

describe('the capture', () => {
  let opened: { audio: FakeTrack; video: FakeTrack }[];
  let told: (Devices | null)[];
  let missing: boolean;
  let capture: Capture;
  const running = () => opened.filter(({ audio, video }) => !audio.stopped || !video.stopped).length;
  const settle = () => vi.advanceTimersByTimeAsync(0);

  beforeEach(() => {
    vi.useFakeTimers();
    opened = []; told = []; missing = false;
    capture = new Capture((devices) => told.push(devices), async () => {
      const tracks = { audio: new FakeTrack(), video: new FakeTrack() };
      if (!missing) opened.push(tracks);
      return (missing ? { audio: null, video: null, audioFault: 'missing', videoFault: 'missing' }
        : { ...tracks, audioFault: null, videoFault: null }) as unknown as Devices;
    });
  });
  afterEach(() => vi.useRealTimers());

  it('opens once however often it is asked', async () => {
    capture.start();
    capture.start();
    await settle();
    expect(opened).toHaveLength(1);
  });

  it('lets go of everything at the end', async () => {
    capture.start();
    await settle();
    capture.stop();
    expect(running()).toBe(0);
    expect(told.at(-1)).toBeNull();
  });

  it('lets go of devices that come after the end', async () => {
    capture.start();
    capture.stop();
    await settle();
    expect(running()).toBe(0);
    expect(told).toEqual([]);
  });

  it('opens a device that was pulled out again, never two at once', async () => {
    capture.start();
    await settle();
    opened[0]!.video.dispatchEvent(new Event('ended'));
    await settle();
    expect(opened).toHaveLength(2);
    expect(running()).toBe(1);
  });

  it('tries again where a device is missing', async () => {
    missing = true;
    capture.start();
    await settle();
    missing = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(told.at(-1)?.video).not.toBeNull();
    expect(running()).toBe(1);
  });

  it('opens again for the next meeting while the last opening still runs', async () => {
    capture.start();
    capture.stop();
    capture.start();
    await settle();
    expect(running()).toBe(1);
    expect(told.at(-1)).not.toBeNull();
  });
});
