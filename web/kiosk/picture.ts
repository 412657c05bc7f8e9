// SPDX-License-Identifier: Apache-2.0
// Which screen a kiosk shows: one pure function of what is known. No DOM.
import { mediaFlows, type CallView } from '../lib/call';
import type { AssignmentView } from '../lib/protocol';
import type { AgentView, Attachment } from './agent-link';

export type Screen = 'offline' | 'unapproved' | 'unfit' | 'idle' | 'assigned' | 'waiting' | 'live' | 'cut-off' | 'ended' | 'taken-over';

export interface Known {
  attachment: Attachment;
  agent: AgentView | null;
  assignment: AssignmentView | null;
  call: CallView | null;
  /** This browser cannot encrypt. */
  unfit: boolean;
  /** Since when (ms) the connection of a running meeting is in trouble; null while it is not. */
  trouble_since: number | null;
  now_ms: number;
}

/** A drop shorter than this is not shown. */
export const TROUBLE_SHOWN_AFTER_MS = 1500;
/** Then the ended meeting makes way for the next. */
export const ENDED_SHOWN_MS = 60_000;

/** Something between us and the other side does not work just now. */
export function inTrouble(known: Known): boolean {
  const { call } = known;
  if (!call?.seat || call.ended || call.left) return false;
  const media = call.generation > 0 && call.media !== 'connected' && (call.admitted || call.state === 'live' || call.state === 'cut_off');
  return known.attachment !== 'open' || known.agent?.state !== 'online' || media;
}

/** In trouble for so long that it is said. */
export function isTroubled(known: Known): boolean {
  return known.trouble_since !== null && known.now_ms - known.trouble_since >= TROUBLE_SHOWN_AFTER_MS;
}

/** As long as media comes the picture stays, whatever became of the signalling: it goes another way. */
function ofCall(call: CallView, troubled: boolean): Screen {
  if (call.state === 'ended') return 'ended';
  const open = (call.state === 'live' || call.state === 'cut_off') && call.admitted;
  if (open && mediaFlows(call)) return 'live';
  if (call.state === 'cut_off' || troubled) return 'cut-off';
  return open ? 'live' : 'waiting';
}

export function screenOf(known: Known): Screen {
  const { attachment, agent, assignment, call } = known;
  if (attachment === 'taken-over') return 'taken-over';
  if (call?.ended) return 'ended';
  if (call?.seat && !call.left) {
    return ofCall(call, isTroubled(known));
  }
  if (attachment === 'open' && agent?.state === 'unapproved') return 'unapproved';
  if (attachment !== 'open' || agent?.state !== 'online') return 'offline';
  if (known.unfit) return 'unfit';
  return assignment ? 'assigned' : 'idle';
}
