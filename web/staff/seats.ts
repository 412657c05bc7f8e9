// SPDX-License-Identifier: Apache-2.0
// The seats of a meeting as a reader wants them. No DOM, no text.
import type { MeetingSeat, Words } from '../lib/model';

function nameOf(name: Words): string {
  return typeof name === 'string' ? name : name.zh;
}

/** Who left and came again has several seats in the list; only the last one tells where the person is now. */
export function currentSeats(seats: MeetingSeat[] | undefined): MeetingSeat[] {
  const last = new Map<string, MeetingSeat>();
  for (const seat of seats ?? []) {
    const key = `${seat.role} ${nameOf(seat.name)}`;
    const before = last.get(key);
    if (!before || (before.joined_at_us ?? 0) <= (seat.joined_at_us ?? 0)) last.set(key, seat);
  }
  return [...last.values()];
}

/** Whose seat it is, where its role alone does not tell: two lawyers may take part. */
export function whose(seat: MeetingSeat, seats: MeetingSeat[]): Words {
  return seats.some((other) => other !== seat && other.role === seat.role) ? seat.name : '';
}
