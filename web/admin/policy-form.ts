// SPDX-License-Identifier: Apache-2.0
// A centre's policy document as a form holds it, and back. Members that this form does not know are kept as they came,
// so that saving here loses nothing that another tool has set. No DOM, no text.
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export interface Span {
  from: string;
  to: string;
}

export interface PolicyForm {
  slot_minutes: number;
  book_ahead_hours: number;
  book_until_hours: number;
  late_minutes: number;
  review: boolean;
  always_open: boolean;
  open: Record<Weekday, Span[]>;
}

export type PolicyProblem = {
  field: 'slot_minutes' | 'book_ahead_hours' | 'book_until_hours' | 'late_minutes' | Weekday;
  code: 'number' | 'range' | 'divides' | 'late' | 'window' | 'time' | 'order' | 'overlap' | 'never-open';
};

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

function spansOf(value: unknown): Span[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((span): span is [string, string] => Array.isArray(span) && span.length === 2)
    .map(([from, to]) => ({ from: String(from), to: to === '24:00' ? '00:00' : String(to) }));
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

const OFFICE = [['08:30', '11:30'], ['14:00', '17:30']];
/** What holds for a centre that has said nothing (src/access/policy.c). */
export const DEFAULT_DOCUMENT: Record<string, unknown> = {
  slot_minutes: 30,
  open: { mon: OFFICE, tue: OFFICE, wed: OFFICE, thu: OFFICE, fri: OFFICE, sat: [], sun: [] },
  book_ahead_hours: 0,
  book_until_hours: 336,
  late_minutes: 10,
  review: false,
  always_open: false,
};

/** The form for a document; what is missing gets the value the server would take. */
export function formOf(document: Record<string, unknown>): PolicyForm {
  const open = (document['open'] ?? {}) as Record<string, unknown>;
  return {
    slot_minutes: numberOf(document['slot_minutes'], 30),
    book_ahead_hours: numberOf(document['book_ahead_hours'], 0),
    book_until_hours: numberOf(document['book_until_hours'], 336),
    late_minutes: numberOf(document['late_minutes'], 10),
    review: document['review'] === true,
    always_open: document['always_open'] === true,
    open: Object.fromEntries(WEEKDAYS.map((day) => [day, spansOf(open[day])])) as Record<Weekday, Span[]>,
  };
}

/** Minutes since midnight; an end at 00:00 is the midnight that closes the day. */
function minutes(text: string, isEnd: boolean): number {
  const [h, m] = text.split(':').map(Number);
  const value = h! * 60 + m!;
  return isEnd && value === 0 ? 24 * 60 : value;
}

function daySpans(spans: Span[]): [number, number][] {
  return spans.map(({ from, to }): [number, number] => [minutes(from, false), minutes(to, true)]).sort((a, b) => a[0] - b[0]);
}

function checkDay(day: Weekday, spans: Span[]): PolicyProblem[] {
  if (spans.some(({ from, to }) => !TIME.test(from) || !TIME.test(to))) return [{ field: day, code: 'time' }];
  const sorted = daySpans(spans);
  if (sorted.some(([from, to]) => from >= to)) return [{ field: day, code: 'order' }];
  if (sorted.some(([from], at) => at > 0 && from < sorted[at - 1]![1])) return [{ field: day, code: 'overlap' }];
  return [];
}

/** Everything that keeps the form from being saved, in the order of the form. */
export function checkPolicy(form: PolicyForm): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const whole = (field: 'slot_minutes' | 'book_ahead_hours' | 'book_until_hours' | 'late_minutes', low: number, high: number) => {
    const value = form[field];
    if (!Number.isInteger(value)) problems.push({ field, code: 'number' });
    else if (value < low || value > high) problems.push({ field, code: 'range' });
  };
  if (!form.always_open) {
    for (const day of WEEKDAYS) problems.push(...checkDay(day, form.open[day]));
    if (WEEKDAYS.every((day) => form.open[day].length === 0)) problems.push({ field: 'mon', code: 'never-open' });
  }
  whole('slot_minutes', LIMITS.slot_minutes[0], LIMITS.slot_minutes[1]);
  whole('late_minutes', LIMITS.late_minutes[0], LIMITS.late_minutes[1]);
  whole('book_ahead_hours', LIMITS.book_ahead_hours[0], LIMITS.book_ahead_hours[1]);
  whole('book_until_hours', LIMITS.book_until_hours[0], LIMITS.book_until_hours[1]);
  // Slots are counted from midnight: the last one of a day must end there.
  if (!problems.some(({ field }) => field === 'slot_minutes') && DAY_MINUTES % form.slot_minutes !== 0) problems.push({ field: 'slot_minutes', code: 'divides' });
  if (problems.length === 0 && form.late_minutes > form.slot_minutes) problems.push({ field: 'late_minutes', code: 'late' });
  if (problems.length === 0 && form.book_until_hours <= form.book_ahead_hours) {
    problems.push({ field: 'book_until_hours', code: 'window' });
  }
  return problems;
}

/** As src/access/policy.c reads them. */
export const LIMITS = {
  slot_minutes: [5, 240],
  late_minutes: [0, 240],
  book_ahead_hours: [0, 720],
  book_until_hours: [1, 8784],
} as const;
export const MAX_SPANS = 4;
const DAY_MINUTES = 24 * 60;

/** The statute gives 48 hours (Criminal Procedure Law, article 39): a later first slot would break it by itself. */
export function breaksStatute(form: PolicyForm): boolean {
  return form.book_ahead_hours >= 48;
}

/** The document to store: the old one with the form's members put over it. */
export function documentOf(form: PolicyForm, before: Record<string, unknown>): Record<string, unknown> {
  const hhmm = (value: number) => `${String(Math.floor(value / 60)).padStart(2, '0')}:${String(value % 60).padStart(2, '0')}`;
  const open = Object.fromEntries(
    WEEKDAYS.map((day) => {
      const whole = form.open[day].filter(({ from, to }) => TIME.test(from) && TIME.test(to));
      return [day, daySpans(whole).map(([from, to]) => [hhmm(from), hhmm(to)])];
    }),
  );
  const { slot_minutes, book_ahead_hours, book_until_hours, late_minutes, review, always_open } = form;
  return { ...before, slot_minutes, open, book_ahead_hours, book_until_hours, late_minutes, review, always_open };
}
