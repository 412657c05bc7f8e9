// SPDX-License-Identifier: Apache-2.0
// Who has a whole key agreement of his own, against each implementation: without the device of a seat he gets nowhere; with a bad
// body under a good signature neither; and with a device that the roster names he is let in, which is what the code is for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startEnds, stopEnds } from './ends.mjs';
import { IDENTITY, Impostor, rosterHash } from './impostor.mjs';
import { SEATS } from './net.mjs';
import { read } from './wire.mjs';

const MEETING = 'meeting';
let ends;
before(async () => { ends = await startEnds(['C', 'TypeScript']); });
after(() => stopEnds(ends));

/** The victim sits at number 0, the impostor plays number 1; identity: which one the roster gives him. What the victim said. */
async function meet(victim, identity, spoil) {
  const seats = [
    { seat: SEATS[0], number: 0, role: 'kiosk', identity: victim.identity },
    { seat: SEATS[1], number: 1, role: 'lawyer', identity },
  ];
  const impostor = new Impostor(rosterHash(MEETING, seats), SEATS.slice(0, 2), SEATS[1], 1, spoil);
  await victim.fresh('kiosk');
  const said = [...(await victim.roster(MEETING, seats[0], seats, 1e9))];
  const give = async (body) => said.push(...(await victim.receive(SEATS[1], body, 1e9)));
  await give(impostor.commit());
  const reveal = said.findLast((one) => one.say === 'send' && read(one.body).type === 2);
  assert.ok(reveal, 'the victim reveals');
  await give(impostor.reveal());
  const refused = () => said.filter((one) => one.say === 'refused');
  if (refused().length === 0) await give(impostor.key(reveal.body));
  return { impostor, epoch: said.find((one) => one.say === 'epoch'), refused: refused() };
}

const each = (name, run) => test(name, async () => { for (const end of ends) await run(end, `${name} (${end.language})`); });
const keyed = (suite, how) => (body) => ({ ...body, keys: body.keys.map((one) => (one.suite === suite ? { suite, key: how(one.key) } : one)) });
const last = (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1) ^ 1])]);

each('who answers for a seat without its device is refused', async (end, what) => {
  const { epoch, refused } = await meet(end, ends.find((one) => one !== end).identity);
  assert.equal(epoch, undefined, what);
  assert.ok(refused.length > 0, what);
});

each('who has a device that the roster names is let in: against him there is the code', async (end, what) => {
  const first = await meet(end, IDENTITY);
  assert.deepEqual(first.refused, [], what);
  assert.equal(first.epoch.code, first.impostor.code(), what);
  assert.equal(first.epoch.members[0].key, first.impostor.baseKey.toString('base64url'), what);
  assert.notEqual((await meet(end, IDENTITY)).epoch.code, first.epoch.code, what);
});

for (const [name, spoil] of Object.entries({
  'without the floor suite': (body) => ({ ...body, keys: body.keys.slice(1) }),
  'without any suite': (body) => ({ ...body, keys: [] }),
  'with the floor suite twice': (body) => ({ ...body, keys: [...body.keys, body.keys[0]] }),
  'with an unknown suite twice': (body) => ({ ...body, keys: [...body.keys, { suite: 9, key: Buffer.alloc(3) }, { suite: 9, key: Buffer.alloc(3) }] }),
  'with a P-256 key off the curve': keyed(1, last),
  'with a P-256 key of zeroes': keyed(1, (key) => Buffer.concat([Buffer.from([4]), Buffer.alloc(key.length - 1)])),
  'with a compressed P-256 key': keyed(1, (key) => Buffer.concat([Buffer.from([2 | (key.at(-1) & 1)]), key.subarray(1, 33)])),
  'with a hybrid P-256 key': keyed(1, (key) => Buffer.concat([Buffer.from([6 | (key.at(-1) & 1)]), key.subarray(1)])),
  'with a short X25519 key': keyed(2, (key) => key.subarray(1)),
  'with an X25519 key of zeroes': keyed(2, () => Buffer.alloc(32)),
  'with an X25519 key of low order': keyed(2, () => Buffer.from([1, ...Buffer.alloc(31)])),
  'with a signature of zeroes': (body) => ({ ...body, signature: Buffer.alloc(64) }),
  'with a byte left over': (body) => ({ ...body, signature: undefined, more: Buffer.alloc(1) }),
}))
  each(`a body ${name} is refused, whoever signed it`, async (end, what) => {
    const { epoch, refused } = await meet(end, IDENTITY, spoil);
    assert.equal(epoch, undefined, what);
    assert.ok(refused.length > 0, what);
  });

each('a body with an unknown suite more is taken', async (end, what) => {
  const { epoch } = await meet(end, IDENTITY, (body) => ({ ...body, keys: [...body.keys, { suite: 200, key: Buffer.alloc(1184, 7) }] }));
  assert.equal(epoch?.suite, 2, what);
});

each('a body with the floor suite alone is met with the floor suite', async (end, what) => {
  const { epoch, impostor } = await meet(end, IDENTITY, (body) => ({ ...body, keys: body.keys.slice(0, 1) }));
  assert.equal(epoch?.suite, 1, what);
  assert.equal(epoch.code, impostor.code(), what);
});
