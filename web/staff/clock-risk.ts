// SPDX-License-Identifier: Apache-2.0
// How pressing a statutory clock is. No DOM, no text.
import type { Clock } from '../lib/model';
import { HOUR_US } from '../ui/time';

export type Risk = 'overdue' | 'urgent' | 'soon' | 'calm' | 'closed';

export function riskOf({ state, due_at_us, met_at_us }: Pick<Clock, 'state' | 'due_at_us' | 'met_at_us'>, now_us: number): Risk {
  // A meeting that came late leaves the clock overdue, but nothing can be done about it any more.
  if (state === 'met' || state === 'stopped' || met_at_us !== null) return 'closed';
  const left = due_at_us - now_us;
  if (state === 'overdue' || left <= 0) return 'overdue';
  return left < 6 * HOUR_US ? 'urgent' : left < 24 * HOUR_US ? 'soon' : 'calm';
}

const RANK: Record<Risk, number> = { overdue: 0, urgent: 1, soon: 2, calm: 3, closed: 4 };

/** The open clocks, what falls due first on top; with `all` the closed ones after them, the latest first. */
export function clocksAtRisk(clocks: Clock[], now_us: number, all: boolean): Clock[] {
  const open = (clock: Clock) => riskOf(clock, now_us) !== 'closed';
  return clocks
    .filter((clock) => all || open(clock))
    .sort((a, b) => RANK[riskOf(a, now_us)] - RANK[riskOf(b, now_us)] ||
      (open(a) ? a.due_at_us - b.due_at_us : b.due_at_us - a.due_at_us) || a.id.localeCompare(b.id));
}
