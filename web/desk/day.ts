// SPDX-License-Identifier: Apache-2.0
// The order of the desk's list and the times of the check-in form. No DOM, no text.
import { codesDiffered, type Booking } from '../lib/model';
import { DAY_US, MINUTE_US, startOfDay } from '../ui/time';

export interface Day {
  /** Bookings of other days that the desk has to confirm (REVIEW), the most urgent clock first. */
  review: Booking[];
  /** Requests that have no time yet (ASKED, REVIEW), the most urgent clock first. */
  asked: Booking[];
  /** Bookings of the day by time, then room; those that will not be held stay in their place, those whose codes differed on top. */
  booked: Booking[];
}

/** What waits until the desk has confirmed it. */
export function needsReview(booking: Booking): boolean {
  return booking.can.includes('confirm');
}

const WITHOUT_SLOT = new Set(['ASKED', 'REVIEW']);

function due(booking: Booking): number {
  return booking.clock?.due_at_us ?? booking.asked_at_us + 2 * DAY_US;
}

/** Parts the bookings into what waits for a time and what is on the day that begins at `day_us`. */
export function arrange(bookings: Booking[], day_us: number): Day {
  const asked = bookings.filter((booking) => WITHOUT_SLOT.has(booking.state) && booking.starts_at_us === null);
  const isOnDay = ({ starts_at_us }: Booking) => starts_at_us !== null && starts_at_us >= day_us && starts_at_us < day_us + DAY_US;
  const booked = bookings.filter(isOnDay);
  const review = bookings.filter((booking) => booking.starts_at_us !== null && needsReview(booking) && !isOnDay(booking));
  const byClock = (a: Booking, b: Booking) => due(a) - due(b) || a.id.localeCompare(b.id);
  asked.sort(byClock);
  review.sort(byClock);
  booked.sort(
    (a, b) =>
      Number(codesDiffered(b.meeting)) - Number(codesDiffered(a.meeting)) ||
      a.starts_at_us! - b.starts_at_us! ||
      (a.room?.id ?? '').localeCompare(b.room?.id ?? '') ||
      a.id.localeCompare(b.id),
  );
  return { review, asked, booked };
}

/** One list of several answers; a booking that came twice is taken once, from the later answer. */
export function merge(...answers: Booking[][]): Booking[] {
  const found = new Map<string, Booking>();
  for (const answer of answers) for (const booking of answer) found.set(booking.id, booking);
  return [...found.values()];
}

/** What the desk has to do on the day: how many to review, to check in, under way, and done. */
export function tally(booked: Booking[]): { to_review: number; to_check_in: number; under_way: number; held: number; fallen: number } {
  const count = (...states: Booking['state'][]) => booked.filter((booking) => states.includes(booking.state)).length;
  return {
    to_review: count('REVIEW'),
    to_check_in: count('CONFIRMED'),
    under_way: count('CHECKED_IN'),
    held: count('HELD'),
    fallen: count('NOT_HELD', 'CANCELLED'),
  };
}

/**
 * The moment that a time of day ("09:05") means when it is read at `near_us`: the last such moment that is not more than
 * `ahead_us` in the future. So 23:58 typed two minutes after midnight is yesterday's. Null when it is no time.
 */
export function momentOf(text: string, near_us: number, ahead_us = 5 * MINUTE_US): number | null {
  const found = /^(\d{2}):(\d{2})$/.exec(text);
  if (!found) return null;
  const hours = Number(found[1]);
  const minutes = Number(found[2]);
  if (hours > 23 || minutes > 59) return null;
  const moment = startOfDay(near_us) + (hours * 60 + minutes) * MINUTE_US;
  return moment > near_us + ahead_us ? moment - DAY_US : moment;
}

export type TimesProblem = 'taken-out-missing' | 'arrived-missing' | 'arrived-before-taken-out';

/** Checks the two custody times of the check-in; the arrival cannot come before the cell was left. */
export function checkTimes(taken_out_us: number | null, arrived_us: number | null): TimesProblem[] {
  if (taken_out_us === null && arrived_us === null) return ['taken-out-missing', 'arrived-missing'];
  if (taken_out_us === null) return ['taken-out-missing'];
  if (arrived_us === null) return ['arrived-missing'];
  return arrived_us < taken_out_us ? ['arrived-before-taken-out'] : [];
}
