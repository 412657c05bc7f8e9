// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from 'vitest';
import type { Bytes } from './bytes';
import { GONE_MS, KeyRing, OLD_MS, SWITCH_MS } from './key-ring';
import { decodeHeader } from './sframe';

const FRAME = Uint8Array.from([0x11, 1, 2, 3, 4]);
const T = 1_000_000;

/** A base key of its own for each seat and epoch; both ends of a test get copies of the same. */
const base = (epoch: number, number: number): Bytes => Uint8Array.from({ length: 32 }, (_, i) => (epoch * 7 + number * 31 + i) & 255);
const keysOf = (epoch: number, own: number, others: number[]) => (
  { epoch, own: { number: own, baseKey: base(epoch, own) }, members: others.map((number) => ({ number, baseKey: base(epoch, number) })) });

const epochOf = (sealed: Uint8Array) => Number(decodeHeader(sealed.subarray(1))!.kid / 16n);

describe('the key ring', () => {
  let ours: KeyRing;
  let theirs: KeyRing;
  const seal = async (now_ms: number) => (await ours.sealer('video', now_ms)?.seal(FRAME)) ?? null;
  const both = async (epoch: number, now_ms: number, others = [1]) => {
    expect(await ours.adopt(keysOf(epoch, 0, others), now_ms)).toBe(true);
    expect(await theirs.adopt(keysOf(epoch, 1, [0]), now_ms)).toBe(true);
  };
  beforeEach(() => {
    ours = new KeyRing();
    theirs = new KeyRing();
  });

  test('seals nothing before the first epoch, and with it at once', async () => {
    expect(await seal(T)).toBeNull();
    await both(1, T);
    const sealed = (await seal(T))!;
    expect(epochOf(sealed)).toBe(1);
    expect(await theirs.open('video', 0, sealed, T)).toEqual(FRAME);
  });

  test('wipes the base keys that it was given', async () => {
    const keys = keysOf(1, 0, [1]);
    await ours.adopt(keys, T);
    for (const { baseKey } of [keys.own, ...keys.members]) expect([...baseKey].every((byte) => byte === 0)).toBe(true);
  });

  test('seals with a later epoch once the others have had time to get it', async () => {
    await both(1, T);
    await both(2, T + 5000);
    expect(epochOf((await seal(T + 5000 + SWITCH_MS - 1))!)).toBe(1);
    expect(epochOf((await seal(T + 5000 + SWITCH_MS))!)).toBe(2);
  });

  test('opens both epochs, and the one before for two seconds', async () => {
    await both(1, T);
    const old = (await seal(T))!;
    const late = (await seal(T))!;
    await both(2, T + 100);
    expect(await theirs.open('video', 0, old, T + 100 + OLD_MS - 1)).toEqual(FRAME);
    expect(await theirs.open('video', 0, late, T + 100 + OLD_MS)).toBe('kid');
    theirs.tick(T + 100 + OLD_MS);
    expect(await theirs.open('video', 0, late, T)).toBe('kid');
  });

  test('opens nothing more of a seat that has gone, and stops within a second to send what it can read', async () => {
    await both(1, T);
    const sealed = (await seal(T))!;
    theirs.gone(0, T);
    expect(await theirs.open('video', 0, sealed, T)).toBe('kid');
    ours.gone(1, T);
    expect(await seal(T + GONE_MS - 1)).not.toBeNull();
    expect(await seal(T + GONE_MS)).toBeNull();
    expect(await seal(T)).toBeNull();
  });

  test('does not go back to an epoch that somebody has left when a second one goes', async () => {
    await both(1, T);
    ours.gone(2, T);
    ours.gone(3, T + 900);
    expect(await seal(T + GONE_MS)).toBeNull();
  });

  test('takes no keys that somebody who has gone since has too', async () => {
    const adopting = ours.adopt(keysOf(1, 0, [1]), T);
    ours.gone(1, T);
    expect(await adopting).toBe(false);
    expect(await seal(T)).toBeNull();
  });

  test('counts on whichever connection the frames go to, and each frame under its own number', async () => {
    await both(1, T);
    const counters = [];
    for (let i = 0; i < 300; i++) counters.push(decodeHeader((await seal(T + i))!.subarray(1))!.ctr);
    expect(counters).toEqual(Array.from({ length: 300 }, (_, i) => BigInt(i)));
  });

  test('opens nothing under another seat, another kind or twice', async () => {
    await both(1, T, [1, 2]);
    const sealed = (await seal(T))!;
    expect(await theirs.open('video', 2, sealed, T)).toBe('kid');
    expect(await theirs.open('audio', 0, sealed, T)).not.toBeInstanceOf(Uint8Array);
    expect(await theirs.open('video', 0, sealed, T)).toEqual(FRAME);
    expect(await theirs.open('video', 0, sealed, T)).toBe('replay');
  });

  test('of two copies that are opened at once one passes', async () => {
    await both(1, T);
    const sealed = (await seal(T))!;
    const opened = await Promise.all([theirs.open('video', 0, sealed, T), theirs.open('video', 0, sealed, T)]);
    expect(opened.filter((one) => one === 'replay').length).toBe(1);
  });

  test('closed, it takes no keys any more', async () => {
    await both(1, T);
    ours.close();
    expect(await seal(T)).toBeNull();
    expect(await ours.adopt(keysOf(2, 0, [1]), T)).toBe(false);
    expect(await seal(T)).toBeNull();
  });
});
