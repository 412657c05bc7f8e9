// SPDX-License-Identifier: Apache-2.0
// What the REST interface hands out and takes (docs/protocol.md, section 2). Times are microseconds since 1970 UTC.

/** A text in the two languages of the product; proper names may come as one string. */
export type Words = string | { zh: string; en: string };

export type Role = 'lawyer' | 'desk' | 'administrator' | 'supervisor';

export interface Named {
  id: string;
  name: Words;
}

export interface Lawyer {
  id: string;
  name: Words;
  licence: string;
  firm: Words;
  status?: string;
}

export interface Me {
  account: {
    id: string;
    name: string;
    display_name: Words;
    role: Role;
    lawyer: Lawyer | null;
    centres: Named[];
  };
  rights: string[];
  now_us: number;
  expires_at_us: number;
}

/** A browser of the signed-in lawyer, by its key. */
export interface Device {
  id: string;
  name: string;
  fingerprint: string;
  state: 'active' | 'removed';
  added_at_us: number;
  seen_at_us: number | null;
  removed_at_us: number | null;
}

export type Severity = 'deny' | 'permission' | 'human' | 'note';

export interface Finding {
  code: string;
  severity: Severity;
  title: Words;
  basis: Words;
  remedy: Words;
}

export interface Eligibility {
  authority: string;
  allowed: boolean;
  checked_at_us: number;
  findings: Finding[];
}

export interface Detainee {
  id: string;
  name: Words;
  code: string;
}

export interface NextBooking {
  id: string;
  state?: BookingState;
  starts_at_us: number | null;
  ends_at_us?: number | null;
}

export interface Client {
  authority: string;
  kind: string;
  stages: string[];
  /** id, code and centre are null for a person who was never admitted anywhere. */
  detainee: { id: string | null; name: Words; code: string | null };
  centre: Named | null;
  case: { id: string; charge: Words; stage: string; number: string | null };
  allowed: boolean;
  next_booking: NextBooking | null;
}

export interface Slot {
  centre: string;
  room: string;
  room_name: Words;
  starts_at_us: number;
  ends_at_us: number;
}

export type BookingState = 'ASKED' | 'REVIEW' | 'CONFIRMED' | 'CHECKED_IN' | 'HELD' | 'NOT_HELD' | 'CANCELLED';
export type ClockState = 'running' | 'met' | 'overdue' | 'stopped';

export interface BookingClock {
  state: ClockState;
  started_at_us: number;
  due_at_us: number;
  met_at_us: number | null;
}

export interface Clock extends BookingClock {
  id: string;
  kind: string;
  booking: string;
  centre: Words | Named;
}

export type DeviceResult = 'ok' | 'failed' | 'skipped' | 'none';

export interface DeviceCheck {
  camera: DeviceResult;
  microphone: DeviceResult;
  speaker: DeviceResult;
  connection: DeviceResult;
  browser: string;
}

export type BookingAct = 'join' | 'cancel' | 'confirm' | 'check-in' | 'end' | 'add-participant' | 'remove-participant';
export type MeetingState = 'waiting' | 'live' | 'cut_off' | 'ended';

/** A second lawyer of the same client who takes part. */
export interface Participant {
  lawyer: Lawyer;
  added_at_us: number;
}

/** How it went; a server of an earlier version tells the state alone. */
export interface BookingMeeting {
  id: string;
  state: MeetingState;
  admitted_at_us?: number | null;
  ended_at_us?: number | null;
  end_reason?: string | null;
  ended_by?: string | null;
}

export interface Booking {
  id: string;
  state: BookingState;
  authority: string;
  lawyer: Lawyer;
  detainee: Detainee;
  centre: Named;
  room: Named | null;
  starts_at_us: number | null;
  ends_at_us: number | null;
  asked_at_us: number;
  clock: BookingClock | null;
  checked_in_at_us: number | null;
  device_check: (DeviceCheck & { at_us?: number }) | null;
  cancelled: { by: string; reason: string } | null;
  participants: Participant[];
  meeting: BookingMeeting | null;
  can: BookingAct[];
}

/** Somebody said that the security codes differed, and it was stopped for that. */
export function codesDiffered(meeting: { end_reason?: string | null } | null | undefined): boolean {
  return meeting?.end_reason === 'code-different';
}

/** Who takes part beside the booking's lawyer. */
export function participantsOf(booking: Booking): Participant[] {
  return booking.participants ?? [];
}

export interface SeatEvent {
  at_us: number;
  kind: string;
}

export interface MeetingSeat {
  seat: string;
  role: string;
  name: Words;
  state: string;
  joined_at_us: number | null;
  left_at_us: number | null;
  quality: number | null;
  /** It has said that it holds the keys of everybody in the roster. */
  secured?: boolean;
  /** What the person said last of the security code; only the record of one meeting tells it, and the events. */
  code?: 'same' | 'different' | null;
  events?: SeatEvent[];
}

export interface RecordEntry {
  at_us: number;
  act: string;
  actor: Words;
  role: string;
  result: string;
  reason: string | null;
}

export interface Meeting {
  id: string;
  booking: string;
  state: MeetingState;
  centre: Named;
  room: Named;
  lawyer: { name: Words; licence: string; firm: Words };
  detainee: { name: Words; code: string };
  asked_at_us: number | null;
  checked_in_at_us: number | null;
  admitted_at_us: number | null;
  ended_at_us: number | null;
  end_reason: string | null;
  /** The role of who ended it. */
  ended_by?: string | null;
  /** Both sides were there; the server counts it. */
  delivered_us: number | null;
  /** Cut off between admission and end: not delivered. */
  lost_us: number | null;
  clock: BookingClock | null;
  seats: MeetingSeat[];
  record?: RecordEntry[];
}

export interface Centre {
  id: string;
  code: string;
  name: Words;
  zone: string;
}

export interface Policy {
  centre: string;
  version: number;
  effective_from_us: number;
  document: Record<string, unknown>;
}

export interface Room {
  id: string;
  centre: string;
  name: Words;
  open: boolean;
  kiosk: string | null;
}

export interface Kiosk {
  id: string;
  room: string;
  name: string;
  /** invited, enrolled (waits for approval), approved, retired */
  state: string;
  /** Of its key; null before it has one. */
  fingerprint: string | null;
  online: boolean;
  seen_at_us: number | null;
}

export interface Account {
  id: string;
  name: string;
  display_name: Words;
  role: Role;
  state: string;
  centres: string[] | Named[];
  lawyer: Lawyer | string | null;
}

export interface AuditEntry {
  seq: number;
  at_us: number;
  actor: string;
  role: string;
  act: string;
  object: string;
  result: string;
  reason: string | null;
}
