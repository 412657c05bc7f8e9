// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { FlowWatch, type Flow } from '../lib/flow';

/** Looks every half second; each step: how long, packets of sound and frames per look. */
function walk(...steps: [ms: number, sound: number, frames: number][]): Flow[] {
  const watch = new FlowWatch();
  let now = 0;
  let soundPackets = 0;
  let frames = 0;
  watch.told({ soundPackets, frames }, now);
  return steps.map(([ms, sound, more]) => {
    let flow: Flow = 'nothing';
    for (const end = now + ms; now < end;) {
      now += 500;
      flow = watch.told({ soundPackets: soundPackets += sound, frames: frames += more }, now);
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
  it('does not count what was there before the first look', () => {
    expect(new FlowWatch().told({ soundPackets: 500, frames: 200 }, 0)).toBe('nothing');
  });
});
