// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { FlowWatch, RefusedWatch, isOpen, type Flow } from '../lib/flow';

/** Looks every half second; each step: how long, sound and frames per look, and what came without opening. */
function walk(...steps: [ms: number, sound: number, frames: number, sealed?: number][]): (Flow | undefined)[] {
  const watch = new FlowWatch();
  let now = 0;
  const sum = { sound: 0, frames: 0, raw: 0 };
  watch.told(sum, now);
  return steps.map(([ms, sound, frames, sealed = 0]) => {
    let flow: Flow | undefined;
    for (const end = now + ms; now < end;) {
      now += 500;
      sum.sound += sound;
      sum.frames += frames;
      sum.raw += sound + frames + sealed;
      flow = watch.told({ ...sum }, now);
    }
    return flow;
  });
}

describe('what comes from a seat', () => {
  it('is nothing before it comes', () => expect(walk([5000, 0, 0])).toEqual(['nothing']));
  it('is a picture at the first frames', () => expect(walk([500, 25, 12])).toEqual(['picture']));
  it('stays a picture over a hiccup', () => expect(walk([500, 25, 12], [2000, 0, 0])).toEqual(['picture', 'picture']));
  it('is nothing when all stands', () => expect(walk([500, 25, 12], [2500, 0, 0])).toEqual(['picture', 'nothing']));
  it('is sound alone when no picture follows within three seconds', () => {
    expect(walk([2500, 25, 0], [1500, 25, 0])).toEqual(['starting', 'sound']);
  });
  it('is sound alone as soon as a picture stands that was there', () => expect(walk([500, 25, 12], [2500, 25, 0])).toEqual(['picture', 'sound']));
  it('is a picture without a microphone too', () => expect(walk([500, 0, 12])).toEqual(['picture']));
  it('gives a picture three seconds again after a pause of all', () => {
    expect(walk([4000, 25, 0], [3000, 0, 0], [500, 25, 0])).toEqual(['sound', 'nothing', 'starting']);
  });
  it('is not known at the first look, which covers no picture that has begun', () => {
    expect(new FlowWatch().told({ sound: 500, frames: 200, raw: 700 }, 0)).toBe(undefined);
  });
  it('does not count what was there before the first look', () => {
    const watch = new FlowWatch();
    watch.told({ sound: 500, frames: 200, raw: 700 }, 0);
    expect(watch.told({ sound: 500, frames: 200, raw: 700 }, 500)).toBe('nothing');
  });
  it('is sealed when much comes and none of it opens, but not at once', () => {
    expect(walk([1500, 0, 0, 50], [500, 0, 0, 50])).toEqual(['nothing', 'sealed']);
  });
  it('is sealed when frames stop opening, and a picture again when they open', () => {
    expect(walk([500, 25, 12], [5000, 0, 0, 50], [500, 25, 12, 3])).toEqual(['picture', 'sealed', 'picture']);
  });
  it('is nothing when what was sealed stands', () => expect(walk([3000, 0, 0, 50], [3000, 0, 0, 0])).toEqual(['sealed', 'nothing']));
  it('counts as open only when something can be seen or heard', () => {
    expect([undefined, 'nothing', 'sealed', 'starting', 'sound', 'picture'].map((flow) => isOpen(flow as Flow))).toEqual([false, false, false, true, true, true]);
  });
});

describe('what is said of dropped frames', () => {
  const make = () => {
    const watch = new RefusedWatch();
    return (epoch: number, dropped: number, dropped_at: number | null, now: number) => watch.told({ epoch, dropped, dropped_at }, now);
  };

  it('is nothing while none was dropped', () => expect(make()(1, 0, null, 100)).toBe('none'));

  it('is a moment right after a new key, and then nothing', () => {
    const told = make();
    told(1, 0, null, 0);
    told(2, 0, null, 10_000);
    expect([told(2, 40, 10_500, 10_600), told(2, 40, 10_500, 14_500), told(2, 40, 10_500, 14_600)]).toEqual(['moment', 'moment', 'none']);
  });

  it('is some, then many, when they go on without a new key', () => {
    const told = make();
    told(1, 0, null, 0);
    expect([told(1, 3, 20_000, 20_100), told(1, 60, 20_500, 20_600), told(1, 61, 21_000, 21_100)]).toEqual(['some', 'some', 'many']);
  });

  it('counts each spell by itself', () => {
    const told = make();
    told(1, 0, null, 0);
    told(1, 500, 20_000, 20_100);
    expect([told(1, 500, 20_000, 40_000), told(1, 502, 50_000, 50_000)]).toEqual(['none', 'some']);
  });
});
