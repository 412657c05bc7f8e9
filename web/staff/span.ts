// SPDX-License-Identifier: Apache-2.0
// Spans to the second, for records: 26 分 12 秒 / 26 min 12 s.
import { t } from '../ui/text';

export function formatSpan(span_us: number): string {
  const seconds = Math.max(0, Math.floor(span_us / 1_000_000));
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  const s = seconds % 60;
  if (h > 0) return t('{h} 小时 {m} 分 {s} 秒', { h, m, s });
  return m > 0 ? t('{m} 分 {s} 秒', { m, s }) : t('{s} 秒', { s });
}
