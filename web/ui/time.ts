// SPDX-License-Identifier: Apache-2.0
// Times as people read them: in the centre's zone, whatever the reader's computer says.
import { locale, t } from './text';

export const ZONE = 'Asia/Shanghai';
export const MINUTE_US = 60_000_000;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

let offsetUs = 0;

/** The server's clock is the right one: tells what it said just now. */
export function setServerTime(now_us: number): void {
  offsetUs = now_us - Date.now() * 1000;
}

export function nowUs(): number {
  return Date.now() * 1000 + offsetUs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at_us: number, name: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale()} ${name}`;
  let found = formats.get(key);
  if (!found) {
    const tag = locale() === 'en' ? 'en-GB' : 'zh-CN';
    found = new Intl.DateTimeFormat(tag, { timeZone: ZONE, hourCycle: 'h23', ...options });
    formats.set(key, found);
  }
  return found.format(at_us / 1000);
}

/** 09:30 */
export function formatTime(at_us: number): string {
  return format(at_us, 'time', { hour: '2-digit', minute: '2-digit' });
}

/** 09:30:05 */
export function formatTimeSeconds(at_us: number): string {
  return format(at_us, 'seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** 11月23日星期一 / Mon 23 Nov */
export function formatDay(at_us: number): string {
  return format(at_us, 'day', { month: 'short', day: 'numeric', weekday: 'short' });
}

/** 2026年11月23日 / 23 Nov 2026 */
export function formatDate(at_us: number): string {
  return format(at_us, 'date', { year: 'numeric', month: 'short', day: 'numeric' });
}

/** Day and time, with the year: for records. */
export function formatDateTime(at_us: number): string {
  return `${formatDate(at_us)} ${formatTime(at_us)}`;
}

/** 11月23日周一 09:30–10:00 */
export function formatRange(from_us: number, to_us: number): string {
  return `${formatDay(from_us)} ${formatTime(from_us)}–${formatTime(to_us)}`;
}

/** Sortable day in the centre's zone, 2026-11-23: a key for grouping. */
export function dayKey(at_us: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE }).format(at_us / 1000);
}

/** Midnight in the centre's zone of the day `at_us` lies in (the zone has had no summer time since 1991). */
export function startOfDay(at_us: number): number {
  const shift = 8 * HOUR_US;
  return Math.floor((at_us + shift) / DAY_US) * DAY_US - shift;
}

/** 1 小时 20 分钟 / 1 h 20 min; under a minute: seconds. */
export function formatDuration(span_us: number): string {
  const seconds = Math.max(0, Math.floor(span_us / 1_000_000));
  if (seconds < 60) return t('{s} 秒', { s: seconds });
  const minutes = Math.floor(seconds / 60);
  const h = Math.floor(minutes / 60);
  const m = minutes % 60;
  if (h === 0) return t('{m} 分钟', { m });
  return m === 0 ? t('{h} 小时', { h }) : t('{h} 小时 {m} 分钟', { h, m });
}

/** mm:ss, or h:mm:ss; the second that has begun counts, so that 00:00 is the end. */
export function countDown(span_us: number): string {
  const seconds = Math.max(0, Math.ceil(span_us / 1_000_000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
