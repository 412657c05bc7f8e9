// SPDX-License-Identifier: Apache-2.0
// A hostile signalling server between the two implementations: every row of mutations.mjs, done to either end and to both.
import { after, before, test } from 'node:test';

import { startEnds, stopEnds } from './ends.mjs';
import { attack } from './hostile.mjs';
import { MUTATIONS } from './mutations.mjs';
import { Net } from './net.mjs';

let net;
before(async () => { net = new Net(await startEnds(['C', 'TypeScript', 'C'])); });
after(() => stopEnds(net?.ends));

for (const mutation of MUTATIONS) test(`${mutation.group}: ${mutation.name}`, async () => {
  for (const victims of [[0], [1], [...Array(mutation.ends).keys()]]) await attack(net, mutation, victims);
});
