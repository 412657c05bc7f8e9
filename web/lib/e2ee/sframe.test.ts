// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ReplayWindow, WINDOW } from './replay';
import { Opener, Sealer, clearBytes, kidOf, peek } from './frames';
import { SFrameKey, decodeHeader, encodeHeader } from './sframe';

interface Vectors {
  header: { kid: number | string; ctr: number | string; encoded: string }[];
  sframe: { cipher_suite: number; kid: number | string; ctr: number | string; base_key: string; metadata: string; pt: string; ct: string }[];
}

// Numbers above 2^53 must not go through JSON's doubles.
const text = readFileSync(resolve(import.meta.dirname, '../../../tests/data/rfc9605-vectors.json'), 'utf8')
  .replace(/("(?:kid|ctr)":\s*)(\d+)/g, '$1"$2"');
const vectors = JSON.parse(text) as Vectors;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const big = (value: number | string) => BigInt(value);

test('every header of RFC 9605 is written and read', () => {
  expect(vectors.header.length).toBeGreaterThan(200);
  for (const { kid, ctr, encoded } of vectors.header) {
    expect(hex(encodeHeader(big(kid), big(ctr)))).toBe(encoded);
    expect(decodeHeader(bytes(encoded))).toEqual({ kid: big(kid), ctr: big(ctr), size: encoded.length / 2 });
    for (let size = 0; size < encoded.length / 2; size++) expect(decodeHeader(bytes(encoded).subarray(0, size))).toBeNull();
  }
});

test("the RFC's frame under AES_128_GCM_SHA256_128 is sealed and opened", async () => {
  const found = vectors.sframe.filter(({ cipher_suite }) => cipher_suite === 4);
  expect(found.length).toBe(1);
  for (const { kid, ctr, base_key, metadata, pt, ct } of found) {
    const key = await SFrameKey.derive(bytes(base_key), big(kid));
    expect(hex(await key.seal(big(ctr), bytes(metadata), bytes(pt)))).toBe(metadata + ct);
    const header = decodeHeader(bytes(ct))!;
    const plain = await key.open(bytes(ct).slice(0, header.size), header.ctr, bytes(metadata), bytes(ct).slice(header.size));
    expect(hex(plain!)).toBe(pt);
  }
});

const baseKey = Uint8Array.from({ length: 32 }, (_, i) => i);
const keyFrame = Uint8Array.from([0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0, 7, 8, 9, 10, 11]);
const pairOf = async (kid: bigint) => ({ sealer: new Sealer(await SFrameKey.derive(baseKey, kid), 'video'), opener: new Opener(await SFrameKey.derive(baseKey, kid)) });
const openWith = (opener: Opener, frame: Uint8Array) => {
  const header = peek('video', frame);
  return header ? opener.open(frame, header.clear, header) : Promise.resolve('malformed' as const);
};

test('VP8 keeps 10 or 1 bytes clear, Opus none', async () => {
  expect([clearBytes('video', keyFrame), clearBytes('video', Uint8Array.of(0x11, 0)), clearBytes('audio', keyFrame)]).toEqual([10, 1, 0]);
  const { sealer, opener } = await pairOf(kidOf(3, 1, 'video'));
  const sealed = (await sealer.seal(keyFrame))!;
  expect(sealed.slice(0, 10)).toEqual(keyFrame.slice(0, 10));
  expect(peek('video', sealed)).toMatchObject({ kid: 51n, ctr: 0n });
  expect(await openWith(opener, sealed)).toEqual(keyFrame);
  expect(await sealer.seal(keyFrame.slice(0, 9))).toBeNull();
  expect(await sealer.seal(new Uint8Array())).toBeNull();
});

test('a frame with any one bit changed, cut off anywhere or given twice does not open', async () => {
  const { sealer, opener } = await pairOf(kidOf(1, 0, 'video'));
  const sealed = (await sealer.seal(keyFrame))!;
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = sealed.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(await openWith(opener, changed)).toBeTypeOf('string');
  }
  for (let size = 0; size < sealed.length; size++) expect(await openWith(opener, sealed.slice(0, size))).toBeTypeOf('string');
  expect(await openWith(opener, sealed)).toEqual(keyFrame);
  expect(await openWith(opener, sealed)).toBe('replay');
});

test('audio and video of one seat have different keys', async () => {
  const audio = new Sealer(await SFrameKey.derive(baseKey, kidOf(1, 0, 'audio')), 'audio');
  const { opener } = await pairOf(kidOf(1, 0, 'video'));
  const sealed = (await audio.seal(keyFrame))!;
  const header = peek('audio', sealed)!;
  expect(await opener.open(sealed, 0, header)).toBe('tag');
});

test('the window knows what was seen, in any order', () => {
  const window = new ReplayWindow();
  const seen = new Set<number>();
  let seed = 7;
  const next = (most: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
  for (let i = 0, top = 0; i < 20000; i++) {
    const counter = Math.max(0, top - 1500 + next(i % 100 === 0 ? 5000 : 1600));
    const highest = seen.size === 0 ? -1 : top;
    expect(window.fresh(counter)).toBe(counter > highest || (counter > highest - WINDOW && !seen.has(counter)));
    if (!window.fresh(counter)) continue;
    window.note(counter);
    seen.add(counter);
    top = Math.max(top, counter);
  }
});
