// SPDX-License-Identifier: Apache-2.0
// The three messages of a round as bytes, and what their hashes and signatures cover (docs/e2ee.md section 3). Strict: what is
// not exactly one message is null. No DOM.
import { Reader, concat, equal, label, str, uint, type Bytes } from './bytes';
import { P256, isKnown, sizeOf, type Offer } from './suites';

export const VERSION = 1;
export const EPOCH_MAX = 0xffffffff;
export const HASH_SIZE = 32;
export const KEY_SIZE = 32;
const NONCE_SIZE = 32;
const SIGNATURE_SIZE = 64;
const WRAPPED_SIZE = KEY_SIZE + 16;

export interface Commit {
  type: 'commit';
  epoch: number;
  seat: string;
  rosterHash: Bytes;
  commitment: Bytes;
}

export interface Reveal {
  type: 'reveal';
  epoch: number;
  seat: string;
  /** As commitment and transcript cover it. */
  body: Bytes;
  /** The body without the signature, as that covers it. */
  signed: Bytes;
  signature: Bytes;
  /** Those of suites that we know. */
  offers: Offer[];
}

export interface Key {
  type: 'key';
  epoch: number;
  seat: string;
  to: string;
  suite: number;
  /** The message before the wrapped key. */
  header: Bytes;
  wrapped: Bytes;
}

export type Said = Commit | Reveal | Key;

const TYPES = { commit: 1, reveal: 2, key: 3 } as const;

function head(type: keyof typeof TYPES, epoch: number, seat: string): Bytes {
  return concat(uint(VERSION, 1), uint(TYPES[type], 1), uint(epoch, 4), str(seat));
}

export function encodeCommit(epoch: number, seat: string, rosterHash: Uint8Array, commitment: Uint8Array): Bytes {
  return concat(head('commit', epoch, seat), rosterHash, commitment);
}

export function encodeReveal(epoch: number, seat: string, body: Uint8Array): Bytes {
  return concat(head('reveal', epoch, seat), body);
}

export function keyHeader(epoch: number, from: string, to: string, suite: number): Bytes {
  return concat(head('key', epoch, from), str(to), uint(suite, 1));
}

/** nonce ‖ offers: what the signature covers of a body. */
export function unsignedBody(nonce: Uint8Array, offers: readonly Offer[]): Bytes {
  return concat(nonce, uint(offers.length, 1), ...offers.flatMap(({ suite, publicKey }) => [uint(suite, 1), uint(publicKey.length, 2), publicKey]));
}

function readReveal(reader: Reader, epoch: number, seat: string): Reveal | null {
  const body = reader.take(reader.left);
  const inner = new Reader(body);
  inner.take(NONCE_SIZE);
  const count = inner.uint(1);
  const offers: Offer[] = [];
  const seen = new Set<number>();
  for (let i = 0; i < count; i++) {
    const suite = inner.uint(1);
    const publicKey = inner.take(inner.uint(2));
    if (seen.has(suite) || (isKnown(suite) && publicKey.length !== sizeOf(suite))) return null;
    seen.add(suite);
    if (isKnown(suite)) offers.push({ suite, publicKey });
  }
  const signature = inner.take(SIGNATURE_SIZE);
  if (inner.left > 0 || !seen.has(P256)) return null;
  return { type: 'reveal', epoch, seat, body, signed: body.slice(0, body.length - SIGNATURE_SIZE), signature, offers };
}

function readKey(reader: Reader, bytes: Uint8Array, epoch: number, seat: string): Key {
  const to = reader.str();
  const suite = reader.uint(1);
  const header = bytes.slice(0, bytes.length - reader.left) as Bytes;
  return { type: 'key', epoch, seat, to, suite, header, wrapped: reader.take(WRAPPED_SIZE) };
}

function readCommit(reader: Reader, epoch: number, seat: string): Commit {
  return { type: 'commit', epoch, seat, rosterHash: reader.take(HASH_SIZE), commitment: reader.take(HASH_SIZE) };
}

export function decode(bytes: Uint8Array): Said | null {
  try {
    const reader = new Reader(bytes);
    const version = reader.uint(1);
    const type = reader.uint(1);
    const epoch = reader.uint(4);
    const seat = reader.str();
    if (version !== VERSION || epoch === 0) return null;
    const said = type === TYPES.commit ? readCommit(reader, epoch, seat)
      : type === TYPES.reveal ? readReveal(reader, epoch, seat)
        : type === TYPES.key ? readKey(reader, bytes, epoch, seat) : null;
    return reader.left === 0 ? said : null;
  } catch {
    return null;
  }
}

function bound(word: string, rosterHash: Uint8Array, epoch: number, seat: string, rest: Uint8Array): Bytes {
  return concat(label(`huijian-e2ee-v1 ${word}`), rosterHash, uint(epoch, 4), str(seat), rest);
}

export async function sha256(bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Bytes));
}

/** What is hashed for a commitment. */
export function commitmentInput(rosterHash: Uint8Array, epoch: number, seat: string, body: Uint8Array): Bytes {
  return bound('commit', rosterHash, epoch, seat, body);
}

export function commitmentOf(rosterHash: Uint8Array, epoch: number, seat: string, body: Uint8Array): Promise<Bytes> {
  return sha256(commitmentInput(rosterHash, epoch, seat, body));
}

/** What the identity of a seat signs of its reveal. */
export function statementOf(rosterHash: Uint8Array, epoch: number, seat: string, unsigned: Uint8Array): Bytes {
  return bound('reveal', rosterHash, epoch, seat, unsigned);
}

/** What is hashed for a transcript; bodies: of all seats, by number. */
export function transcriptInput(rosterHash: Uint8Array, epoch: number, suite: number, bodies: readonly Uint8Array[]): Bytes {
  const all = bodies.flatMap((body) => [uint(body.length, 2), body]);
  return concat(label('huijian-e2ee-v1 transcript'), rosterHash, uint(epoch, 4), uint(suite, 1), ...all);
}

export function transcriptOf(rosterHash: Uint8Array, epoch: number, suite: number, bodies: readonly Uint8Array[]): Promise<Bytes> {
  return sha256(transcriptInput(rosterHash, epoch, suite, bodies));
}

/** Whether the two are the same message. */
export function isSame(a: Said, b: Said): boolean {
  if (a.type === 'commit' && b.type === 'commit') return a.epoch === b.epoch && equal(a.commitment, b.commitment) && equal(a.rosterHash, b.rosterHash);
  if (a.type === 'reveal' && b.type === 'reveal') return a.epoch === b.epoch && equal(a.body, b.body);
  return a.type === 'key' && b.type === 'key' && equal(a.header, b.header) && equal(a.wrapped, b.wrapped);
}
