// SPDX-License-Identifier: Apache-2.0
// What a hostile signalling server may do with the agreement's messages and rosters, and what must come of it (docs/e2ee.md
// section 3). A server with devices of its own is not here: against that the people have the security code.
//   refused  the victim says so and completes no epoch while it goes on        stalled  no epoch either; nothing there to refuse
//   stops    the victim gives up for good                                      honest   an epoch with one code and the true keys
// `both`: when it is done to both ends. `ends`: how many take part. `after`: it begins in an epoch that holds, when the other end
// (reload) or the victim (reload-victim) is loaded anew, the other leaves and returns (return), or rosters are told again (rosters).
// `gone`: the victim says of all others that they have gone.
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

import { bodyOf, bound, COMMIT, commitmentOf, KEY, read, REVEAL, unsigned, write } from './wire.mjs';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const SERVER_IDENTITY = createPublicKey(server.privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
const serverKey = (suite) => {
  const spki = generateKeyPairSync(...(suite === 1 ? ['ec', { namedCurve: 'P-256' }] : ['x25519'])).publicKey.export({ type: 'spki', format: 'der' });
  return spki.subarray(suite === 1 ? -65 : -32);
};
const OWN_KEYS = { 1: serverKey(1), 2: serverKey(2) };

const flipped = (bytes, at = bytes.length - 1) => Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
const zeroes = (bytes) => Buffer.alloc(bytes.length);
const typeOf = (message) => Buffer.from(message.body, 'base64url')[1];
const withKey = (message, suite, key) => ({ ...message, keys: message.keys.map((one) => (one.suite === suite ? { suite, key: key(one.key) } : one)) });
const without = (...suites) => (message) => ({ ...message, keys: message.keys.filter(({ suite }) => !suites.includes(suite)) });

/** The other valid form of an ECDSA signature: s becomes n - s. */
function malleated(signature) {
  const s = (ORDER - BigInt(`0x${signature.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0');
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s, 'hex')]);
}

/** Messages of one type to a victim, changed field by field. change (fields, context) answers with fields. */
const change = (type, how) => (message, context) =>
  typeOf(message) === type ? [{ ...message, body: write(how(read(message.body), { ...context, message })) }] : [message];
/** The same bytes, changed as text or bytes. */
const rewrite = (type, how) => (message, context) => (typeOf(message) === type ? [{ ...message, body: how(message.body, context) }] : [message]);
const drop = (...types) => (message) => (types.includes(typeOf(message)) ? [] : [message]);

/** What a seat sent last of a type, on its way or gone by. */
const sent = ({ seen, net }, from, type) => read([...seen, ...net.queue].filter((one) => one.from === from && typeOf(one) === type).at(-1).body);

/** The same seat's message of that type to the same end in the round before. */
const earlier = ({ before, message }, type) => before.find((one) => one.from === message.from && one.to === message.to && typeOf(one) === type);

/** Holds a seat's commit back until its reveal is there, then commits to another body: the commitment fits, the rest must not. */
const commitLate = (how) => (message, context) => {
  const { memory } = context;
  if (typeOf(message) === COMMIT) {
    memory.roster = read(message.body).roster;
    return [];
  }
  if (typeOf(message) !== REVEAL) return [message];
  memory[message.body] ??= how(read(message.body), { ...context, message, roster: memory.roster });
  const forged = memory[message.body];
  const commit = { version: 1, type: COMMIT, epoch: forged.epoch, seat: forged.seat, roster: memory.roster, commitment: commitmentOf(memory.roster, forged) };
  return [{ ...message, body: write(commit) }, { ...message, body: write(forged) }];
};

const serverSigned = (message, { roster }) => ({
  ...message,
  signature: sign('sha256', bound('reveal', roster, message, unsigned(message)), { key: server.privateKey, dsaEncoding: 'ieee-p1363' }),
});

const seats = (how) => ({ roster: (list, to, net) => how(list, to, net) });
const others = (list, to) => list.filter((seat) => seat.number !== to);
const own = (list, to) => list.find((seat) => seat.number === to);
const each = (list, which, how) => list.map((seat) => (which(seat) ? { ...seat, ...how(seat) } : seat));
const swap = (list, member) => [{ ...list[0], [member]: list[1][member] }, { ...list[1], [member]: list[0][member] }, ...list.slice(2)];

const TABLE = {
  'ephemeral keys': {
    'the P-256 key is the server\'s': { expect: 'refused', pass: change(REVEAL, (m) => withKey(m, 1, () => OWN_KEYS[1])) },
    'the X25519 key is the server\'s': { expect: 'refused', pass: change(REVEAL, (m) => withKey(m, 2, () => OWN_KEYS[2])) },
    'both keys are the server\'s': { expect: 'refused', pass: change(REVEAL, (m) => withKey(withKey(m, 1, () => OWN_KEYS[1]), 2, () => OWN_KEYS[2])) },
    'both keys are the server\'s, and the commitment too': { expect: 'refused', both: 'stalled', pass: commitLate((m) => withKey(withKey(m, 1, () => OWN_KEYS[1]), 2, () => OWN_KEYS[2])) },
    'the P-256 key is off the curve': { expect: 'refused', pass: change(REVEAL, (m) => withKey(m, 1, flipped)) },
    'the X25519 key is zero': { expect: 'refused', pass: change(REVEAL, (m) => withKey(m, 2, zeroes)) },
    'the keys are the victim\'s own': { expect: 'refused', pass: change(REVEAL, (m, c) => ({ ...m, keys: sent(c, c.message.to, REVEAL).keys })) },
    'the keys come in another order': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, keys: [...m.keys].reverse() })) },
  },
  suites: {
    'X25519 is stripped': { expect: 'refused', pass: change(REVEAL, without(2)) },
    'X25519 is stripped, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate(without(2)) },
    'P-256 is stripped': { expect: 'refused', pass: change(REVEAL, without(1)) },
    'P-256 is stripped, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate(without(1)) },
    'all suites are stripped': { expect: 'refused', pass: change(REVEAL, without(1, 2)) },
    'a suite stands there twice': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, keys: [...m.keys, m.keys[0]] })) },
    'X25519 is called by an unknown number': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, keys: m.keys.map(({ suite, key }) => ({ suite: suite === 2 ? 77 : suite, key })) })) },
    'a key says that it is of the floor suite': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, suite: 1 })) },
    'a key says that it is of an unknown suite': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, suite: 3 })) },
  },
  signatures: {
    'a bit of the signature is another': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, signature: flipped(m.signature) })) },
    'a bit of the signature is another, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate((m) => ({ ...m, signature: flipped(m.signature) })) },
    'the signature is zero, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate((m) => ({ ...m, signature: zeroes(m.signature) })) },
    'the signature is stripped': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, signature: Buffer.alloc(0) })) },
    'the signature is stripped, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate((m) => ({ ...m, signature: Buffer.alloc(0) })) },
    'the signature is the victim\'s': { expect: 'refused', pass: change(REVEAL, (m, c) => ({ ...m, signature: sent(c, c.message.to, REVEAL).signature })) },
    'the signature is the server\'s, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate(serverSigned) },
    'keys and signature are the server\'s, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate((m, c) => serverSigned(withKey(withKey(m, 1, () => OWN_KEYS[1]), 2, () => OWN_KEYS[2]), c)) },
    'the signature has its other valid form, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate((m) => ({ ...m, signature: malleated(m.signature) })) },
    'the signature is of the round before, and the commitment fits': { expect: 'refused', both: 'stalled', after: 'return', pass: commitLate((m, c) => ({ ...m, signature: read(earlier(c, REVEAL).body).signature })) },
  },
  'commitments and nonces': {
    'a bit of the commitment is another': { expect: 'refused', pass: change(COMMIT, (m) => ({ ...m, commitment: flipped(m.commitment) })) },
    'the commitment is zero': { expect: 'refused', pass: change(COMMIT, (m) => ({ ...m, commitment: zeroes(m.commitment) })) },
    'the commitment is the victim\'s': { expect: 'refused', pass: change(COMMIT, (m, c) => ({ ...m, commitment: sent(c, c.message.to, COMMIT).commitment })) },
    'the commitment is to the server\'s own keys': { expect: 'refused', pass: change(COMMIT, (m) => ({ ...m, commitment: commitmentOf(m.roster, { ...m, nonce: zeroes(m.roster), keys: [{ suite: 1, key: OWN_KEYS[1] }], signature: Buffer.alloc(64) }) })) },
    'a bit of the nonce is another': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, nonce: flipped(m.nonce) })) },
    'a bit of the nonce is another, and the commitment fits': { expect: 'refused', both: 'stalled', pass: commitLate((m) => ({ ...m, nonce: flipped(m.nonce) })) },
    'the nonce is the victim\'s': { expect: 'refused', pass: change(REVEAL, (m, c) => ({ ...m, nonce: sent(c, c.message.to, REVEAL).nonce })) },
    'commits are stripped': { expect: 'stalled', pass: drop(COMMIT) },
    'reveals are stripped': { expect: 'stalled', pass: drop(REVEAL) },
    'every commit is followed by another one': { expect: 'stops', pass: (m) => (typeOf(m) === COMMIT ? [m, { ...m, body: write({ ...read(m.body), commitment: OWN_KEYS[2] }) }] : [m]) },
  },
  rosters: {
    'a commit is for another roster': { expect: 'stalled', pass: change(COMMIT, (m) => ({ ...m, roster: flipped(m.roster) })) },
    'the other\'s identity is the server\'s': { expect: 'stalled', ...seats((list, to) => each(list, (seat) => seat.number !== to, () => ({ identity: SERVER_IDENTITY }))) },
    'our identity is the server\'s': { expect: 'refused', ...seats((list, to) => each(list, (seat) => seat.number === to, () => ({ identity: SERVER_IDENTITY }))) },
    'the identities are swapped': { expect: 'refused', ...seats((list) => (list.length < 2 ? list : swap(list, 'identity'))) },
    'the roles are swapped': { expect: 'refused', ...seats((list) => (list.length < 2 ? list : swap(list, 'role'))) },
    'the numbers are swapped': { expect: 'refused', ...seats((list) => (list.length < 2 ? list : swap(list, 'number'))) },
    'the seats are swapped': { expect: 'refused', ...seats((list) => (list.length < 2 ? list : swap(list, 'seat'))) },
    'both identities are ours': { expect: 'refused', ...seats((list, to) => list.map((seat) => ({ ...seat, identity: own(list, to).identity }))) },
    'both numbers are ours': { expect: 'refused', ...seats((list, to) => list.map((seat) => ({ ...seat, number: to }))) },
    'the other has another role': { expect: 'stalled', ...seats((list, to) => each(list, (seat) => seat.number !== to, () => ({ role: 'supervisor' }))) },
    'the other has another number': { expect: 'stalled', ...seats((list, to) => each(list, (seat) => seat.number !== to, () => ({ number: 4 }))) },
    'the other has number 5': { expect: 'refused', ...seats((list, to) => each(list, (seat) => seat.number !== to, () => ({ number: 5 }))) },
    'the other has no identity': { expect: 'refused', ...seats((list, to) => each(list, (seat) => seat.number !== to, () => ({ identity: null }))) },
    'the other\'s identity is not base64': { expect: 'refused', ...seats((list, to) => each(list, (seat) => seat.number !== to, () => ({ identity: '#'.repeat(124) }))) },
    'the other\'s identity is half a key': { expect: 'refused', ...seats((list, to) => each(list, (seat) => seat.number !== to, (seat) => ({ identity: seat.identity.slice(0, 60) }))) },
    'we are not in it': { expect: 'refused', ...seats(others) },
    'the other is not in it': { expect: 'stalled', ...seats((list, to) => [own(list, to)]) }, // alone, with a commit that waits for a roster
    'a seat of the server\'s sits with us': { expect: 'stalled', ...seats((list) => [...list, { seat: 'seat-server', number: 3, role: 'lawyer', identity: SERVER_IDENTITY }]) },
    'there are six seats': { expect: 'refused', ...seats((list) => [...list, ...[2, 3, 4, 5].map((number) => ({ ...list[0], seat: `seat-${number}`, number, identity: SERVER_IDENTITY }))]) },
    'in an epoch: our role is another': { expect: 'refused', after: 'rosters', gone: true, ...seats((list, to) => each(list, (seat) => seat.number === to, () => ({ role: 'supervisor' }))) },
    'in an epoch: our identity is the server\'s': { expect: 'refused', after: 'rosters', gone: true, ...seats((list, to) => each(list, (seat) => seat.number === to, () => ({ identity: SERVER_IDENTITY }))) },
    'in an epoch: we are not in it': { expect: 'refused', after: 'rosters', gone: true, ...seats(others) },
    'in an epoch: the other has no identity': { expect: 'refused', after: 'rosters', gone: true, ...seats((list, to) => each(list, (seat) => seat.number !== to, () => ({ identity: null }))) },
    'in an epoch: the other\'s identity is off the curve': { expect: 'refused', after: 'rosters', gone: true, ...seats((list, to) => each(list, (seat) => seat.number !== to, ({ identity }) => ({ identity: flipped(Buffer.from(identity, 'base64')).toString('base64') }))) },
    'the meeting is another one': { expect: 'stalled', both: 'honest', ...seats((list) => ({ seats: list, meeting: 'another' })) },
  },
  'epochs, versions, types': {
    'a commit is of epoch 0': { expect: 'refused', pass: change(COMMIT, (m) => ({ ...m, epoch: 0 })) },
    'a commit is of the next epoch': { expect: 'stops', both: 'any', pass: change(COMMIT, (m) => ({ ...m, epoch: m.epoch + 1 })) },
    'a commit is of the last epoch': { expect: 'refused', both: 'any', pass: change(COMMIT, (m) => ({ ...m, epoch: 0xffffffff })) },
    'a reveal is of the next epoch': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, epoch: m.epoch + 1 })) },
    'a key is of the next epoch': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, epoch: m.epoch + 1 })) },
    'a commit is of version 2': { expect: 'refused', pass: change(COMMIT, (m) => ({ ...m, version: 2 })) },
    'a reveal is of version 0': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, version: 0 })) },
    'a key is of version 255': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, version: 255 })) },
    'a commit is of an unknown type': { expect: 'refused', pass: rewrite(COMMIT, (body) => write({ ...read(body), type: 9 })) },
    'a reveal says that it is a key': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, type: KEY })) },
  },
  'senders and recipients': {
    'a commit names another seat': { expect: 'refused', pass: change(COMMIT, (m) => ({ ...m, seat: 'seat-server' })) },
    'a reveal names the victim': { expect: 'refused', pass: change(REVEAL, (m, c) => ({ ...m, seat: c.names[c.message.to] })) },
    'a key names another recipient': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, to: 'seat-server' })) },
    'all messages come from a stranger': { expect: 'refused', pass: (m) => [{ ...m, from: 'seat-server' }] },
    'all messages come from the victim itself': { expect: 'refused', pass: (m) => [{ ...m, from: m.to }] },
    'the victim gets its own messages as the other\'s': { expect: 'refused', pass: (m, c) => [{ ...m, body: write(sent(c, m.to, COMMIT)) }] },
    'the victim gets its own messages too': { expect: 'honest', refuses: true, pass: (m, c) => [m, { ...m, body: write(sent(c, m.to, COMMIT)) }] },
    'the victim gets its own key, turned round': { expect: 'refused', pass: change(KEY, (m, c) => ({ ...m, wrapped: sent(c, c.message.to, KEY).wrapped })) },
  },
  keys: {
    'a bit of the wrapped key is another': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, wrapped: flipped(m.wrapped, 0) })) },
    'a bit of the tag is another': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, wrapped: flipped(m.wrapped) })) },
    'the wrapped key is zero': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, wrapped: zeroes(m.wrapped) })) },
    'keys are stripped': { expect: 'stalled', pass: drop(KEY) },
  },
  bytes: {
    'a commit has a byte more': { expect: 'refused', pass: change(COMMIT, (m) => ({ ...m, more: Buffer.alloc(1) })) },
    'a reveal has a byte more': { expect: 'refused', pass: change(REVEAL, (m) => ({ ...m, more: Buffer.alloc(1) })) },
    'a key has a byte more': { expect: 'refused', pass: change(KEY, (m) => ({ ...m, more: Buffer.alloc(1) })) },
    'a commit is cut short': { expect: 'refused', pass: rewrite(COMMIT, (body) => body.slice(0, -4)) },
    'a reveal is cut short': { expect: 'refused', pass: rewrite(REVEAL, (body) => body.slice(0, -4)) },
    'a key is cut short': { expect: 'refused', pass: rewrite(KEY, (body) => body.slice(0, -4)) },
    'a reveal is nothing': { expect: 'refused', pass: rewrite(REVEAL, () => '') },
    'a reveal is not base64url': { expect: 'refused', pass: rewrite(REVEAL, (body) => `${body.slice(0, -1)}!`) },
    'a reveal is longer than anything may be': { expect: 'refused', pass: rewrite(REVEAL, (body) => body + 'A'.repeat(4000)) },
  },
  'order and repetition': {
    'everything comes twice': { expect: 'honest', pass: (m) => [m, m] },
    'everything comes five times': { expect: 'honest', pass: (m) => [m, m, m, m, m] },
    'the last comes first': { expect: 'honest', pass: (m, { memory, net }) => {
      memory.held = [m, ...(memory.held ?? [])];
      return net.queue.length > 0 ? [] : memory.held.splice(0);
    } },
    'messages come in pairs, the later one first': { expect: 'honest', seconds: 20, pass: (m, { memory }) => {
      memory.held = [m, ...(memory.held ?? [])];
      return memory.held.length < 2 ? [] : memory.held.splice(0);
    } },
    'the victim, loaded anew, gets the other\'s messages of before': { expect: 'refused', both: 'any', after: 'reload-victim', pass: (m, { before }) =>
      before.filter((one) => one.from === m.from && one.to === m.to) },
    'reveals are of the round before': { expect: 'refused', after: 'reload', pass: (m, c) => (typeOf(m) === REVEAL ? [earlier({ ...c, message: m }, REVEAL)] : [m]) },
    'keys are of the round before': { expect: 'refused', after: 'reload', pass: (m, c) => (typeOf(m) === KEY ? [earlier({ ...c, message: m }, KEY)] : [m]) },
    'wrapped keys are of the round before': { expect: 'refused', after: 'reload', pass: change(KEY, (m, c) => ({ ...m, wrapped: read(earlier(c, KEY).body).wrapped })) },
    'the commit of the round before comes again once': { expect: 'honest', after: 'reload', pass: (m, { before, memory }) => {
      const again = memory.done ? [] : before.filter((one) => one.from === m.from && typeOf(one) === COMMIT).slice(0, 1);
      memory.done = true;
      return [m, ...again];
    } },
  },
  'three ends': {
    'the victim gets the third\'s key': { ends: 3, expect: 'refused', pass: (m, c) => {
      const key = [...c.seen, ...c.net.queue].find((one) => one.from === m.from && one.to !== m.to && one.to !== null && typeOf(one) === KEY);
      return typeOf(m) === KEY ? [{ ...m, body: key.body }] : [m];
    } },
    'the others\' messages are swapped': { ends: 3, expect: 'refused', pass: (m) => [{ ...m, from: [0, 1, 2].find((n) => n !== m.from && n !== m.to) }] },
    'the others\' identities are swapped': { ends: 3, expect: 'stalled', ...seats((list, to) => {
      const [a, b] = others(list, to);
      return b ? each(list, (seat) => seat.number !== to, (seat) => ({ identity: (seat === a ? b : a).identity })) : list;
    }) },
    'the third is not in the roster': { ends: 3, expect: 'stalled', ...seats((list, to) => list.filter((seat) => seat.number !== (to + 1) % 3)) },
    // A page draws what it is told: who is hidden by a roster that is refused must not have keys.
    'in an epoch: the third is hidden, and our role is another': { ends: 3, expect: 'refused', after: 'rosters', gone: true, ...seats((list, to) =>
      each(list.filter((seat) => seat.number !== (to + 1) % 3), (seat) => seat.number === to, () => ({ role: 'supervisor' }))) },
    'in an epoch: the third is hidden, and our number is another': { ends: 3, expect: 'refused', after: 'rosters', gone: true, ...seats((list, to) =>
      each(list.filter((seat) => seat.number !== (to + 1) % 3), (seat) => seat.number === to, () => ({ number: 4 }))) },
    'the third\'s reveal is the second\'s': { ends: 3, expect: 'refused', pass: change(REVEAL, (m, c) => {
      const from = [0, 1, 2].find((n) => n !== c.message.from && n !== c.message.to);
      const reveal = [...c.seen, ...c.net.queue].find((one) => one.from === from && typeOf(one) === REVEAL);
      return reveal ? { ...read(reveal.body), seat: m.seat } : { ...m, nonce: flipped(m.nonce) };
    }) },
    'one of them never gets a key': { ends: 3, expect: 'stalled', pass: drop(KEY) },
  },
};

export const MUTATIONS = Object.entries(TABLE).flatMap(([group, rows]) => Object.entries(rows).map(([name, row]) => ({ group, name, ends: 2, ...row })));
