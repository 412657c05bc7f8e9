// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from 'vitest';
import { concat, type Bytes } from './bytes';
import { newIdentity } from './net.fixture';
import { readRoster, type Roster } from './roster';
import { Round } from './round';
import { P256, X25519, generate, type Offer } from './suites';
import { commitmentOf, decode, encodeCommit, encodeReveal, statementOf, unsignedBody, type Commit, type Reveal } from './wire';
import { unwrap, wrap } from './wrap';
import type { Identity } from './types';

const random = (size: number): Bytes => crypto.getRandomValues(new Uint8Array(size));

describe('a round takes a reveal', () => {
  let roster: Roster;
  let round: Round;
  let lawyer: Identity;
  let offers: Offer[];

  beforeEach(async () => {
    const kiosk = await newIdentity();
    lawyer = await newIdentity();
    const seats = [['seat-kiosk', 'kiosk', kiosk], ['seat-lawyer', 'lawyer', lawyer]] as const;
    const told = seats.map(([seat, role, { publicKey }], number) => ({ seat, number, role, identity: publicKey }));
    roster = (await readRoster('meeting', told, { seat: 'seat-kiosk', number: 0, role: 'kiosk', publicKey: kiosk.publicKey }))!;
    round = await Round.make(1, roster, { seat: 'seat-kiosk', sign: (statement) => kiosk.sign(statement), random, highest: X25519 });
    offers = (await Promise.all([P256, X25519].map(generate))).map((one) => one!);
  });

  async function give(signer: Identity, list: Offer[], { epoch = 1, committed = true } = {}) {
    const unsigned = unsignedBody(random(32), list);
    const body = concat(unsigned, await signer.sign(statementOf(roster.hash, epoch, 'seat-lawyer', unsigned)));
    const commitment = committed ? await commitmentOf(roster.hash, 1, 'seat-lawyer', body) : random(32);
    round.commits.set('seat-lawyer', decode(encodeCommit(1, 'seat-lawyer', roster.hash, commitment)) as Commit);
    return round.takeReveal(roster.others[0]!, decode(encodeReveal(1, 'seat-lawyer', body)) as Reveal);
  }
  const withKey = (suite: number, how: (key: Bytes) => Bytes) => offers.map((one) => (one.suite === suite ? { suite, publicKey: how(one.publicKey) } : one));

  test('that fits, and then agrees', async () => {
    expect(await give(lawyer, offers)).toBeNull();
    expect(round.holdsAllReveals()).toBe(true);
    expect([...(await round.agree()).keys()]).toEqual(['seat-lawyer']);
  });

  test('not of another commitment', async () => {
    expect(await give(lawyer, offers, { committed: false })).toBe('commitment');
    expect(round.holdsAllReveals()).toBe(false);
  });

  test('not with the signature of another device, or over another epoch', async () => {
    expect(await give(await newIdentity(), offers)).toBe('signature');
    expect(await give(lawyer, offers, { epoch: 2 })).toBe('signature');
    expect(round.holdsAllReveals()).toBe(false);
  });

  test('not with a key that is worth nothing, of whichever suite', async () => {
    const lastBit = (key: Bytes) => key.map((byte, index) => (index === key.length - 1 ? byte ^ 1 : byte));
    for (const list of [
      withKey(P256, lastBit),
      withKey(P256, (key) => key.map((byte, index) => (index === 0 ? byte : 0))),
      withKey(P256, (key) => key.map((byte, index) => (index === 0 ? 6 : byte))),
      withKey(X25519, (key) => key.map(() => 0)),
      withKey(X25519, (key) => key.map((_, index) => (index === 0 ? 1 : 0))),
    ]) expect(await give(lawyer, list)).toBe('public-key');
    expect(round.holdsAllReveals()).toBe(false);
    expect(await give(lawyer, offers)).toBeNull();
  });
});

test('a wrapped key opens for its transcript, pair, direction and header alone', async () => {
  const [transcript, secret, baseKey, header] = [random(32), random(32), random(32), random(20)];
  const wrapped = await wrap(transcript, secret, 'a', 'b', header, baseKey);
  expect(await unwrap(transcript, secret, 'a', 'b', header, wrapped)).toEqual(baseKey);
  for (const [t, s, from, to, h] of [
    [random(32), secret, 'a', 'b', header], [transcript, random(32), 'a', 'b', header], [transcript, secret, 'b', 'a', header],
    [transcript, secret, 'a', 'c', header], [transcript, secret, 'a', 'b', random(20)]] as const) expect(await unwrap(t, s, from, to, h, wrapped)).toBeNull();
  for (let at = 0; at < wrapped.length; at++) {
    expect(await unwrap(transcript, secret, 'a', 'b', header, wrapped.map((byte, index) => (index === at ? byte ^ 1 : byte)))).toBeNull();
  }
});
