// SPDX-License-Identifier: Apache-2.0
// Who takes part in a round: checked once, hashed, each with the key that their signatures are checked with (docs/e2ee.md
// section 2). No DOM.
import { concat, equal, fromBase64, label, str, uint, type Bytes } from './bytes';
import { sha256 } from './wire';

export const SEATS_MAX = 5;
/** SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480), up to the point. */
const SPKI_HEAD = Uint8Array.from([0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
  0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04]);
const SPKI_SIZE = 91;

/** A seat as the server tells it. */
export interface RosterSeat {
  seat: string;
  number: number;
  role: string;
  identity: string | null;
}

export interface Member {
  seat: string;
  number: number;
  role: string;
  identity: Bytes;
  verifier: CryptoKey;
}

export interface Own {
  seat: string;
  number: number;
  role: string;
  /** Base64. */
  publicKey: string;
}

export interface Roster {
  meeting: string;
  hash: Bytes;
  /** All, ourselves included, by number. */
  members: Member[];
  others: Member[];
}

function spkiOf({ identity }: RosterSeat): Bytes | null {
  const spki = identity === null ? null : fromBase64(identity);
  return spki && spki.length === SPKI_SIZE && equal(spki.subarray(0, SPKI_HEAD.length), SPKI_HEAD) ? spki : null;
}

async function memberOf(told: RosterSeat): Promise<Member | null> {
  const { seat, number, role } = told;
  const spki = spkiOf(told);
  if (!spki) return null;
  try {
    const verifier = await crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    return { seat, number, role, identity: spki, verifier };
  } catch {
    return null;
  }
}

function isOwn(seat: RosterSeat, own: Own): boolean {
  return seat.seat === own.seat && seat.number === own.number && seat.role === own.role && seat.identity === own.publicKey;
}

/** Whether it may be taken, as far as that shows without looking for the keys' points on the curve. */
export function isSound(seats: readonly RosterSeat[], own: Own): boolean {
  const once = (values: readonly unknown[]) => new Set(values).size === values.length;
  return seats.length <= SEATS_MAX && seats.some((seat) => isOwn(seat, own)) && once(seats.map(({ seat }) => seat)) &&
    once(seats.map(({ number }) => number)) && once(seats.map(({ identity }) => identity)) &&
    seats.every(({ number }) => Number.isInteger(number) && number >= 0 && number < SEATS_MAX) &&
    seats.every((seat) => spkiOf(seat) !== null);
}

/** Null when it is refused: then none holds. */
export async function readRoster(meeting: string, seats: readonly RosterSeat[], own: Own): Promise<Roster | null> {
  if (!isSound(seats, own)) return null;
  const read = await Promise.all([...seats].sort((a, b) => a.number - b.number).map(memberOf));
  if (read.some((member) => member === null)) return null;
  const members = read as Member[];
  const parts = members.flatMap(({ number, seat, role, identity }) => [uint(number, 1), str(seat), str(role), uint(identity.length, 2), identity]);
  const hash = await sha256(concat(label('huijian-e2ee-v1 roster'), str(meeting), uint(members.length, 1), ...parts));
  return { meeting, hash, members, others: members.filter(({ seat }) => seat !== own.seat) };
}

/** Numbers of those who were there and are not any more, or are another end now. */
export function goneBetween(before: readonly RosterSeat[], after: readonly RosterSeat[]): number[] {
  return before.filter((old) => !after.some(({ seat, number, identity }) =>
    seat === old.seat && number === old.number && identity === old.identity)).map(({ number }) => number);
}

export async function verifies(member: Member, statement: Bytes, signature: Bytes): Promise<boolean> {
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, member.verifier, signature, statement);
}
