// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { Net } from './net.fixture';
import { REPEAT_MS, REVEALS_MAX } from './agreement';

describe('an agreement', () => {
  test('two ends have one code and each other\'s keys', async () => {
    const net = new Net();
    await net.join('kiosk');
    expect(net.ends.get('kiosk')!.alone).toBe(1);
    await net.join('lawyer');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.last('kiosk').suite).toBe(2);
  });

  test('an end without X25519 brings all to the floor', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer', { highest: 1 });
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.last('kiosk').suite).toBe(1);
  });

  test('each join and leave has an epoch, keys and a code of its own', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    const first = net.last('kiosk');
    await net.join('second');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer', 'second');
    const second = net.last('kiosk');
    await net.leave('second');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.ends.get('kiosk')!.gone).toEqual([2]);
    const third = net.last('kiosk');
    expect(new Set([first, second, third].map(({ code }) => code)).size).toBe(3);
    expect(new Set([first, second, third].map(({ own }) => Buffer.from(own.baseKey).toString('hex'))).size).toBe(3);
    expect([first, second, third].map(({ epoch }) => epoch)).toEqual([...[first, second, third].map(({ epoch }) => epoch)].sort((a, b) => a - b));
  });

  test('a page that was loaded anew gets a new epoch', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    const before = net.last('kiosk').epoch;
    await net.reload('lawyer');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.last('kiosk').epoch).toBeGreaterThan(before);
  });

  test('what was lost is said again', async () => {
    for (let lost = 0; lost < 8; lost++) {
      const net = new Net();
      await net.join('kiosk');
      let count = 0;
      net.pass = (message) => (count++ === lost ? [] : [message]);
      await net.join('lawyer');
      await net.run();
      for (let i = 0; i < 4; i++) await net.tick(REPEAT_MS);
      net.expectAgreed('kiosk', 'lawyer');
    }
  });

  test('in any order, with losses and copies, all who are there come to agree', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const net = new Net(seed);
      const random = net.random;
      net.pass = (message) => (random() < 0.1 ? [] : random() < 0.15 ? [message, message] : [message]);
      for (const name of ['kiosk', 'lawyer', 'second'] as const) {
        await net.join(name);
        await net.shuffle(Math.floor(random() * 12));
      }
      if (random() < 0.5) await net.reload('lawyer');
      await net.shuffle(Math.floor(random() * 12));
      const left = random() < 0.5;
      if (left) await net.leave('second');
      net.pass = (message) => [message];
      for (let i = 0; i < 6; i++) {
        await net.shuffle(1000);
        await net.tick(REPEAT_MS);
      }
      net.expectAgreed('kiosk', 'lawyer', ...(left ? [] : ['second' as const]));
    }
  }, 60_000);

  test('an end reveals so often and no more', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    for (let i = 0; i < REVEALS_MAX + 3; i++) {
      await net.reload('lawyer');
      await net.run();
    }
    expect(net.ends.get('kiosk')!.stopped).toBe('disturbed');
    expect(net.ends.get('kiosk')!.epochs.length).toBe(REVEALS_MAX);
  });
});
