// SPDX-License-Identifier: Apache-2.0
// Encoded frames of an end: what stays clear of them, which key they are under, sealing and opening (docs/e2ee.md section 1).
// No DOM.
import { concat, type Bytes } from './bytes';
import { ReplayWindow } from './replay';
import { SFrameKey, TAG_SIZE, decodeHeader } from './sframe';
import type { Kind } from './types';

const KIND_BIT: Record<Kind, number> = { audio: 0, video: 1 };

/** The key id of what the seat with that number sends in an epoch. */
export function kidOf(epoch: number, number: number, kind: Kind): bigint {
  return BigInt(epoch) * 16n + BigInt(number * 2 + KIND_BIT[kind]);
}

/** Bytes that stay readable: none of Opus; of VP8 the frame tag, and of a key frame the start code and size (RFC 6386 section 9.1). */
export function clearBytes(kind: Kind, frame: Uint8Array): number {
  if (kind === 'audio') return 0;
  return (frame[0] ?? 0) & 1 ? 1 : 10;
}

/** Seals what one end sends under one key; counts from 0 and never back. */
export class Sealer {
  private next = 0;

  constructor(private readonly key: SFrameKey, private readonly kind: Kind) {}

  /** Null for a frame that is shorter than what stays clear of it. */
  async seal(frame: Uint8Array): Promise<Bytes | null> {
    const clear = clearBytes(this.kind, frame);
    if (frame.length < clear || frame.length === 0) return null;
    return this.key.seal(BigInt(this.next++), frame.slice(0, clear), frame.slice(clear));
  }
}

export type Unopened = 'malformed' | 'kid' | 'replay' | 'tag';

/** Opens what one seat sends under one key. */
export class Opener {
  private readonly window = new ReplayWindow();

  constructor(private readonly key: SFrameKey) {}

  async open(frame: Uint8Array, clear: number, header: { ctr: bigint; size: number }): Promise<Bytes | Unopened> {
    if (header.ctr > BigInt(Number.MAX_SAFE_INTEGER)) return 'malformed';
    const ctr = Number(header.ctr);
    if (!this.window.fresh(ctr)) return 'replay';
    const metadata = frame.slice(0, clear);
    const plain = await this.key.open(frame.slice(clear, clear + header.size), header.ctr, metadata, frame.slice(clear + header.size));
    if (!plain) return 'tag';
    // Another copy may have been opened meanwhile.
    if (!this.window.fresh(ctr)) return 'replay';
    this.window.note(ctr);
    return concat(metadata, plain);
  }
}

/** The key id and counter that a sealed frame of that kind names; null for what cannot be one. */
export function peek(kind: Kind, frame: Uint8Array): { clear: number; kid: bigint; ctr: bigint; size: number } | null {
  const clear = clearBytes(kind, frame);
  const header = frame.length > clear ? decodeHeader(frame.subarray(clear)) : null;
  if (!header || frame.length < clear + header.size + TAG_SIZE) return null;
  return { clear, ...header };
}
