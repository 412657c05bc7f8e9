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
    await size.follow(300_000, null);
    expect(said).toEqual([]);
    await size.follow(400_000, null);
    await size.follow(899_999, null);
    expect(said).toEqual([2]);
    await size.follow(900_000, null);
    expect(said).toEqual([2, 1]);
  });

  it('grows at once where the path is wide, and stays while that wavers', async () => {
    const { size, said } = makeSender();
    await size.follow(2_000_000, null);
    await size.follow(370_000, null);
    await size.fit(camera(640, 480));
    expect(said).toEqual([1]);
  });

  it('shrinks with a path that narrows, and comes back', async () => {
    const { size, said } = makeSender();
    await size.follow(2_000_000, null);
    await size.follow(350_000, null);
    await size.follow(399_000, null);
    expect(said).toEqual([1, 4]);
    await size.follow(400_000, null);
    await size.follow(170_000, null);
    expect(said).toEqual([1, 4, 2]);
    await size.follow(150_000, null);
    await size.follow(2_000_000, null);
    expect(said).toEqual([1, 4, 2, 4, 1]);
  });

  it('grows where the estimate cannot, because too little is sent for it', async () => {
    const { size, said } = makeSender();
    await size.fit(camera(1280, 720));
    await size.follow(179_000, 100_000);
    await size.follow(390_000, 270_000);
    expect(said).toEqual([]);
    await size.follow(390_000, 250_000);
    await size.follow(400_000, 200_000);
    expect(said).toEqual([2]);
    await size.follow(410_000, 270_000);
    expect(said).toEqual([2, 1]);
  });

  it('shrinks at once on a path that falls far', async () => {
    const { size, said } = makeSender();
    await size.follow(2_000_000, null);
    await size.follow(200_000, null);
    expect(said).toEqual([1, 4]);
  });

  it('grows step by step where the browser gives no estimate', async () => {
    const { size, said } = makeSender();
    for (let look = 0; look < 4; look++) await size.follow(null, null);
    expect(said).toEqual([2, 1]);
  });

  it('is a smaller camera\'s as soon as that is put on', async () => {
    const { size, said } = makeSender();
    await size.follow(500_000, null);
    await size.fit(camera(640, 480));
    expect(said).toEqual([2, 1]);
  });

  it('is asked for again when the browser refused', async () => {
    const { size, said } = makeSender(true);
    await size.follow(2_000_000, null);
    await size.fit(camera(1280, 720));
    expect(said).toEqual([1, 1]);
  });
});
