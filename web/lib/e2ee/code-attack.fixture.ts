// SPDX-License-Identifier: Apache-2.0
// For tests: somebody with devices of his own sits between two ends, lets both into a round with him, and wants both to show one
// code. Hashes and bytes are those of the agreement; keys, signatures and nonces are random bytes of their size, because to the
// code they are nothing else. Synchronous, so that a series may be long; the same seed gives the same series.
import { createCipheriv, createHash } from 'node:crypto';
import { concat, equal, type Bytes } from './bytes';
import { codeInput, codeOfHash } from './code';
import { P256, X25519, sizeOf } from './suites';
import { commitmentInput, transcriptInput, unsignedBody } from './wire';

export type Random = (size: number) => Bytes;

/** AES-CTR over zeros: quick, and the same for the same seed. */
export function seeded(seed: number): Random {
  const cipher = createCipheriv('aes-128-ctr', createHash('sha256').update(`seed ${seed}`).digest().subarray(0, 16), Buffer.alloc(16));
  let block = Buffer.alloc(0);
  let at = 0;
  return (size) => {
    if (at + size > block.length) {
      block = cipher.update(Buffer.alloc(1 << 16));
      at = 0;
    }
    at += size;
    return Uint8Array.from(block.subarray(at - size, at));
  };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const EPOCH = 1;
const SEATS = ['seat-kiosk', 'seat-lawyer'] as const;

function newBody(random: Random): Bytes {
  return concat(unsignedBody(random(32), [P256, X25519].map((suite) => ({ suite, publicKey: random(sizeOf(suite)) }))), random(64));
}

/** A body that differs in its nonce alone: the cheapest to make by the million. */
function variant(body: Bytes, random: Random): Bytes {
  const other = body.slice();
  other.set(random(32));
  return other;
}

function codeOf(roster: Bytes, bodies: readonly Uint8Array[]): string {
  return codeOfHash(sha256(codeInput(sha256(transcriptInput(roster, EPOCH, X25519, bodies)))));
}

/** An honest end of one round, which sits at `number`; the other seat of its roster is the attacker's. */
class Victim {
  readonly body: Bytes;
  private commitment: Uint8Array | null = null;

  constructor(readonly roster: Bytes, readonly number: 0 | 1, random: Random, private readonly commits: boolean) {
    this.body = newBody(random);
  }

  takeCommit(body: Uint8Array): void {
    this.commitment ??= sha256(commitmentInput(this.roster, EPOCH, SEATS[1 - this.number]!, body));
  }

  /** What it made, but not before it holds the other's commitment. */
  reveal(): Bytes {
    if (this.commits && !this.commitment) throw new Error('not yet');
    return this.body;
  }

  codeWith(theirs: Uint8Array): string {
    return codeOf(this.roster, this.number === 0 ? [this.body, theirs] : [theirs, this.body]);
  }

  /** The code that it shows; null when the reveal does not fit the commitment. */
  takeReveal(theirs: Uint8Array): string | null {
    if (this.commits && !equal(this.commitment!, sha256(commitmentInput(this.roster, EPOCH, SEATS[1 - this.number]!, theirs)))) return null;
    return this.codeWith(theirs);
  }
}

export interface Series {
  attempts: number;
  /** Both ends showed one code: the people would have been deceived. */
  equal: number;
  /** The last three digits were the same: by chance one in a thousand, which shows that the series can tell. */
  near: number;
  /** An end refused a reveal: no code, no epoch. */
  refused: number;
}

/** One round with each end: the code that each shows, null when it refuses. */
type Attack = (kiosk: Victim, lawyer: Victim, random: Random) => [string | null, string | null];

/** He plays fair with one end, and fixes his value for the other when he knows all of the first round. */
const inTurn: Attack = (kiosk, lawyer, random) => {
  const toKiosk = newBody(random);
  kiosk.takeCommit(toKiosk);
  kiosk.reveal();
  const shown = kiosk.takeReveal(toKiosk);
  const toLawyer = newBody(random);
  lawyer.takeCommit(toLawyer);
  lawyer.reveal();
  return [shown, lawyer.takeReveal(toLawyer)];
};

/** He commits to both before either reveals. */
const atOnce: Attack = (kiosk, lawyer, random) => {
  const [toKiosk, toLawyer] = [newBody(random), newBody(random)];
  kiosk.takeCommit(toKiosk);
  lawyer.takeCommit(toLawyer);
  return [kiosk.takeReveal(toKiosk), lawyer.takeReveal(toLawyer)];
};

/** He commits to anything, hears the reveals, and looks among so many values on each side for a pair with one code. */
const search = (values: number): Attack => (kiosk, lawyer, random) => {
  const [toKiosk, toLawyer] = [newBody(random), newBody(random)];
  kiosk.takeCommit(toKiosk);
  lawyer.takeCommit(toLawyer);
  kiosk.reveal();
  lawyer.reveal();
  const shown = new Map<string, Bytes>();
  for (let i = 0; i < values; i++) {
    const body = variant(toKiosk, random);
    shown.set(kiosk.codeWith(body), body);
  }
  for (let i = 0; i < values; i++) {
    const body = variant(toLawyer, random);
    const match = shown.get(lawyer.codeWith(body));
    if (match) return [kiosk.takeReveal(match), lawyer.takeReveal(body)];
  }
  return [kiosk.takeReveal(toKiosk), lawyer.takeReveal(toLawyer)];
};

export const ATTACKS = { inTurn, atOnce, search: search(2000) } as const;

/** commits: FALSE for ends that reveal without waiting for a commitment, to show that the attack is one. */
export function series(attack: keyof typeof ATTACKS, attempts: number, seed: number, commits = true): Series {
  const random = seeded(seed);
  const outcome: Series = { attempts, equal: 0, near: 0, refused: 0 };
  for (let i = 0; i < attempts; i++) {
    const kiosk = new Victim(random(32), 0, random, commits);
    const lawyer = new Victim(random(32), 1, random, commits);
    const [a, b] = ATTACKS[attack](kiosk, lawyer, random);
    if (a === null || b === null) outcome.refused++;
    else if (a === b) outcome.equal++;
    else if (a.slice(-3) === b.slice(-3)) outcome.near++;
  }
  return outcome;
}
