// SPDX-License-Identifier: Apache-2.0
// Two implementations that were written from docs/e2ee.md and not from each other agree on epoch, suite, code and keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startEnds, stopEnds } from './ends.mjs';
import { Net } from './net.mjs';

let all;
before(async () => { all = await startEnds(['C', 'TypeScript', 'C', 'TypeScript']); });
after(() => stopEnds(all));

const pick = (...which) => new Net(which.map((n) => all[n]));
const PAIRS = { 'C and TypeScript': [0, 1], 'TypeScript and C': [1, 0], 'TypeScript and TypeScript': [1, 3], 'C and C': [0, 2] };
const THREES = { 'C, TypeScript, C': [0, 1, 2], 'TypeScript, C, TypeScript': [1, 0, 3] };
const refusals = (net) => net.state.map(({ words }) => words).flat();

for (const [name, which] of Object.entries(PAIRS)) {
  for (const [suite, offers] of [[2, [2, 2]], [1, [1, 2]], [1, [2, 1]], [1, [1, 1]]])
    test(`${name} agree with suite ${suite} when they offer up to ${offers.join(' and ')}`, async () => {
      const net = pick(...which);
      await net.join(0, offers[0]);
      await net.join(1, offers[1]);
      await net.run();
      const { epoch, suite: chosen, code } = net.agreed(name);
      assert.equal(chosen, suite);
      assert.match(code, /^\d{6}$/);
      assert.ok(epoch >= 1);
      assert.deepEqual(refusals(net), []);
    });

  test(`${name}: a reload of either leads to a new epoch and another code`, async () => {
    const net = pick(...which);
    await net.join(0);
    await net.join(1);
    await net.run();
    const codes = [net.agreed().code];
    for (const n of [0, 1]) {
      await net.reload(n);
      await net.run();
      codes.push(net.agreed(`reload of ${n}`).code);
    }
    assert.equal(new Set(codes).size, 3);
  });
}

for (const [name, which] of Object.entries(THREES)) {
  for (const suite of [1, 2])
    test(`${name}: a third joins and leaves with suite ${suite}, and the code changes each time`, async () => {
      const net = pick(...which);
      await net.join(0);
      await net.join(1);
      await net.run();
      const codes = [net.agreed().code];
      await net.join(2, suite);
      await net.run();
      const together = net.agreed('three');
      assert.equal(together.suite, suite);
      assert.equal(together.members.length, 2);
      codes.push(together.code);
      const left = net.last(2);
      await net.leave(2);
      await net.run();
      codes.push(net.agreed('two again').code);
      assert.equal(new Set(codes).size, 3);
      assert.equal(net.last(2), left, 'who left has no later epoch');
      for (const n of [0, 1]) assert.deepEqual(net.state[n].gone, [2]);
      for (const n of [0, 1]) assert.ok(![left.own, ...left.members.map((one) => one.key)].includes(net.last(n).own), 'its keys are no longer in use');
    });

  test(`${name}: they agree although half of all messages are lost`, async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const net = pick(...which);
      let state = seed;
      const lost = () => ((state = (state * 1103515245 + 12345) % 2147483648) >> 16) % 2;
      net.server = { roster: (seats) => seats, pass: (message) => (lost() ? [] : [message]) };
      for (const n of [0, 1, 2]) await net.join(n);
      await net.wait(60);
      net.agreed(`seed ${seed}`);
    }
  });
}

test('rosters that arrive at different times meet in one epoch', async () => {
  for (const which of [[0, 1, 2], [1, 0, 3]]) {
    const net = pick(...which);
    for (const n of [0, 1]) await net.join(n);
    await net.run();
    // The third's roster is there, the others do not know of it yet.
    const late = new Set([0, 1]);
    const before = net.server;
    let held;
    net.server = { ...before, roster: (seats, to) => (late.has(to) ? seats.filter((seat) => seat.number !== 2) : seats) };
    await net.join(2);
    await net.run();
    for (const n of [0, 1]) {
      held = net.state[n].epochs.length;
      late.delete(n);
      await net.rosters();
      await net.run();
    }
    await net.wait(5);
    net.agreed('late rosters');
    assert.ok(held >= 1);
  }
});

test('both stop after twenty reveals in ten minutes, and not when they come slowly', async () => {
  for (const [seconds, stops] of [[1, true], [31, false]]) {
    for (const which of [[0, 1], [1, 0]]) {
      const net = pick(...which);
      for (const n of [0, 1]) await net.join(n);
      await net.run();
      for (let i = 0; i < 25 && net.state[0].stopped === null; i++) {
        await net.wait(seconds);
        await net.reload(1);
        await net.run();
      }
      assert.equal(net.state[0].stopped, stops ? 'disturbed' : null, net.ends[0].language);
      if (stops) assert.equal(net.state[0].epochs.length, 20, net.ends[0].language);
    }
  }
});
