// SPDX-License-Identifier: Apache-2.0
// What the lawyer's browser remembers: the chosen devices (for good), the seat of the running meeting (for this tab).
import type { SeatMemory } from '../lib/call';
import type { RevealMemory } from '../lib/e2ee/types';
import type { SeatKeeper } from '../lib/signalling';

interface DeviceChoice {
  audioId?: string;
  videoId?: string;
}

const DEVICES = 'huijian-devices';

function parse(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function rememberedDevices(): DeviceChoice {
  const { audioId, videoId } = parse(localStorage.getItem(DEVICES));
  return { ...(typeof audioId === 'string' ? { audioId } : {}), ...(typeof videoId === 'string' ? { videoId } : {}) };
}

export function rememberDevices(choice: DeviceChoice): void {
  localStorage.setItem(DEVICES, JSON.stringify(choice));
}

/** The seat token of a booking in this tab's session storage: survives a reload, not the tab. */
export function seatKeeper(booking: string): SeatKeeper {
  const key = `huijian-seat-${booking}`;
  return {
    read() {
      const { token, seen_ms } = parse(sessionStorage.getItem(key));
      return typeof token === 'string' && typeof seen_ms === 'number' ? { token, seen_ms } : null;
    },
    write: (token, seen_ms) => sessionStorage.setItem(key, JSON.stringify({ token, seen_ms })),
    clear: () => sessionStorage.removeItem(key),
  };
}

export function seatMemory(booking: string): SeatMemory {
  const key = `huijian-place-${booking}`;
  return {
    read() {
      const { meeting, seat, number, starts_at_us, ends_at_us, admitted_at_us } = parse(sessionStorage.getItem(key));
      if (typeof meeting !== 'string' || typeof seat !== 'string' || typeof number !== 'number') return null;
      const time = (value: unknown) => (typeof value === 'number' ? value : null);
      return { meeting, seat, number, starts_at_us: time(starts_at_us), ends_at_us: time(ends_at_us), admitted_at_us: time(admitted_at_us) };
    },
    write: (place) => sessionStorage.setItem(key, JSON.stringify(place)),
    clear: () => sessionStorage.removeItem(key),
  };
}

const REVEALS = 'huijian-reveals';
/** No end reveals more often than that in the time that counts. */
const REVEALS_KEPT = 64;

/** When this browser has revealed: for good, because a page that is loaded anew must not get new guesses for whoever stands between. */
export const revealMemory: RevealMemory = {
  read() {
    const { at_ms } = parse(localStorage.getItem(REVEALS));
    return Array.isArray(at_ms) ? at_ms.filter((one): one is number => typeof one === 'number').slice(-REVEALS_KEPT) : [];
  },
  write: (at_ms) => localStorage.setItem(REVEALS, JSON.stringify({ at_ms: at_ms.slice(-REVEALS_KEPT) })),
};
