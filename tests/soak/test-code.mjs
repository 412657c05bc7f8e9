// SPDX-License-Identifier: Apache-2.0
// A million rounds with somebody between both ends who has devices of his own: how often do both show one code? By chance once
// in a million (docs/e2ee.md section 3); more than five times would be a fault.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { closeTypeScript, loadTypeScript } from '../e2ee/ends.mjs';

const ROUNDS = 1_000_000;
const seed = Number(process.env.HJ_SEED ?? 20261123);
let series;
before(async () => { ({ series } = await loadTypeScript('/lib/e2ee/code-attack.fixture.ts')); });
after(() => closeTypeScript());

for (const attack of ['inTurn', 'atOnce']) test(`${attack}: at most five of a million show one code`, () => {
  const { equal, near, refused } = series(attack, ROUNDS, seed);
  console.log(`${attack}: ${equal} of ${ROUNDS}, seed ${seed}`);
  assert.ok(equal <= 5, `${equal}, seed ${seed}`);
  assert.equal(refused, 0);
  // One in a thousand has the last three digits in common: the codes are compared, and as even as they must be.
  assert.ok(Math.abs(near - ROUNDS / 1000) < 200, `${near}`);
});

test('who looks for a fitting value after the reveals is refused, and wins where nobody commits', () => {
  const bound = series('search', 300, seed);
  assert.equal(bound.equal, 0);
  assert.ok(bound.refused > 250, JSON.stringify(bound));
  const free = series('search', 300, seed, false);
  assert.ok(free.equal > 250, JSON.stringify(free));
});
