// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { concat, fromBase64, fromBase64url, str, toBase64url, uint, type Bytes } from './bytes';
import { P256, X25519 } from './suites';
import { decode, encodeCommit, encodeReveal, isSame, keyHeader, unsignedBody } from './wire';

const fill = (size: number, value: number) => new Uint8Array(size).fill(value);
const offers = [{ suite: P256, publicKey: fill(65, 4) }, { suite: X25519, publicKey: fill(32, 5) }];
const body = (list: { suite: number; publicKey: Bytes }[]) => concat(unsignedBody(fill(32, 6), list), fill(64, 7));
const commit = encodeCommit(0x01020304, 'seat', fill(32, 1), fill(32, 2));
const reveal = encodeReveal(7, 'seat', body(offers));
const key = concat(keyHeader(7, 'seat', 'other', X25519), fill(48, 3));

describe('a message of the agreement', () => {
  test('is the bytes that the document gives', () => {
    expect(Buffer.from(commit).toString('hex')).toBe(`0101010203040473656174${'01'.repeat(32)}${'02'.repeat(32)}`);
    expect(Buffer.from(reveal).toString('hex')).toBe(`0102000000070473656174${'06'.repeat(32)}02010041${'04'.repeat(65)}020020${'05'.repeat(32)}${'07'.repeat(64)}`);
    expect(Buffer.from(key).toString('hex')).toBe(`0103000000070473656174056f7468657202${'03'.repeat(48)}`);
  });

  test('is read as it was written', () => {
    expect(decode(commit)).toMatchObject({ type: 'commit', epoch: 0x01020304, seat: 'seat', rosterHash: fill(32, 1), commitment: fill(32, 2) });
    expect(decode(reveal)).toMatchObject({ type: 'reveal', epoch: 7, body: body(offers), signed: unsignedBody(fill(32, 6), offers), signature: fill(64, 7), offers });
    expect(decode(key)).toMatchObject({ type: 'key', epoch: 7, seat: 'seat', to: 'other', suite: X25519, header: key.slice(0, -48), wrapped: fill(48, 3) });
    for (const one of [commit, reveal, key]) expect(isSame(decode(one)!, decode(one)!)).toBe(true);
    expect(isSame(decode(commit)!, decode(reveal)!)).toBe(false);
  });

  test('is nothing when it is cut off anywhere, or goes on', () => {
    for (const one of [commit, reveal, key]) {
      for (let size = 0; size < one.length; size++) expect(decode(one.slice(0, size))).toBeNull();
      expect(decode(concat(one, fill(1, 0)))).toBeNull();
    }
  });

  test('is nothing in another version, of another type, of epoch 0 or under no text', () => {
    const changed = (at: number, value: number) => decode(Uint8Array.from(commit, (byte, index) => (index === at ? value : byte)));
    for (const version of [0, 2, 255]) expect(changed(0, version)).toBeNull();
    for (const type of [0, 4, 255]) expect(changed(1, type)).toBeNull();
    expect(decode(concat(commit.slice(0, 2), uint(0, 4), commit.slice(6)))).toBeNull();
    expect(changed(7, 0xff)).toBeNull();
    // A mark of byte order is a part of the text.
    expect(decode(concat(commit.slice(0, 6), str('﻿seat'), commit.slice(11)))!.seat).not.toBe('seat');
  });

  test('reveals the floor, each suite once and each key in its size; unknown suites are skipped', () => {
    const [floor, newer] = offers as [typeof offers[0], typeof offers[0]];
    const read = (...list: { suite: number; publicKey: Bytes }[]) => decode(encodeReveal(7, 'seat', body(list)));
    expect(read()).toBeNull();
    expect(read(newer)).toBeNull();
    expect(read(floor, floor)).toBeNull();
    const unknown = { suite: 77, publicKey: fill(900, 1) };
    expect(read(floor, unknown, unknown)).toBeNull();
    expect(read({ ...floor, publicKey: fill(64, 4) })).toBeNull();
    expect(read(floor, { ...newer, publicKey: fill(33, 4) })).toBeNull();
    expect(read(floor)).toMatchObject({ offers: [floor] });
    expect(read(unknown, newer, floor)).toMatchObject({ offers: [newer, floor] });
  });
});

test('base64 has one form', () => {
  for (let size = 0; size < 40; size++) expect(fromBase64url(toBase64url(fill(size, 251)))).toEqual(fill(size, 251));
  for (const text of ['A', 'AB', 'AA==', 'A A', 'A+A/', 'AAA=', 'é']) expect(fromBase64url(text)).toBeNull();
  expect(fromBase64url('AA')).toEqual(fill(1, 0));
  expect([fromBase64('AA'), fromBase64('AB=='), fromBase64(' AA=='), fromBase64('AA==')]).toEqual([null, null, null, fill(1, 0)]);
});
