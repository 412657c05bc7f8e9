// SPDX-License-Identifier: Apache-2.0
// What the page and the worker of its encryption say to each other. Keys never pass here.
import type { RosterSeat } from './roster';
import type { E2eeView, Kind, Verdict } from './types';

export type ToWorker =
  | { do: 'start'; role: string; publicKey: string; revealed?: number[] }
  | { do: 'seats'; meeting: string; own: { seat: string; number: number }; seats: RosterSeat[] }
  | { do: 'received'; from: string; body: string }
  | { do: 'signed'; id: number; signature: Uint8Array | null }
  | { do: 'judge'; verdict: Verdict; epoch: number }
  | { do: 'repeat' };

export type FromWorker =
  | { say: 'send'; to: string | null; body: string }
  | { say: 'sign'; id: number; statement: Uint8Array }
  | { say: 'secured'; epoch: number }
  | { say: 'revealed'; at_ms: number[] }
  | { say: 'view'; view: E2eeView }
  | { say: 'attached' | 'passing' | 'opened'; id: number };

/** The options of an RTCRtpScriptTransform of ours. */
export type Side = { side: 'send'; kind: Kind; id: number } | { side: 'receive'; kind: Kind; id: number; slot: number };
