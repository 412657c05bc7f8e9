// SPDX-License-Identifier: Apache-2.0
// Why a booking is cancelled: what the desk and the lawyer may choose. The record keeps the Chinese text, whatever language
// the person reads, and a note behind a colon.
import './english';
import { mark, t } from './text';

const OTHER = mark('其他原因');
const COLON = mark('：');

export const DESK_REASONS: Record<string, string> = {
  medical: mark('在押人员就医'),
  out: mark('在押人员出所（提解、开庭）'),
  moved: mark('在押人员已变更羁押场所或已释放'),
  declined: mark('在押人员本人拒绝会见'),
  fault: mark('设备或网络故障'),
  asked: mark('律师要求取消'),
  other: OTHER,
};

export const LAWYER_REASONS = [mark('日程变更'), mark('当事人或家属要求'), mark('已另行会见'), OTHER];

const KNOWN = new Set([...Object.values(DESK_REASONS), ...LAWYER_REASONS]);

/** What goes into the record. */
export function cancelReason(choice: string, note = ''): string {
  return [choice, note.trim()].filter(Boolean).join(COLON);
}

/** A recorded reason in the reader's language; what a person wrote stands as it was written. */
export function cancelReasonText(recorded: string): string {
  const at = recorded.indexOf(COLON);
  const choice = at < 0 ? recorded : recorded.slice(0, at);
  if (!KNOWN.has(choice)) return recorded;
  return at < 0 ? t(choice) : `${t(choice)}${t(COLON)}${recorded.slice(at + 1)}`;
}
