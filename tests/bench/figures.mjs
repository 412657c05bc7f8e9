// SPDX-License-Identifier: Apache-2.0
// What benches do with what they measured: percentiles, a table for people, one JSON object for programs.

/** The smallest value that at least this share of all is not above (0 < share ≤ 1). */
export function percentile(values, share) {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export const round = (value, digits = 1) => Number(value.toFixed(digits));

/** {NAME_p50, NAME_p95}. */
export function spread(name, values) {
  return { [`${name}_p50`]: round(percentile(values, 0.5)), [`${name}_p95`]: round(percentile(values, 0.95)) };
}

/** rows: [what, value]; two columns. */
export function table(title, rows) {
  const width = Math.max(...rows.map(([what]) => what.length));
  return [title, ...rows.map(([what, value]) => `  ${what.padEnd(width)}  ${value}`)].join('\n');
}
