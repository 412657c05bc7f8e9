// SPDX-License-Identifier: Apache-2.0
// What the lawyer's browser remembers: the chosen devices (for good), the seat of the running meeting (for this tab).
import type { SeatMemory } from '../lib/call';
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
