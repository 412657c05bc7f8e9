// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { breaksStatute, checkPolicy, documentOf, formOf } from '../admin/policy-form';

const document = {
  slot_minutes: 30,
  open: { mon: [['08:30', '17:30']], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [['20:00', '24:00']] },
  book_ahead_hours: 0,
  book_until_hours: 336,
  late_minutes: 10,
  review: false,
  always_open: false,
};

describe("a centre's policy", () => {
  test('comes back from the form as it went in', () => {
    expect(documentOf(formOf(document), document)).toEqual(document);
  });

  test('keeps members that the form does not know', () => {
    expect(documentOf(formOf(document), { ...document, max_in_a_row: 2 })).toMatchObject({ max_in_a_row: 2 });
  });

  test('of an empty document is a form with the usual values, closed all week', () => {
    const form = formOf({});
    expect(form.slot_minutes).toBe(30);
    expect(checkPolicy(form)).toEqual([{ field: 'mon', code: 'never-open' }]);
  });

  test('sorts the hours of a day', () => {
    const form = formOf(document);
    form.open.tue = [{ from: '14:00', to: '17:00' }, { from: '08:00', to: '12:00' }];
    expect(documentOf(form, {})['open']).toMatchObject({ tue: [['08:00', '12:00'], ['14:00', '17:00']] });
  });

  test.each([
    ['time', [{ from: '', to: '12:00' }]],
    ['order', [{ from: '12:00', to: '08:00' }]],
    ['order', [{ from: '12:00', to: '12:00' }]],
    ['overlap', [{ from: '08:00', to: '12:00' }, { from: '11:59', to: '17:00' }]],
  ])('refuses hours: %s', (code, spans) => {
    const form = formOf(document);
    form.open.wed = spans;
    expect(checkPolicy(form)).toEqual([{ field: 'wed', code }]);
  });

  test('allows one span to begin when the other ends', () => {
    const form = formOf(document);
    form.open.wed = [{ from: '08:00', to: '12:00' }, { from: '12:00', to: '17:00' }];
    expect(checkPolicy(form)).toEqual([]);
  });

  test('refuses numbers outside their limits, and a window that ends before it begins', () => {
    expect(checkPolicy({ ...formOf(document), slot_minutes: 4 })).toEqual([{ field: 'slot_minutes', code: 'range' }]);
    expect(checkPolicy({ ...formOf(document), late_minutes: Number.NaN })).toEqual([{ field: 'late_minutes', code: 'number' }]);
    expect(checkPolicy({ ...formOf(document), book_ahead_hours: 24, book_until_hours: 24 })).toEqual([
      { field: 'book_until_hours', code: 'window' },
    ]);
  });

  test('refuses what the server would: slots that do not fill a day, a grace longer than a slot', () => {
    expect(checkPolicy({ ...formOf(document), slot_minutes: 50 })).toEqual([{ field: 'slot_minutes', code: 'divides' }]);
    expect(checkPolicy({ ...formOf(document), late_minutes: 31 })).toEqual([{ field: 'late_minutes', code: 'late' }]);
  });

  test('that is always open needs no hours', () => {
    expect(checkPolicy({ ...formOf({}), always_open: true })).toEqual([]);
  });

  test('warns where the first slot would lie behind the 48 hours', () => {
    expect(breaksStatute({ ...formOf(document), book_ahead_hours: 47 })).toBe(false);
    expect(breaksStatute({ ...formOf(document), book_ahead_hours: 48 })).toBe(true);
  });
});
