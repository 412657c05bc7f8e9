// SPDX-License-Identifier: Apache-2.0
// Bytes as the end-to-end encryption writes and reads them: big endian, short strings behind their length. No DOM.

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
// A mark of byte order stays: it would make two texts of one.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** An unsigned number in `size` bytes, at most 6. */
export function uint(value: number, size: number): Bytes {
  const out = new Uint8Array(size);
  for (let i = size - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) out[i] = rest % 256;
  return out;
}

/** Text behind one byte of length; throws when it is longer than 255 bytes. */
export function str(text: string): Bytes {
  const bytes = encoder.encode(text);
  if (bytes.length > 255) throw new RangeError('too long');
  return concat(uint(bytes.length, 1), bytes);
}

/** ASCII text and a 0 byte: what a hash or a signature is for. */
export function label(text: string): Bytes {
  return concat(encoder.encode(text), uint(0, 1));
}

/** Not in constant time: what is compared here is public. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Null for what is not canonical base64 with padding. */
export function fromBase64(text: string): Bytes | null {
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

export function toBase64url(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Null for what is not canonical base64url without padding. */
export function fromBase64url(text: string): Bytes | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const padded = text.replace(/-/g, '+').replace(/_/g, '/') + '='.repeat((4 - (text.length % 4)) % 4);
  return fromBase64(padded);
}

/** Reads what the functions above wrote; throws RangeError past the end. */
export class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(size: number): Bytes {
    if (size > this.left) throw new RangeError('too short');
    const part = this.bytes.slice(this.at, this.at + size) as Bytes;
    this.at += size;
    return part;
  }

  uint(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  str(): string {
    try {
      return decoder.decode(this.take(this.uint(1)));
    } catch {
      throw new RangeError('no text');
    }
  }
}
