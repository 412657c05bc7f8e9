// SPDX-License-Identifier: Apache-2.0
// The key exchanges of a round: 1 is ECDH on P-256, which every end has, 2 is X25519 (docs/e2ee.md section 3, *Suites*). No DOM.
import type { Bytes } from './bytes';

export const P256 = 1;
export const X25519 = 2;

interface Suite {
  name: AlgorithmIdentifier | EcKeyGenParams;
  size: number;
}

const SUITES: ReadonlyMap<number, Suite> = new Map<number, Suite>([
  [P256, { name: { name: 'ECDH', namedCurve: 'P-256' }, size: 65 }],
  [X25519, { name: { name: 'X25519' }, size: 32 }],
]);

export interface Offer {
  suite: number;
  publicKey: Bytes;
}

export interface Exchange extends Offer {
  privateKey: CryptoKey;
}

export function isKnown(suite: number): boolean {
  return SUITES.has(suite);
}

export function sizeOf(suite: number): number {
  return SUITES.get(suite)!.size;
}

/** A fresh key of that suite; null when this platform does not have it (the floor, P-256, it must have). */
export async function generate(suite: number): Promise<Exchange | null> {
  try {
    const pair = (await crypto.subtle.generateKey(SUITES.get(suite)!.name, false, ['deriveBits'])) as CryptoKeyPair;
    return { suite, publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)), privateKey: pair.privateKey };
  } catch (error) {
    if (suite === P256) throw error;
    return null;
  }
}

/** The shared secret (32 bytes); null for a key that is no point of the curve, or that gives nothing but zeros (RFC 7748 section 6.1). */
export async function agree(suite: number, privateKey: CryptoKey, publicKey: Bytes): Promise<Bytes | null> {
  const { name, size } = SUITES.get(suite)!;
  if (publicKey.length !== size || (suite === P256 && publicKey[0] !== 4)) return null;
  try {
    const theirs = await crypto.subtle.importKey('raw', publicKey, name, false, []);
    const bits = await crypto.subtle.deriveBits({ name: typeof name === 'string' ? name : name.name, public: theirs }, privateKey, 256);
    const secret = new Uint8Array(bits);
    return secret.some((byte) => byte !== 0) ? secret : null;
  } catch {
    return null;
  }
}
