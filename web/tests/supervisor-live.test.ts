// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Meeting, MeetingState } from '../lib/model';
import { LINGER_US, LiveList, sinceUs } from '../supervisor/live-list';

function meeting(id: string, state: MeetingState, more: Partial<Meeting> = {}): Meeting {
  return {
    id,
    booking: `b-${id}`,
    state,
    centre: { id: 'c', name: '一所' },
    room: { id: 'r', name: '一号' },
    lawyer: { name: '李', licence: '1', firm: '所' },
    detainee: { name: '王', code: '1' },
    asked_at_us: 1,
    checked_in_at_us: null,
    admitted_at_us: null,
    ended_at_us: null,
    end_reason: null,
    delivered_us: null,
    lost_us: null,
    clock: null,
    seats: [],
    ...more,
  };
}
const ids = (list: LiveList, now = 100) => list.rows(now).map(({ id }) => id);

describe('the live list', () => {
  test('shows interrupted meetings first, then live, then waiting, the longest first', () => {
    const list = new LiveList();
    list.apply(
      {
        meetings: [
          meeting('w', 'waiting', { checked_in_at_us: 5 }),
          meeting('young', 'live', { admitted_at_us: 50 }),
          meeting('old', 'live', { admitted_at_us: 10 }),
          meeting('cut', 'cut_off', { admitted_at_us: 60 }),
        ],
      },
      100,
    );
    expect(ids(list)).toEqual(['cut', 'old', 'young', 'w']);
    expect(list.count('live')).toBe(2);
  });

  test('takes a change of one meeting and leaves the others', () => {
    const list = new LiveList();
    list.apply({ meetings: [meeting('a', 'waiting'), meeting('b', 'waiting')] }, 1);
    list.apply({ meeting: meeting('a', 'live', { admitted_at_us: 2 }) }, 2);
    expect(list.rows(3).map(({ id, state }) => [id, state])).toEqual([['a', 'live'], ['b', 'waiting']]);
  });

  test('tells once that a meeting is over and keeps it in sight for a while', () => {
    const list = new LiveList();
    list.apply({ meetings: [meeting('a', 'live')] }, 1);
    expect(list.apply({ meeting: meeting('a', 'ended', { ended_at_us: 1 }) }, 10)).toEqual(['a']);
    expect(list.apply({ meeting: meeting('a', 'ended', { ended_at_us: 1 }) }, 11)).toEqual([]);
    expect(ids(list, 10 + LINGER_US - 1)).toEqual(['a']);
    expect(ids(list, 10 + LINGER_US)).toEqual([]);
  });

  test('after a reconnect drops what the new snapshot no longer holds and says so', () => {
    const list = new LiveList();
    list.apply({ meetings: [meeting('a', 'live'), meeting('b', 'live')] }, 1);
    expect(list.apply({ meetings: [meeting('b', 'live')] }, 2)).toEqual(['a']);
    expect(ids(list)).toEqual(['b']);
  });

  test('counts the changes of a meeting, its vanishing too', () => {
    const list = new LiveList();
    expect(list.changesOf('a')).toBe(0);
    list.apply({ meetings: [meeting('a', 'waiting')] }, 1);
    list.apply({ meeting: meeting('a', 'live') }, 2);
    expect(list.changesOf('a')).toBe(2);
    list.apply({ meetings: [] }, 3);
    expect(list.changesOf('a')).toBe(3);
  });

  test('shows a waiting meeting since it was opened', () => {
    expect(sinceUs({ ...meeting('a', 'waiting', { checked_in_at_us: 9 }), opened_at_us: 4 } as Meeting)).toBe(4);
    expect(sinceUs(meeting('a', 'waiting', { checked_in_at_us: 9 }))).toBe(9);
    expect(sinceUs(meeting('a', 'waiting'))).toBeNull();
  });

  test('ignores what is no meeting', () => {
    const list = new LiveList();
    list.apply({ meetings: [null, 7, {}, { id: 'x', state: 'unknown' }] }, 1);
    list.apply({ meeting: 'x' }, 1);
    list.apply({}, 1);
    expect(ids(list)).toEqual([]);
  });
});
