// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { FIRST_SCALE, SendSize } from '../lib/send-size';

function makeSender(refuses = false) {
  const said: number[] = [];
  const sender = {
    getParameters: () => ({ encodings: [{ maxBitrate: 1, scaleResolutionDownBy: said.at(-1) ?? FIRST_SCALE }] }),
    async setParameters({ encodings }: { encodings: { maxBitrate: number; scaleResolutionDownBy: number }[] }) {
      expect(encodings.map(({ maxBitrate }) => maxBitrate)).toEqual([1]);
      said.push(encodings[0]!.scaleResolutionDownBy);
      if (refuses) throw new Error('InvalidModificationError');
    },
  };
  return { size: new SendSize(sender as unknown as RTCRtpSender), said };
}

const camera = (width: number, height: number) => ({ getSettings: () => ({ width, height }) }) as unknown as MediaStreamTrack;

describe('the size of our picture', () => {
  it.each([
    ['a camera as wished', camera(1280, 720), 4],
    ['a small camera', camera(640, 480), 2],
    ['a tiny camera', camera(320, 240), 1],
    ['a large camera', camera(1920, 1080), 6],
    ['a camera that says nothing', {} as MediaStreamTrack, 4],
  ])('begins with no more than 320 × 240 pixels: %s', async (_name, track, scale) => {
    const { size, said } = makeSender();
    await size.fit(track);
    expect(said.at(-1) ?? FIRST_SCALE).toBe(scale);
  });

  it('grows with what the path carries, and not before', async () => {
    const { size, said } = makeSender();
    await size.fit(camera(1280, 720));
    await size.grow(300_000);
    expect(said).toEqual([]);
    await size.grow(400_000);
    await size.grow(899_999);
    await size.grow(100_000);
    expect(said).toEqual([2]);
    await size.grow(900_000);
    expect(said).toEqual([2, 1]);
  });

  it('grows at once where the path is wide, and stays: to shrink is the browser\'s matter', async () => {
    const { size, said } = makeSender();
    await size.grow(2_000_000);
    await size.grow(100_000);
    await size.fit(camera(640, 480));
    expect(said).toEqual([1]);
  });

  it('grows step by step where the browser gives no estimate', async () => {
    const { size, said } = makeSender();
    for (let look = 0; look < 4; look++) await size.grow(null);
    expect(said).toEqual([2, 1]);
  });

  it('is a smaller camera\'s as soon as that is put on', async () => {
    const { size, said } = makeSender();
    await size.grow(500_000);
    await size.fit(camera(640, 480));
    expect(said).toEqual([2, 1]);
  });

  it('is asked for again when the browser refused', async () => {
    const { size, said } = makeSender(true);
    await size.grow(2_000_000);
    await size.fit(camera(1280, 720));
    expect(said).toEqual([1, 1]);
  });
});
