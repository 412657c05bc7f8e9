// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Meeting, RecordEntry } from '../lib/model';
import { actName, codeSaidUs, endedBy, shownSteps, spansOf, timelineOf } from '../supervisor/timeline';
import { DAY_US, MINUTE_US } from '../ui/time';

const t0 = Date.UTC(2026, 10, 23, 1) * 1000;
const base: Meeting = {
  id: 'm',
  booking: 'b',
  state: 'ended',
  centre: { id: 'c', name: '一所' },
  room: { id: 'r', name: '一号' },
  lawyer: { name: '李', licence: '1', firm: '所' },
  detainee: { name: '王', code: '1' },
  asked_at_us: t0 - DAY_US,
  checked_in_at_us: t0,
  admitted_at_us: t0 + 5 * MINUTE_US,
  ended_at_us: t0 + 35 * MINUTE_US,
  end_reason: 'done',
  delivered_us: 28 * MINUTE_US,
  lost_us: 2 * MINUTE_US,
  clock: null,
  seats: [
    { seat: '1', role: 'lawyer', name: '李', state: 'left', joined_at_us: t0 + MINUTE_US, left_at_us: t0 + 35 * MINUTE_US, quality: 3 },
  ],
};
const entry = (at_us: number, act: string, result = 'ok'): RecordEntry => ({ at_us, act, actor: '李', role: 'lawyer', result, reason: null });

describe('the timeline', () => {
  test('is built from the times of the meeting when there are no entries', () => {
    expect(timelineOf(base).map(({ act }) => act)).toEqual(['book', 'check-in', 'join', 'admit', 'end', 'leave']);
    expect(timelineOf(base).every(({ recorded }) => !recorded)).toBe(true);
  });

  test('does not tell twice what an entry tells', () => {
    const steps = timelineOf({
      ...base,
      record: [entry(t0 - DAY_US, 'booking.book'), entry(t0, 'check_in'), entry(t0 + MINUTE_US, 'join'), entry(t0 + 5 * MINUTE_US, 'admit')],
    });
    expect(steps.map(({ act, recorded }) => `${act} ${recorded}`)).toEqual([
      'book true', 'check-in true', 'join true', 'admit true', 'end false', 'leave false',
    ]);
  });

  test('keeps the order of entries of the same moment, refusals too', () => {
    const steps = timelineOf({ ...base, record: [entry(t0, 'join', 'refused'), entry(t0, 'check-in'), entry(t0, 'join')] });
    expect(steps.filter(({ at_us }) => at_us === t0).map(({ act }) => act)).toEqual(['join', 'check-in', 'join']);
  });

  test('opens each day once', () => {
    expect(timelineOf(base).map(({ opens_day }) => opens_day)).toEqual([true, true, false, false, false, false]);
  });
});

test('an act has one name however it is written', () => {
  expect(['meeting.check_in', 'CHECK-IN', 'check-in'].map(actName)).toEqual(['check-in', 'check-in', 'check-in']);
});

describe('an entry', () => {
  const id = 'abcdefghijklmnopqrstuvwxy2';
  const of = (more: object) => timelineOf({ ...base, record: [{ ...entry(t0, 'x'), ...more } as RecordEntry] }).find(({ recorded }) => recorded)!;

  test('with ids takes the names that the meeting tells', () => {
    expect(of({ actor: id, role: 'lawyer' }).actor).toBe('李');
    expect(of({ actor: id, role: 'desk' }).actor).toBe(id);
    expect(of({ actor: id, role: 'kiosk' }).actor).toBe('');
    expect(of({ actor: 'machine', role: 'machine' }).actor).toBe('machine');
  });

  test('about somebody else names the side that it was about', () => {
    expect(of({ act: 'drop', actor: 'machine', role: 'machine', detail: '{"seat":"1"}' }).seat).toBe('lawyer');
    expect(of({ act: 'join', actor: id, role: 'lawyer', detail: '{"seat":"1"}' }).seat).toBeNull();
  });

  test('of an end or a leave carries its reason from the detail, a refusal its code', () => {
    expect(of({ act: 'end', detail: { reason: 'fault' } }).reason).toBe('fault');
    expect(of({ act: 'leave', detail: { cause: 'dropped' } }).reason).toBe('dropped');
    expect(of({ act: 'join', result: 'refused', reason: 'state' }).reason).toBe('state');
  });

  test('of a check-in tells the custody times', () => {
    expect(of({ act: 'check-in', detail: '{"taken_out_at_us":5,"arrived_at_us":7}' }).custody).toEqual({ taken_out_at_us: 5, arrived_at_us: 7 });
  });

  test('with a detail that cannot be read is shown without', () => {
    expect(of({ act: 'end', detail: '{' })).toMatchObject({ act: 'end', reason: null, custody: null });
  });

  test('that was refused does not stand for the act', () => {
    const steps = timelineOf({ ...base, record: [entry(t0, 'check-in', 'refused')] });
    expect(steps.filter(({ act }) => act === 'check-in').map(({ recorded }) => recorded)).toEqual([true, false]);
  });
});

describe('the security code', () => {
  const id = (text: string) => text.padEnd(26, 'a');
  const seats = [
    { ...base.seats[0]!, seat: 's1', name: '李', code: 'same' as const, events: [{ at_us: t0 + 2 * MINUTE_US, kind: 'secured' }, { at_us: t0 + 6 * MINUTE_US, kind: 'code-same' }, { at_us: t0, kind: 'connected' }] },
    { ...base.seats[0]!, seat: 's2', role: 'kiosk', name: 'KT', code: 'different' as const, events: [{ at_us: t0 + 35 * MINUTE_US, kind: 'code-different' }] },
  ];
  const codes = (meeting: Meeting) => timelineOf(meeting).filter(({ act }) => /^(code-|secured)/.test(act)).map(({ act, role }) => `${act} ${role}`);

  test('is told from the seats, before the end that it brings, and nothing else of what happened there', () => {
    const meeting = { ...base, seats };
    expect(codes(meeting)).toEqual(['secured lawyer', 'code-same lawyer', 'code-different kiosk']);
    const acts = timelineOf(meeting).map(({ act }) => act);
    expect(acts.indexOf('code-different')).toBeLessThan(acts.indexOf('end'));
    expect(acts).not.toContain('connected');
  });

  test('is told once where the record has it too', () => {
    const said = (at_us: number, role: string, result: string) => ({ ...entry(at_us, 'verify', 'done'), role, detail: JSON.stringify({ result }) }) as RecordEntry;
    const record = [said(t0 + 6 * MINUTE_US, 'lawyer', 'same'), said(t0 + 35 * MINUTE_US, 'kiosk', 'different'), { ...entry(t0 + 7 * MINUTE_US, 'verify', 'refused') }];
    expect(codes({ ...base, seats, record })).toEqual(['secured lawyer', 'code-same lawyer', 'code-different kiosk']);
    expect(timelineOf({ ...base, seats, record }).filter(({ act }) => act === 'verify')).toHaveLength(1);
  });

  test('of two lawyers is told of the one who said it', () => {
    const two = [seats[0]!, { ...seats[0]!, seat: 's3', name: '林', events: [] }];
    const by = (actor: string, act: string, seat: string | null) => ({ ...entry(t0 + MINUTE_US, act, 'done'), actor, detail: seat && JSON.stringify({ seat }) }) as RecordEntry;
    const steps = timelineOf({ ...base, seats: two, record: [by(id('x'), 'book', null), by(id('x'), 'join', 's1'), by(id('y'), 'join', 's3'), by(id('y'), 'show-booking', null), by(id('z'), 'show-booking', null)] });
    expect(steps.filter(({ recorded, act }) => recorded && act !== 'secured' && act !== 'code-same').map(({ actor }) => actor)).toEqual(['李', '李', '林', '林', id('z')]);
  });
});

describe('an end because the codes differed', () => {
  const lawyers = [{ ...base.seats[0]!, code: 'same' as const }, { ...base.seats[0]!, seat: '2', name: '林', code: 'different' as const }];
  const differed = { ...base, end_reason: 'code-different', seats: lawyers };

  test('does not give as the reason what its entry says, and leaves no seat to be told of', () => {
    const verify = { ...entry(t0 + 35 * MINUTE_US, 'verify', 'done'), detail: '{"result":"different","reason":"code-different"}' } as RecordEntry;
    const steps = timelineOf({ ...differed, record: [verify] });
    expect(steps.find(({ act }) => act === 'code-different')).toMatchObject({ reason: null });
    expect(steps.find(({ act }) => act === 'end')).toMatchObject({ reason: 'code-different', recorded: false });
    expect(steps.filter(({ act }) => act === 'leave')).toEqual([]);
  });

  test('names who said it: the lawyer whose seat it was, or the kiosk', () => {
    expect(endedBy({ ...differed, ended_by: 'lawyer' })).toEqual({ role: 'lawyer', name: '林' });
    expect(endedBy({ ...differed, ended_by: 'kiosk' })).toEqual({ role: 'kiosk', name: '' });
    expect(endedBy({ ...base, ended_by: 'lawyer' })).toEqual({ role: 'lawyer', name: '李' });
    expect(endedBy(base)).toBeNull();
  });

  test('is timed by what was said last', () => {
    const said = (kind: string, at_us: number) => ({ kind, at_us });
    expect(codeSaidUs({ ...lawyers[0]!, events: [said('code-same', 3), said('code-same', 5), said('secured', 9)] })).toBe(5);
    expect(codeSaidUs({ ...lawyers[0]!, code: null, events: [said('secured', 9)] })).toBeNull();
  });
});

test('an admission after the first lets somebody in by name and does not begin the meeting again', () => {
  const admit = (at_us: number, seats: string[]) => ({ ...entry(at_us, 'admit', 'done'), actor: 'machine', role: 'machine', detail: { seats } }) as RecordEntry;
  const second = { ...base.seats[0]!, seat: '2', name: '林' };
  const steps = timelineOf({ ...base, seats: [base.seats[0]!, second], record: [admit(t0 + 5 * MINUTE_US, ['1']), admit(t0 + 9 * MINUTE_US, ['2'])] });
  expect(steps.filter(({ act }) => act === 'admit')).toHaveLength(1);
  expect(steps.find(({ act }) => act === 'let-in')?.let_in.map(({ name }) => name)).toEqual(['林']);
});

describe('looks and connections', () => {
  const steps = timelineOf({
    ...base,
    record: [entry(t0 - DAY_US, 'show-booking'), entry(t0, 'show-booking'), entry(t0, 'check-in'), entry(t0 + 1, 'ticket', 'refused'), entry(t0 + 2, 'hello')],
  }).filter(({ recorded }) => recorded);

  test('are left out of the timeline, unless they were refused or asked for', () => {
    expect(shownSteps(steps, false).map(({ act }) => act)).toEqual(['check-in', 'ticket']);
    expect(shownSteps(steps, true)).toHaveLength(5);
  });

  test('do not keep the day from being opened', () => {
    expect(shownSteps(steps, false)[0]?.opens_day).toBe(true);
  });
});

describe('the spans', () => {
  test('tell request to meeting, waiting, whole, delivered and interrupted', () => {
    expect(spansOf(base)).toEqual({
      request_to_meeting_us: DAY_US + 5 * MINUTE_US,
      waiting_us: 5 * MINUTE_US,
      whole_us: 30 * MINUTE_US,
      delivered_us: 28 * MINUTE_US,
      interrupted_us: 2 * MINUTE_US,
    });
  });

  test('are what the server counted, whatever the record and the whole would add up to', () => {
    const record = [entry(t0 + 5 * MINUTE_US, 'admit'), entry(t0 + 10 * MINUTE_US, 'cut-off'), entry(t0 + 20 * MINUTE_US, 'restore')];
    expect(spansOf({ ...base, delivered_us: 17 * MINUTE_US, lost_us: 4 * MINUTE_US, record })).toMatchObject({ delivered_us: 17 * MINUTE_US, interrupted_us: 4 * MINUTE_US });
  });

  test('of a running meeting grow from the admission', () => {
    expect(spansOf({ ...base, state: 'live', ended_at_us: null, delivered_us: MINUTE_US, lost_us: 0 })).toMatchObject({
      whole_us: null, delivered_us: MINUTE_US, interrupted_us: 0,
    });
  });

  test('of a meeting that never began are unknown, not zero', () => {
    const spans = spansOf({ ...base, admitted_at_us: null, ended_at_us: null, delivered_us: 0, lost_us: 0 });
    expect(spans).toEqual({ request_to_meeting_us: null, waiting_us: null, whole_us: null, delivered_us: null, interrupted_us: null });
  });
});
