// SPDX-License-Identifier: Apache-2.0
// The whole record of one meeting in the order it happened, and the spans that a prosecutor asks for. The audit entries
// come first; a time that stands in the meeting but in no entry is added and marked, so that nothing known is left out.
import { codesDiffered, type Meeting, type MeetingSeat, type RecordEntry, type Words } from '../lib/model';
import { dayKey } from '../ui/time';

export interface Step {
  at_us: number;
  /** The act's plain name: book, check-in, join, leave, admit, end, ... */
  act: string;
  /** A name where the meeting tells one, else the id that the audit holds, or nothing. */
  actor: Words;
  role: string;
  result: string;
  /** A refusal's code, an end's reason, or why the machine took a seat away. */
  reason: string | null;
  /** The role of the seat that the act was about, where somebody else acted on it. */
  seat: string | null;
  /** Who was let in by it, where the meeting had begun already. */
  let_in: MeetingSeat[];
  /** When the detainee left the cell and arrived, as the desk said at the check-in. */
  custody: { taken_out_at_us: number | null; arrived_at_us: number | null } | null;
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
  /** Both sides connected, as the server counted it. */
  delivered_us: number | null;
  /** The part of the whole in which the meeting was cut off, as the server counted it. */
  interrupted_us: number | null;
}

type Detail = Record<string, unknown>;

/** The plain name of an act: `meeting.check_in` and `CHECK-IN` are both `check-in`. */
export function actName(act: string): string {
  return act
    .slice(act.lastIndexOf('.') + 1)
    .toLowerCase()
    .replaceAll('_', '-');
}

/** The detail of an entry; the server hands it out as the text that the audit holds. */
function detailOf(entry: RecordEntry): Detail {
  const { detail } = entry as RecordEntry & { detail?: unknown };
  if (typeof detail === 'object' && detail !== null) return detail as Detail;
  if (typeof detail !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(detail);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Detail) : {};
  } catch {
    return {};
  }
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
const timeOf = (value: unknown) => (typeof value === 'number' ? value : null);
const ID = /^[a-z2-7]{26}$/;

/** Whether an actor is told by id alone. */
export function isId(actor: Words): actor is string {
  return typeof actor === 'string' && ID.test(actor);
}

/** Who is who among several lawyers: an entry about a seat tells whose it is, and only the booking's own lawyer books. */
function namesOf(meeting: Meeting): Map<string, Words> {
  const names = new Map<string, Words>();
  for (const entry of meeting.record ?? []) {
    if (!isId(entry.actor)) continue;
    if (entry.role === 'lawyer' && SAME['book']!.includes(actName(entry.act))) names.set(entry.actor, meeting.lawyer.name);
    const seat = seatsOf(meeting).find((one) => one.seat === detailOf(entry)['seat']);
    if (seat && seat.role === entry.role) names.set(entry.actor, seat.name);
  }
  return names;
}

/** The audit holds ids; the lawyer's name stands in the meeting. A kiosk is told by its role, not by who sits there. */
function actorOf(entry: RecordEntry, meeting: Meeting, known: Map<string, Words>): Words {
  if (!isId(entry.actor)) return entry.actor;
  if (entry.role === 'kiosk') return '';
  const name = known.get(entry.actor);
  if (name !== undefined) return name;
  const names = seatsOf(meeting).filter(({ role }) => role === entry.role).map(({ name: one }) => one);
  const same = names.every((one) => JSON.stringify(one) === JSON.stringify(names[0]));
  if (names.length > 0 && same) return names[0]!;
  return entry.role === 'lawyer' && names.length === 0 ? meeting.lawyer.name : entry.actor;
}

function seatsOf(meeting: Meeting): MeetingSeat[] {
  return Array.isArray(meeting.seats) ? meeting.seats : [];
}

function recordedStep(entry: RecordEntry, meeting: Meeting, known: Map<string, Words>): Omit<Step, 'opens_day'> {
  const detail = detailOf(entry);
  const act = actName(entry.act);
  const seat = seatsOf(meeting).find((one) => one.seat === detail['seat']);
  const custody = { taken_out_at_us: timeOf(detail['taken_out_at_us']), arrived_at_us: timeOf(detail['arrived_at_us']) };
  return {
    at_us: entry.at_us,
    act: act === 'verify' && entry.result !== 'refused' && textOf(detail['result']) ? `code-${detail['result']}` : act,
    actor: actorOf(entry, meeting, known),
    role: entry.role,
    result: entry.result,
    // What the code's entry says by itself is not said again as its reason.
    reason: entry.reason ?? textOf(detail['reason'] === 'code-different' && act === 'verify' ? null : detail['reason']) ?? textOf(detail['cause']),
    seat: seat && seat.role !== entry.role ? seat.role : null,
    let_in: [],
    custody: custody.taken_out_at_us === null && custody.arrived_at_us === null ? null : custody,
    recorded: true,
  };
}

/** A meeting begins once: each later admission lets somebody in who came after, a second lawyer or who came in again. */
function recordedSteps(meeting: Meeting): Omit<Step, 'opens_day'>[] {
  const names = namesOf(meeting);
  let begun = false;
  return (meeting.record ?? []).map((entry) => {
    const step = recordedStep(entry, meeting, names);
    if (step.act !== 'admit') return step;
    const later = begun;
    begun ||= step.result !== 'refused';
    if (!later) return step;
    const seats = detailOf(entry)['seats'];
    const let_in = Array.isArray(seats) ? seatsOf(meeting).filter(({ seat }) => seats.includes(seat)) : [];
    return { ...step, act: 'let-in', let_in };
  });
}

const SAME: Record<string, string[]> = {
  book: ['book', 'ask', 'request'],
  join: ['join'],
  leave: ['leave'],
};

function fact(at_us: number | null | undefined, act: string, seat?: MeetingSeat): Omit<Step, 'opens_day'>[] {
  if (at_us === null || at_us === undefined) return [];
  return [{
    at_us, act, actor: seat?.name ?? '', role: seat?.role ?? '', result: '', reason: null, seat: null, let_in: [], custody: null, recorded: false,
  }];
}

/** What happened at a seat about its encryption; everything else at a seat is an entry or a time of the meeting. */
const SEAT_EVENTS = new Set(['secured', 'code-same', 'code-different']);

function eventsOf(seat: MeetingSeat): Omit<Step, 'opens_day'>[] {
  return (seat.events ?? []).filter(({ kind }) => SEAT_EVENTS.has(kind)).map(({ at_us, kind }) => ({
    at_us, act: kind, actor: seat.role === 'kiosk' ? '' : seat.name, role: seat.role, result: '', reason: null, seat: null, let_in: [], custody: null, recorded: true,
  }));
}

function factsOf(meeting: Meeting): Omit<Step, 'opens_day'>[] {
  return [
    ...fact(meeting.asked_at_us, 'book'),
    ...fact(meeting.checked_in_at_us, 'check-in'),
    ...fact(meeting.admitted_at_us, 'admit'),
    ...fact(meeting.ended_at_us, 'end').map((step) => ({ ...step, reason: meeting.end_reason })),
    ...seatsOf(meeting).flatMap((seat) => [...fact(seat.joined_at_us, 'join', seat), ...fact(seat.left_at_us, 'leave', seat)]),
  ];
}

export function timelineOf(meeting: Meeting): Step[] {
  const recorded = recordedSteps(meeting);
  const known = (act: string) => recorded.some((step) => step.result !== 'refused' && (SAME[act] ?? [act]).includes(step.act));
  // The end empties the seats: with an end in the record, or what brings it, no leave is missing from it.
  const told = (act: string) => known(act) || (act === 'leave' && (known('end') || known('code-different')));
  const added = factsOf(meeting).filter((step) => !told(step.act));
  // Sorting keeps the record's own order among entries of one moment; what was said of the code comes before the end it brings.
  const said = seatsOf(meeting).flatMap(eventsOf).filter((step) => !known(step.act));
  const steps = [...said, ...recorded, ...added].sort((a, b) => a.at_us - b.at_us);
  return shownSteps(steps.map((step) => ({ ...step, opens_day: false })), true);
}

/** Looks and connections: part of the record, but not of what happened. */
const MINOR = new Set(['show-booking', 'ticket', 'hello', 'check-eligibility', 'secured']);

export function isMinor(step: Step): boolean {
  return MINOR.has(step.act) && step.result !== 'refused';
}

/** The steps to show; each day is opened by the first of them that is shown. */
export function shownSteps(steps: Step[], all: boolean): Step[] {
  let day = '';
  return steps.filter((step) => all || !isMinor(step)).map((step) => {
    const key = dayKey(step.at_us);
    const opens_day = key !== day;
    day = key;
    return { ...step, opens_day };
  });
}

/** When the person at the seat said what the seat's `code` tells; they may have said it before. */
export function codeSaidUs({ code, events }: MeetingSeat): number | null {
  const said = (events ?? []).filter(({ kind }) => code && kind === `code-${code}`).map(({ at_us }) => at_us);
  return said.length === 0 ? null : Math.max(...said);
}

/** Who ended it: the role, and the lawyer's name. Any lawyer may say that the codes differ, only the booking's may end it. */
export function endedBy(meeting: Meeting): { role: string; name: Words } | null {
  const role = meeting.ended_by ?? null;
  if (role === null) return null;
  if (role !== 'lawyer') return { role, name: '' };
  if (!codesDiffered(meeting)) return { role, name: meeting.lawyer.name };
  return { role, name: seatsOf(meeting).find((seat) => seat.role === 'lawyer' && seat.code === 'different')?.name ?? '' };
}

function between(from_us: number | null, to_us: number | null): number | null {
  return from_us === null || to_us === null || to_us < from_us ? null : to_us - from_us;
}

export function spansOf(meeting: Meeting): Spans {
  const begun = meeting.admitted_at_us !== null;
  return {
    request_to_meeting_us: between(meeting.asked_at_us, meeting.admitted_at_us),
    waiting_us: between(meeting.checked_in_at_us, meeting.admitted_at_us),
    whole_us: between(meeting.admitted_at_us, meeting.ended_at_us),
    delivered_us: begun ? meeting.delivered_us : null,
    interrupted_us: begun ? meeting.lost_us : null,
  };
}
