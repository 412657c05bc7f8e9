// SPDX-License-Identifier: Apache-2.0
// What a page and its encryption say to each other (docs/e2ee.md). The keys themselves stay in the worker.
import type { SeatView } from '../protocol';

export type Kind = 'audio' | 'video';
export type Verdict = 'same' | 'different';

/** The device key of this end. The private part never leaves where it is kept. */
export interface Identity {
  /** P-256 SubjectPublicKeyInfo, base64. */
  publicKey: string;
  /** ECDSA P-256 with SHA-256 over the statement: r ‖ s, 64 bytes. */
  sign(statement: Uint8Array): Promise<Uint8Array>;
}

/** starting: the worker is not up yet; alone: nobody to agree with; agreeing; ready: keys hold; disturbed: given up, too many rounds; stopped: by a person or the end. */
export type E2eeState = 'starting' | 'alone' | 'agreeing' | 'ready' | 'disturbed' | 'stopped';

export interface E2eeView {
  state: E2eeState;
  /** 0 before the first. */
  epoch: number;
  /** Six digits of the running epoch; null while there is none. */
  code: string | null;
  verdict: Verdict | null;
  /** The epoch before had a tick, and this one's code is not compared yet. */
  changed: boolean;
  /** Since when (ms) a round has been open without an end; null while none is. */
  agreeing_since: number | null;
  /** Messages of the agreement that were refused, and why the last one was (a word); never a reason to go on without. */
  refused: number;
  refusal: string | null;
  /** Frames that arrived and were dropped because they were not validly encrypted by the seat that they should come from. */
  dropped: number;
  /** When (ms) the last of them came. */
  dropped_at: number | null;
}

/** When (ms) this device has revealed: it outlives the page, or loading it anew would give a new budget. */
export interface RevealMemory {
  read(): number[];
  write(at_ms: readonly number[]): void;
}

export interface E2eeOptions {
  identity: Identity;
  role: 'lawyer' | 'kiosk';
  /** `key` of signalling; false when the socket is not there (it is tried again). */
  send: (to: string | null, body: string) => boolean;
  /** The keys of this epoch hold: `secured` of signalling. */
  secured: (epoch: number) => void;
  changed: (view: E2eeView) => void;
  /** The transform of our own sender of that kind has seen frames pass: its real track may be enabled. */
  passing?: (sender: RTCRtpSender, kind: Kind) => void;
  /** A receiver's frames open: it may be shown. */
  opened?: (receiver: RTCRtpReceiver, kind: Kind) => void;
  /** None on a kiosk, whose agent signs only so often. */
  reveals?: RevealMemory;
  worker?: () => Worker;
}

/** One end's encryption through one stay in a meeting, over any number of peer connections. lib/e2ee/session.ts implements it. */
export interface E2eeSession {
  readonly view: E2eeView;
  /** The last `seats` of our meeting, and which seat and number `join` gave us. */
  seats(meeting: string, own: { seat: string; number: number }, seats: readonly SeatView[]): void;
  /** `key` of signalling. */
  received(from: string, body: string): void;
  /** The socket is up again: what was not sent is sent. */
  reconnected(): void;
  /** Puts a transform on; resolves when the worker holds it, rejects when it does not within 3 s: then nothing may be attached. */
  protectSender(sender: RTCRtpSender, kind: Kind): Promise<void>;
  /** slot: which of the four pairs of m-lines it belongs to; its frames must come from the seat of that slot. */
  protectReceiver(receiver: RTCRtpReceiver, kind: Kind, slot: number): Promise<void>;
  judge(verdict: Verdict): void;
  /** Stops all media at once and destroys all keys. */
  stop(): void;
}
