// SPDX-License-Identifier: Apache-2.0
// The REST client (docs/protocol.md, section 2). One function per route; a refusal is thrown as ApiProblem, a server that
// cannot be reached as ApiProblem with the code `unreachable`. No DOM.
import type {
  Account, AuditEntry, Booking, Centre, Client, Clock, Device, DeviceCheck, Eligibility, Finding, Kiosk, Lawyer, Me, Meeting,
  Policy, Role, Room, Slot, Words,
} from './model';

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string = '',
    readonly fields: { field: string; code: string }[] = [],
    readonly findings: Finding[] = [],
    readonly alternatives: Slot[] = [],
    /** When what was asked would be open, where the time was wrong. */
    readonly open: { from_us: number; to_us: number } | null = null,
  ) {
    super(title || code);
    this.name = 'ApiProblem';
  }
}

interface CallOptions {
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

let language: () => string = () => 'zh-CN';

/** Sets who tells the reader's language; it goes out as Accept-Language with each request. */
export function setApiLanguage(ask: () => string): void {
  language = ask;
}

/** 128 random bits as text: one for each thing a person sets out to create, kept through its retries. */
export function newIdempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function openOf({ from_us, to_us }: Record<string, unknown>): ApiProblem['open'] {
  return typeof from_us === 'number' && typeof to_us === 'number' ? { from_us, to_us } : null;
}

function asArray<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}

async function problemOf(response: Response): Promise<ApiProblem> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // nginx answers in html when nothing stands behind it; the status says enough.
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const fallback = response.status >= 502 && response.status <= 504 ? 'unreachable' : 'unknown';
  return new ApiProblem(
    response.status,
    text(body['code']) || fallback,
    text(body['title']),
    text(body['detail']),
    asArray(body['fields']),
    asArray(body['findings']),
    asArray(body['alternatives']),
    openOf(body),
  );
}

/** One request under /api. Resolves with the parsed answer, or undefined for 204. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': language() };
  if (method !== 'GET') headers['X-Huijian'] = '1';
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;

  let response: Response;
  try {
    response = await fetch(`/api/${path}${query.size > 0 ? `?${query}` : ''}`, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiProblem(0, 'unreachable', '');
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiProblem(response.status, 'unknown', '');
  }
}

const id = encodeURIComponent;

export const api = {
  login: (account: string, password: string) => call<Me>('POST', 'login', { body: { account, password } }),
  logout: () => call<void>('POST', 'logout'),
  me: () => call<Me>('GET', 'me'),
  setPassword: (current: string, next: string) => call<void>('PUT', 'me/password', { body: { current, new: next } }),
  devices: () => call<{ devices: Device[] }>('GET', 'me/devices'),
  /** public_key: P-256 SPKI, base64; proof: that we hold its private part (docs/protocol.md, Device). */
  addDevice: (device: { name: string; public_key: string; proof: string }) =>
    call<Device>('POST', 'me/devices', { body: device }),
  removeDevice: (device: string) => call<Device>('POST', `me/devices/${id(device)}/remove`),
  ticket: (wish: { purpose: 'join'; booking: string } | { purpose: 'follow' }) =>
    call<{ ticket: string; expires_at_us: number }>('POST', 'tickets', { body: wish }),

  cases: () => call<{ clients: Client[] }>('GET', 'cases'),
  eligibility: (authority: string) => call<Eligibility>('GET', 'eligibility', { query: { authority } }),
  slots: (authority: string, from_us: number, to_us: number) =>
    call<{ slots: Slot[]; minutes: number; more?: boolean }>('GET', 'slots', { query: { authority, from_us, to_us } }),

  book: (authority: string, slot: { room: string; starts_at_us: number } | null, idempotencyKey: string) =>
    call<Booking>('POST', 'bookings', { body: { authority, slot }, idempotencyKey }),
  bookings: (query: { from_us?: number; to_us?: number; centre?: string } = {}) =>
    call<{ bookings: Booking[] }>('GET', 'bookings', { query }),
  booking: (booking: string) => call<Booking>('GET', `bookings/${id(booking)}`),
  cancelBooking: (booking: string, reason: string) =>
    call<Booking>('POST', `bookings/${id(booking)}/cancel`, { body: { reason } }),
  confirmBooking: (booking: string) => call<Booking>('POST', `bookings/${id(booking)}/confirm`),
  checkIn: (booking: string, times: { taken_out_at_us?: number; arrived_at_us?: number } = {}) =>
    call<Booking>('POST', `bookings/${id(booking)}/check-in`, { body: { identity_confirmed: true, ...times } }),
  endBooking: (booking: string, reason: string) =>
    call<Booking>('POST', `bookings/${id(booking)}/end`, { body: { reason } }),
  addParticipant: (booking: string, licence: string) =>
    call<Booking>('POST', `bookings/${id(booking)}/participants`, { body: { licence } }),
  removeParticipant: (booking: string, lawyer: string) =>
    call<Booking>('POST', `bookings/${id(booking)}/participants/${id(lawyer)}/remove`),
  deviceCheck: (booking: string, result: DeviceCheck) =>
    call<void>('POST', `bookings/${id(booking)}/device-check`, { body: result }),

  meetings: (query: { state?: 'live' | 'ended'; from_us?: number; to_us?: number }) =>
    call<{ meetings: Meeting[] }>('GET', 'meetings', { query }),
  meeting: (meeting: string) => call<Meeting>('GET', `meetings/${id(meeting)}`),
  clocks: () => call<{ clocks: Clock[] }>('GET', 'clocks'),

  centres: () => call<{ centres: Centre[] }>('GET', 'centres'),
  addCentre: (centre: Omit<Centre, 'id'>, idempotencyKey: string) =>
    call<Centre>('POST', 'centres', { body: centre, idempotencyKey }),
  setCentre: (centre: string, change: Partial<Omit<Centre, 'id'>>) =>
    call<Centre>('PUT', `centres/${id(centre)}`, { body: change }),
  policies: (centre: string) => call<{ policies: Policy[] }>('GET', 'policies', { query: { centre } }),
  setPolicy: (centre: string, policy: { effective_from_us?: number; document: Record<string, unknown> }) =>
    call<Policy>('PUT', `policies/${id(centre)}`, { body: policy }),
  rooms: (centre?: string) => call<{ rooms: Room[] }>('GET', 'rooms', { query: { centre } }),
  addRoom: (room: { centre: string; name: Words; open?: boolean }, idempotencyKey: string) =>
    call<Room>('POST', 'rooms', { body: room, idempotencyKey }),
  setRoom: (room: string, change: { name?: Words; open?: boolean }) =>
    call<Room>('PUT', `rooms/${id(room)}`, { body: change }),
  kiosks: () => call<{ kiosks: Kiosk[] }>('GET', 'kiosks'),
  addKiosk: (kiosk: { room: string; name: string }, idempotencyKey: string) =>
    call<Kiosk & { token: string }>('POST', 'kiosks', { body: kiosk, idempotencyKey }),
  /** fingerprint: the one that was compared; refused (`state`) when the kiosk's key has another by now. */
  approveKiosk: (kiosk: string, fingerprint: string) =>
    call<Kiosk>('PUT', `kiosks/${id(kiosk)}`, { body: { state: 'approved', fingerprint } }),
  retireKiosk: (kiosk: string) => call<Kiosk>('PUT', `kiosks/${id(kiosk)}`, { body: { state: 'retired' } }),

  accounts: () => call<{ accounts: Account[] }>('GET', 'accounts'),
  addAccount: (
    account: { name: string; display_name: Words; role: Role; password: string; centres?: string[]; lawyer?: string },
    idempotencyKey: string,
  ) => call<Account>('POST', 'accounts', { body: account, idempotencyKey }),
  setAccount: (account: string, change: { state?: 'active' | 'disabled'; display_name?: Words }) =>
    call<Account>('PUT', `accounts/${id(account)}`, { body: change }),
  setAccountPassword: (account: string, next: string) =>
    call<void>('POST', `accounts/${id(account)}/password`, { body: { new: next } }),
  lawyers: (q: string) => call<{ lawyers: Lawyer[] }>('GET', 'lawyers', { query: { q } }),

  auditEntries: (query: { before?: number; limit?: number; object?: string }) =>
    call<{ entries: AuditEntry[]; next: number | null }>('GET', 'audit/entries', { query }),
  health: () => call<{ status: string; version: string; media: { nodes: number } }>('GET', 'healthz'),
};
