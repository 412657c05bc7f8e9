// SPDX-License-Identifier: Apache-2.0
// A hostile signalling server between the two implementations: every row of mutations.mjs, done to either end and to both.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startC } from './ends.mjs';
import { attack } from './hostile.mjs';
import { MUTATIONS } from './mutations.mjs';
import { Net } from './net.mjs';

let net;
before(async () => { net = new Net([await startC(), await startC(), await startC()]); });
after(() => net?.ends.forEach((end) => end.stop()));

for (const mutation of MUTATIONS) test(`${mutation.group}: ${mutation.name}`, async () => {
  for (const victims of [[0], [1], [...Array(mutation.ends).keys()]]) await attack(net, mutation, victims);
});
