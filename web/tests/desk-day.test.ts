// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { arrange, checkTimes, merge, momentOf, needsReview, tally } from '../desk/day';
import type { Booking, BookingState } from '../lib/model';
import { DAY_US, HOUR_US, MINUTE_US, startOfDay } from '../ui/time';

const day = startOfDay(Date.UTC(2026, 10, 23, 4) * 1000);

function booking(id: string, state: BookingState, starts_at_us: number | null, due_at_us = day): Booking {
  return {
    id,
    state,
    authority: 'a',
    lawyer: { id: 'l', name: '李', licence: '1', firm: '所' },
    detainee: { id: 'd', name: '王', code: '1' },
    centre: { id: 'c', name: '一所' },
    room: { id: `room-${id}`, name: '一号' },
    starts_at_us,
    ends_at_us: starts_at_us === null ? null : starts_at_us + 30 * MINUTE_US,
    asked_at_us: day - DAY_US,
    clock: { state: 'running', started_at_us: day - DAY_US, due_at_us, met_at_us: null },
    checked_in_at_us: null,
    device_check: null,
    cancelled: null,
    participants: [],
    meeting: null,
    can: [],
  };
}

describe("the desk's list", () => {
  test('puts requests without a time apart, the first to fall due on top', () => {
    const { asked, booked } = arrange(
      [booking('b', 'ASKED', null, day + 9 * HOUR_US), booking('a', 'ASKED', null, day + HOUR_US), booking('c', 'CONFIRMED', day)],
      day,
    );
    expect(asked.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(booked.map(({ id }) => id)).toEqual(['c']);
  });

  test('holds the day alone: midnight belongs to the day that begins', () => {
    const { booked } = arrange(
      [booking('next', 'CONFIRMED', day + DAY_US), booking('first', 'CONFIRMED', day), booking('eve', 'CONFIRMED', day - 1)],
      day,
    );
    expect(booked.map(({ id }) => id)).toEqual(['first']);
  });

  test('goes by time and then by room, and keeps a cancelled booking in its place', () => {
    const { booked } = arrange(
      [booking('z', 'CONFIRMED', day + HOUR_US), booking('y', 'CANCELLED', day + HOUR_US), booking('x', 'HELD', day)],
      day,
    );
    expect(booked.map(({ id }) => id)).toEqual(['x', 'y', 'z']);
  });

  test('keeps a meeting whose codes differed on top of its day', () => {
    const differed = { ...booking('d', 'NOT_HELD', day + 5 * HOUR_US), meeting: { id: 'm', state: 'ended', end_reason: 'code-different' } as Booking['meeting'] };
    expect(arrange([booking('a', 'CONFIRMED', day), differed, booking('b', 'HELD', day + HOUR_US)], day).booked.map(({ id }) => id)).toEqual(['d', 'a', 'b']);
  });

  test('does not list a cancelled request as waiting', () => {
    expect(arrange([booking('a', 'CANCELLED', null)], day).asked).toEqual([]);
  });

  test('takes a booking that came in two answers once, as the later one tells it', () => {
    expect(merge([booking('a', 'CONFIRMED', day)], [booking('a', 'CHECKED_IN', day)]).map(({ state }) => state)).toEqual(['CHECKED_IN']);
  });

  test('puts what is to be confirmed on other days apart, the first to fall due on top, and leaves that of the day in its place', () => {
    const reviewed = (id: string, at: number, due_at_us: number, can: Booking['can'] = ['confirm', 'cancel']) => ({ ...booking(id, 'REVIEW', at, due_at_us), can });
    const day_after = day + DAY_US;
    const { review, booked } = arrange(
      [reviewed('late', day_after, day + 9), reviewed('soon', day_after + HOUR_US, day + 1), reviewed('today', day, day), reviewed('over', day - DAY_US, day, ['cancel'])], day,
    );
    expect(review.map(({ id }) => id)).toEqual(['soon', 'late']);
    expect(booked.map(({ id }) => id)).toEqual(['today']);
    expect(booked.map(needsReview)).toEqual([true]);
    expect(tally(booked)).toMatchObject({ to_review: 1, to_check_in: 0 });
  });

  test('counts what is to be done', () => {
    const rows = [booking('a', 'CONFIRMED', day), booking('b', 'CHECKED_IN', day), booking('c', 'CANCELLED', day), booking('d', 'NOT_HELD', day)];
    expect(tally(rows)).toEqual({ to_review: 0, to_check_in: 1, under_way: 1, held: 0, fallen: 2 });
  });
});

describe('the custody times', () => {
  test('are read on the day in the zone of the centre', () => {
    expect(momentOf('09:05', day + 10 * HOUR_US)).toBe(day + 9 * HOUR_US + 5 * MINUTE_US);
  });
  test('before midnight are of yesterday when they would lie ahead', () => {
    expect(momentOf('23:58', day + 2 * MINUTE_US)).toBe(day - 2 * MINUTE_US);
  });
  test('may lie a few minutes ahead: two clocks never agree', () => {
    expect(momentOf('09:04', day + 9 * HOUR_US)).toBe(day + 9 * HOUR_US + 4 * MINUTE_US);
  });
  test.each(['', '9:05', '24:00', '12:60', 'now'])('are refused when they are no time: "%s"', (text) => {
    expect(momentOf(text, day)).toBeNull();
  });
  test('must come in order', () => {
    expect(checkTimes(2, 1)).toEqual(['arrived-before-taken-out']);
    expect(checkTimes(1, 1)).toEqual([]);
    expect(checkTimes(null, 1)).toEqual(['taken-out-missing']);
    expect(checkTimes(1, null)).toEqual(['arrived-missing']);
    expect(checkTimes(null, null)).toHaveLength(2);
  });
});
