// SPDX-License-Identifier: Apache-2.0
// The meetings that are on now, folded from the `follow` messages: a snapshot replaces all, a change replaces one. What has
// just ended stays in sight for a while, so that a row does not vanish under the reader's eyes. No DOM.
import type { Meeting, MeetingState } from '../lib/model';
import { MINUTE_US } from '../ui/time';

/** How long an ended meeting stays in the live list. */
export const LINGER_US = 5 * MINUTE_US;

const RANK: Record<MeetingState, number> = { cut_off: 0, live: 1, waiting: 2, ended: 3 };

export interface FollowNews {
  meetings?: unknown;
  meeting?: unknown;
}

function isMeeting(value: unknown): value is Meeting {
  if (typeof value !== 'object' || value === null) return false;
  const { id, state } = value as Record<string, unknown>;
  return typeof id === 'string' && typeof state === 'string' && state in RANK;
}

/** Since when the meeting is in the state that the row shows; null when the server did not tell. */
export function sinceUs(meeting: Meeting): number | null {
  if (meeting.state === 'ended') return meeting.ended_at_us ?? null;
  const { opened_at_us } = meeting as Meeting & { opened_at_us?: number | null };
  return meeting.admitted_at_us ?? opened_at_us ?? meeting.checked_in_at_us ?? null;
}

export class LiveList {
  private readonly meetings = new Map<string, Meeting>();
  /** When this page saw a meeting end; the server's ended_at_us may lie long before a reconnect. */
  private readonly seenEnded = new Map<string, number>();
  private readonly changes = new Map<string, number>();

  /** Takes one message in. Returns the ids of meetings that are over now and were not before. */
  apply(news: FollowNews, now_us: number): string[] {
    if (Array.isArray(news.meetings)) return this.replaceAll(news.meetings.filter(isMeeting), now_us);
    return isMeeting(news.meeting) && this.take(news.meeting, now_us) ? [news.meeting.id] : [];
  }

  /** The rows to show: interrupted first, then live, waiting, just ended; the longest first among equals. */
  rows(now_us: number): Meeting[] {
    this.forget(now_us);
    return [...this.meetings.values()].sort(
      (a, b) =>
        RANK[a.state] - RANK[b.state] || (sinceUs(a) ?? now_us) - (sinceUs(b) ?? now_us) || a.id.localeCompare(b.id),
    );
  }

  /** How often this page heard of a meeting: whoever shows it reads it again when the number grows. */
  changesOf(id: string): number {
    return this.changes.get(id) ?? 0;
  }

  count(state: MeetingState): number {
    return [...this.meetings.values()].filter((meeting) => meeting.state === state).length;
  }

  private take(meeting: Meeting, now_us: number): boolean {
    const before = this.meetings.get(meeting.id);
    this.changes.set(meeting.id, this.changesOf(meeting.id) + 1);
    this.meetings.set(meeting.id, { ...before, ...meeting });
    if (meeting.state !== 'ended') {
      this.seenEnded.delete(meeting.id);
      return false;
    }
    if (this.seenEnded.has(meeting.id)) return false;
    this.seenEnded.set(meeting.id, now_us);
    return true;
  }

  private replaceAll(snapshot: Meeting[], now_us: number): string[] {
    const there = new Set(snapshot.map((meeting) => meeting.id));
    const over: string[] = [];
    for (const [id, meeting] of this.meetings) {
      if (there.has(id)) continue;
      if (meeting.state === 'ended') continue;
      // It ended while the connection was down: the past meetings tell how.
      this.meetings.delete(id);
      this.changes.set(id, this.changesOf(id) + 1);
      over.push(id);
    }
    for (const meeting of snapshot) if (this.take(meeting, now_us)) over.push(meeting.id);
    return over;
  }

  private forget(now_us: number): void {
    for (const [id, at_us] of this.seenEnded) {
      if (now_us - at_us < LINGER_US) continue;
      this.seenEnded.delete(id);
      this.meetings.delete(id);
    }
  }
}
