// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { accountName, centreIds, filterAccounts, reach, seesAll } from '../admin/account';
import { currentPolicy } from '../admin/policy';
import type { Account, Clock, Meeting, MeetingSeat, Policy } from '../lib/model';
import { clocksAtRisk, riskOf } from '../staff/clock-risk';
import { actText, actorText, reasonText, wentThrough } from '../staff/meeting-words';
import { currentSeats } from '../staff/seats';
import { formatSpan } from '../staff/span';
import { dayRange, pastMeetings } from '../supervisor/past-list';
import { DAY_US, HOUR_US } from '../ui/time';

const now = Date.UTC(2026, 10, 23, 4) * 1000;
const clock = (id: string, state: Clock['state'], left_us: number): Clock => ({
  id, kind: 'meeting-48h', booking: `b-${id}`, state, started_at_us: now - DAY_US, due_at_us: now + left_us, met_at_us: null, centre: 'c',
});

describe('statutory clocks', () => {
  test.each([
    ['overdue', 'overdue', HOUR_US],
    ['overdue', 'running', 0],
    ['urgent', 'running', 6 * HOUR_US - 1],
    ['soon', 'running', 6 * HOUR_US],
    ['soon', 'running', 24 * HOUR_US - 1],
    ['calm', 'running', 24 * HOUR_US],
    ['closed', 'met', -HOUR_US],
    ['closed', 'stopped', -HOUR_US],
  ] as const)('are %s when %s with %i us left', (risk, state, left) => {
    expect(riskOf(clock('a', state, left), now)).toBe(risk);
  });

  test('that were met late are closed', () => {
    expect(riskOf({ ...clock('a', 'overdue', -HOUR_US), met_at_us: now - 1 }, now)).toBe('closed');
  });

  test('are listed by what falls due first; a met one only when asked for, at the end', () => {
    const clocks = [clock('calm', 'running', 30 * HOUR_US), clock('met', 'met', -HOUR_US), clock('late', 'overdue', -2 * HOUR_US), clock('later', 'overdue', -HOUR_US), clock('soon', 'running', HOUR_US)];
    expect(clocksAtRisk(clocks, now, false).map(({ id }) => id)).toEqual(['late', 'later', 'soon', 'calm']);
    expect(clocksAtRisk(clocks, now, true).at(-1)?.id).toBe('met');
  });
});

describe('seats', () => {
  const seat = (id: string, role: string, name: string, state: string, joined_at_us: number): MeetingSeat =>
    ({ seat: id, role, name, state, joined_at_us, left_at_us: null, quality: null });
  test('of somebody who left and came again are one', () => {
    const seats = [seat('1', 'lawyer', '李', 'left', 1), seat('2', 'kiosk', 'K', 'admitted', 2), seat('3', 'lawyer', '李', 'admitted', 3), seat('4', 'lawyer', '王', 'left', 1)];
    expect(currentSeats(seats).map(({ seat: id }) => id).sort()).toEqual(['2', '3', '4']);
    expect(currentSeats(undefined)).toEqual([]);
  });
});

describe('past meetings', () => {
  test('of a range include both days, in the zone of the centres', () => {
    const range = dayRange('2026-11-22', '2026-11-23');
    expect(range).toEqual({ from_us: Date.UTC(2026, 10, 21, 16) * 1000, to_us: Date.UTC(2026, 10, 23, 16) * 1000 });
  });
  test.each([['2026-11-24', '2026-11-23'], ['', '2026-11-23'], ['2026-11-23', ''], ['2026-13-01', '2026-13-02']])('refuse %s to %s', (from, to) => {
    expect(dayRange(from, to)).toBeNull();
  });
  test('are listed the latest first, of one centre when asked', () => {
    const one = (id: string, centre: string, at: number | null): Meeting => ({ id, centre: { id: centre, name: centre }, admitted_at_us: at, ended_at_us: 5 }) as unknown as Meeting;
    const all = [one('a', 'x', 1), one('b', 'y', 9), one('c', 'x', null)];
    expect(pastMeetings(all, '').map(({ id }) => id)).toEqual(['b', 'c', 'a']);
    expect(pastMeetings(all, 'x').map(({ id }) => id)).toEqual(['c', 'a']);
  });
});

describe('accounts', () => {
  test.each(['desk', 'ab', 'chen.siyuan', 'a-1', 'x@example.org'])('may be called %s', (name) => expect(accountName(name)).toBe(true));
  test.each(['', 'a', 'Desk', '登记台', 'a b c', '.abc', 'a'.repeat(65)])('may not be called "%s"', (name) => expect(accountName(name)).toBe(false));
  test('are found by name and by person, disabled ones last', () => {
    const account = (name: string, display_name: Account['display_name'], state = 'active') => ({ id: name, name, display_name, role: 'desk', state, centres: [], lawyer: null }) as Account;
    const all = [account('a-old', '登记员', 'disabled'), account('desk2', { zh: '登记台', en: 'Desk two' }), account('admin', '管理员')];
    expect(filterAccounts(all, '').map(({ name }) => name)).toEqual(['admin', 'desk2', 'a-old']);
    expect(filterAccounts(all, ' TWO').map(({ name }) => name)).toEqual(['desk2']);
    expect(filterAccounts(all, '登记').map(({ name }) => name)).toEqual(['desk2', 'a-old']);
  });
  test('reach the chosen centres, or all', () => {
    const data = new FormData();
    data.append('centres', 'a');
    data.append('centres', 'b');
    expect(reach(data)).toEqual({ centres: ['a', 'b'] });
    data.append('everywhere', 'on');
    expect(reach(data)).toEqual({ scope: 'all' });
    expect([seesAll({ scope: 'all' }), seesAll({ scope: 'centres' }), seesAll({}), seesAll(null)]).toEqual([true, false, false, false]);
  });
  test('name their centres as ids, whatever way they came', () => {
    expect(centreIds({ centres: ['a'] })).toEqual(['a']);
    expect(centreIds({ centres: [{ id: 'b', name: '二所' }] })).toEqual(['b']);
  });
});

describe('policies', () => {
  const policy = (version: number, effective_from_us: number): Policy => ({ centre: 'c', version, effective_from_us, document: {} });
  test('hold in the newest version that is in effect', () => {
    expect(currentPolicy([policy(1, 1), policy(3, now + 1), policy(2, 2)], now)?.version).toBe(2);
    expect(currentPolicy([policy(1, now + 1)], now)).toBeNull();
  });
});

describe('the record in words', () => {
  test('names acts and actors; what it does not know it shows as it is', () => {
    expect(actText('check-in')).toBe('核验到位');
    expect(actText('something-new')).toBe('something-new');
    expect(actorText('陈思远', 'lawyer')).toBe('陈思远（律师）');
    expect(actorText('machine', 'machine')).toBe('系统');
    expect(actorText('', 'desk')).toBe('会见登记台');
  });
  test('names refusals and end reasons', () => {
    expect(reasonText('not-eligible')).toBe('会见资格核查未通过');
    expect(reasonText('done')).toBe('会见完毕');
    expect(reasonText('abandoned')).toBe('各方均未返回，系统结束');
    expect(reasonText('cancelled')).toBe('预约已取消');
    expect(reasonText('消防演练')).toBe('消防演练');
    expect(wentThrough('refused')).toBe(false);
    expect(wentThrough('done')).toBe(true);
  });
  test('tells spans to the second', () => {
    expect(formatSpan(48_000_000)).toBe('48 秒');
    expect(formatSpan(26 * 60_000_000 + 12_400_000)).toBe('26 分 12 秒');
    expect(formatSpan(HOUR_US + 5_000_000)).toBe('1 小时 0 分 5 秒');
  });
});
