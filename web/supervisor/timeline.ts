// SPDX-License-Identifier: Apache-2.0
// The whole record of one meeting in the order it happened, and the spans that a prosecutor asks for. The audit entries
// come first; a time that stands in the meeting but in no entry is added and marked, so that nothing known is left out.
import type { Meeting, MeetingSeat, Words } from '../lib/model';
import { dayKey } from '../ui/time';

export interface Step {
  at_us: number;
  /** The act's plain name: ask, check-in, join, leave, admit, end, ... */
  act: string;
  actor: Words;
  role: string;
  result: string;
  reason: string | null;
  /** False when no audit entry tells this, only the meeting's own times. */
  recorded: boolean;
  /** True on the first step of a day: the date is then written out. */
  opens_day: boolean;
}

export interface Spans {
  /** Request to admission: what the 48 hours are about. */
  request_to_meeting_us: number | null;
  /** Check-in of the detainee to admission. */
  waiting_us: number | null;
  /** Admission to end. */
  whole_us: number | null;
  /** Both sides connected, as the server counted. */
  delivered_us: number | null;
  /** The part of the whole in which the connection was down. */
  interrupted_us: number | null;
}

/** The plain name of an act: `meeting.check_in` and `CHECK-IN` are both `check-in`. */
export function actName(act: string): string {
  return act
    .slice(act.lastIndexOf('.') + 1)
    .toLowerCase()
    .replaceAll('_', '-');
}

const SAME: Record<string, string[]> = {
  ask: ['ask', 'book', 'request', 'create', 'add'],
  'check-in': ['check-in', 'checkin'],
  admit: ['admit', 'live'],
  end: ['end', 'ended'],
  join: ['join', 'connected'],
  leave: ['leave', 'left', 'gone'],
};

function fact(at_us: number | null | undefined, act: string, seat?: MeetingSeat): Omit<Step, 'opens_day'>[] {
  if (at_us === null || at_us === undefined) return [];
  return [{ at_us, act, actor: seat?.name ?? '', role: seat?.role ?? '', result: '', reason: null, recorded: false }];
}

function factsOf(meeting: Meeting): Omit<Step, 'opens_day'>[] {
  const seats = Array.isArray(meeting.seats) ? meeting.seats : [];
  return [
    ...fact(meeting.asked_at_us, 'ask'),
    ...fact(meeting.checked_in_at_us, 'check-in'),
    ...fact(meeting.admitted_at_us, 'admit'),
    ...fact(meeting.ended_at_us, 'end').map((step) => ({ ...step, reason: meeting.end_reason })),
    ...seats.flatMap((seat) => [...fact(seat.joined_at_us, 'join', seat), ...fact(seat.left_at_us, 'leave', seat)]),
  ];
}

export function timelineOf(meeting: Meeting): Step[] {
  const recorded = (meeting.record ?? []).map((entry) => ({ ...entry, act: actName(entry.act), recorded: true }));
  const known = (act: string) => recorded.some((entry) => (SAME[act] ?? [act]).includes(entry.act));
  const added = factsOf(meeting).filter((step) => !known(step.act));
  // Sorting keeps the record's own order among entries of one moment.
  const steps = [...recorded, ...added].sort((a, b) => a.at_us - b.at_us);
  let day = '';
  return steps.map((step) => {
    const key = dayKey(step.at_us);
    const opens_day = key !== day;
    day = key;
    return { ...step, opens_day };
  });
}

function between(from_us: number | null, to_us: number | null): number | null {
  return from_us === null || to_us === null || to_us < from_us ? null : to_us - from_us;
}

export function spansOf(meeting: Meeting): Spans {
  const whole_us = between(meeting.admitted_at_us, meeting.ended_at_us);
  const delivered_us = meeting.delivered_us;
  return {
    request_to_meeting_us: between(meeting.asked_at_us, meeting.admitted_at_us),
    waiting_us: between(meeting.checked_in_at_us, meeting.admitted_at_us),
    whole_us,
    delivered_us,
    interrupted_us: whole_us === null || delivered_us === null ? null : Math.max(0, whole_us - delivered_us),
  };
}
