// SPDX-License-Identifier: Apache-2.0
// Days to moments, and the order of past meetings. No DOM, no text.
import type { Meeting } from '../lib/model';
import { DAY_US } from '../ui/time';

function midnight(day: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const at_ms = Date.parse(`${day}T00:00:00+08:00`);
  return Number.isFinite(at_ms) ? at_ms * 1000 : null;
}

/** Both days included; null when one is no day or they come in the wrong order. */
export function dayRange(from: string, to: string): { from_us: number; to_us: number } | null {
  const from_us = midnight(from);
  const last_us = midnight(to);
  return from_us === null || last_us === null || last_us < from_us ? null : { from_us, to_us: last_us + DAY_US };
}

/** The latest first; of one centre, or of all when `centre` is empty. */
export function pastMeetings(meetings: Meeting[], centre: string): Meeting[] {
  const at = (meeting: Meeting) => meeting.admitted_at_us ?? meeting.ended_at_us ?? 0;
  return meetings
    .filter((meeting) => !centre || meeting.centre.id === centre)
    .sort((a, b) => at(b) - at(a) || a.id.localeCompare(b.id));
}
