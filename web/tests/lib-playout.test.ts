// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';

import { Leg, type Guard } from '../lib/leg';
import { Playout, WAIT_MS } from '../lib/playout';

describe('what arrives', () => {
  it('is left to the browser where nothing is lost', () => {
    const playout = new Playout();
    expect(playout.told(0, 300)).toBeNull();
    expect(playout.told(3, 300)).toBeNull();
    expect(playout.told(0, 0)).toBeNull();
  });

  it('waits for repairs where they are needed, and for a while after', () => {
    const playout = new Playout();
    expect(playout.told(4, 300)).toBe(WAIT_MS);
    for (let look = 0; look < 14; look++) expect(playout.told(0, 300)).toBe(WAIT_MS);
    expect(playout.told(0, 300)).toBeNull();
    expect(playout.told(30, 300)).toBe(WAIT_MS);
  });
});

describe('a leg', () => {
  function legOf(receiver: () => object): { leg: Leg; receivers: { jitterBufferTarget?: number | null }[] } {
    const receivers: object[] = [];
    const connection = {
      addTransceiver: () => {
        receivers.push(receiver());
        return { sender: {}, receiver: receivers.at(-1) };
      },
    };
    return { leg: new Leg(connection as unknown as RTCPeerConnection, {} as Guard), receivers };
  }

  it('lets sound and picture of everybody wait alike, and ends it', () => {
    const { leg, receivers } = legOf(() => ({ jitterBufferTarget: null }));
    leg.wait(WAIT_MS);
    expect(receivers.map((one) => one.jitterBufferTarget)).toEqual(Array(8).fill(WAIT_MS));
    leg.wait(null);
    expect(receivers.every((one) => one.jitterBufferTarget === null)).toBe(true);
  });

  it('leaves a browser alone that cannot be told', () => {
    const { leg, receivers } = legOf(() => ({}));
    leg.wait(WAIT_MS);
    expect(receivers.some((one) => 'jitterBufferTarget' in one)).toBe(false);
  });
});
