// SPDX-License-Identifier: Apache-2.0
// SFrame (RFC 9605) with the suite AES_128_GCM_SHA256_128: header, keys, sealing and opening on WebCrypto. A sealed frame here
// is clear part ‖ header ‖ ciphertext ‖ tag, the clear part being the metadata (docs/e2ee.md section 1). No DOM.
import { concat, uint, type Bytes } from './bytes';

export const SUITE = 0x0004;
export const TAG_SIZE = 16;
const NONCE_SIZE = 12;

export interface Header {
  kid: bigint;
  ctr: bigint;
  /** Bytes that it takes. */
  size: number;
}

function minimal(value: bigint): Bytes {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n || bytes.length === 0; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  return Uint8Array.from(bytes);
}

function read(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** RFC 9605 section 4.3; kid and ctr are unsigned 64-bit numbers. */
export function encodeHeader(kid: bigint, ctr: bigint): Bytes {
  const [k, c] = [kid, ctr].map((value) => (value < 8n ? { bits: Number(value), bytes: new Uint8Array() } : { bits: 7 + minimal(value).length, bytes: minimal(value) }));
  return concat(uint((k!.bits << 4) | c!.bits, 1), k!.bytes, c!.bytes);
}

/** Null when the bytes end before the header does. Longer forms than needed are understood, as the RFC asks. */
export function decodeHeader(bytes: Uint8Array): Header | null {
  const config = bytes[0];
  if (config === undefined) return null;
  let at = 1;
  const field = (bits: number): bigint | null => {
    if (bits < 8) return BigInt(bits);
    const size = bits - 7;
    if (at + size > bytes.length) return null;
    at += size;
    return read(bytes.subarray(at - size, at));
  };
  const kid = field(config >> 4);
  const ctr = kid === null ? null : field(config & 15);
  return kid === null || ctr === null ? null : { kid, ctr, size: at };
}

/** Key and salt of one KID (RFC 9605 section 4.4.2). The key cannot be read out. */
export class SFrameKey {
  private constructor(readonly kid: bigint, private readonly key: CryptoKey, private readonly salt: Bytes) {}

  static async derive(baseKey: Uint8Array, kid: bigint): Promise<SFrameKey> {
    const secret = await crypto.subtle.importKey('raw', baseKey as Bytes, 'HKDF', false, ['deriveBits', 'deriveKey']);
    const hkdf = (word: string) => ({
      name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(),
      info: concat(new TextEncoder().encode(`SFrame 1.0 Secret ${word} `), uint(Number(kid >> 32n), 4), uint(Number(kid & 0xffffffffn), 4), uint(SUITE, 2)),
    });
    const key = await crypto.subtle.deriveKey(hkdf('key'), secret, { name: 'AES-GCM', length: 128 }, false, ['encrypt', 'decrypt']);
    const salt = await crypto.subtle.deriveBits(hkdf('salt'), secret, NONCE_SIZE * 8);
    return new SFrameKey(kid, key, new Uint8Array(salt));
  }

  /** metadata ‖ header ‖ ciphertext ‖ tag. A counter must never be used twice. */
  async seal(ctr: bigint, metadata: Uint8Array, plain: Uint8Array): Promise<Bytes> {
    const header = encodeHeader(this.kid, ctr);
    const sealed = await crypto.subtle.encrypt(this.gcm(ctr, header, metadata), this.key, plain as Bytes);
    return concat(metadata, header, new Uint8Array(sealed));
  }

  /** Null when the tag does not fit. */
  async open(header: Uint8Array, ctr: bigint, metadata: Uint8Array, sealed: Uint8Array): Promise<Bytes | null> {
    try {
      return new Uint8Array(await crypto.subtle.decrypt(this.gcm(ctr, header, metadata), this.key, sealed as Bytes));
    } catch {
      return null;
    }
  }

  private gcm(ctr: bigint, header: Uint8Array, metadata: Uint8Array): AesGcmParams {
    const iv = this.salt.slice();
    for (let i = NONCE_SIZE - 1, rest = ctr; rest > 0n; i--, rest >>= 8n) iv[i]! ^= Number(rest & 0xffn);
    return { name: 'AES-GCM', iv, additionalData: concat(header, metadata), tagLength: TAG_SIZE * 8 };
  }
}
