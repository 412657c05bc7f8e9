// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem, api, newIdempotencyKey, setApiLanguage } from '../lib/api';

function answers(status: number, body: unknown, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const fake = vi.fn(async (_path: string, _init: RequestInit) => new Response(status === 204 ? null : text, {
    status, headers: { 'Content-Type': type },
  }));
  vi.stubGlobal('fetch', fake);
  return fake;
}

const headersOf = (fake: ReturnType<typeof answers>) => fake.mock.calls[0]![1].headers as Record<string, string>;

afterEach(() => vi.unstubAllGlobals());

describe('api', () => {
  it('marks writes, and only writes, with X-Huijian', async () => {
    let fake = answers(200, { clients: [] });
    await api.cases();
    expect(headersOf(fake)['X-Huijian']).toBeUndefined();
    fake = answers(204, '');
    await api.logout();
    expect(headersOf(fake)['X-Huijian']).toBe('1');
  });

  it('sends the idempotency key of a booking and the reader\'s language', async () => {
    const fake = answers(201, { id: 'b' });
    setApiLanguage(() => 'en');
    const key = newIdempotencyKey();
    await api.book('a', null, key);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(headersOf(fake)['Idempotency-Key']).toBe(key);
    expect(headersOf(fake)['Accept-Language']).toBe('en');
    expect(JSON.parse(fake.mock.calls[0]![1].body as string)).toEqual({ authority: 'a', slot: null });
  });

  it('leaves unset query members out', async () => {
    const fake = answers(200, { bookings: [] });
    await api.bookings({ from_us: 5 });
    expect(fake.mock.calls[0]![0]).toBe('/api/bookings?from_us=5');
  });

  it('hands a problem on with its code, findings and alternatives', async () => {
    const slot = { centre: 'c', room: 'r', room_name: { zh: '一', en: '1' }, starts_at_us: 1, ends_at_us: 2 };
    answers(409, { code: 'slot-taken', title: 'Taken', alternatives: [slot] }, 'application/problem+json');
    const error = await api.book('a', { room: 'r', starts_at_us: 1 }, 'k').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({ status: 409, code: 'slot-taken', title: 'Taken', alternatives: [slot], findings: [] });
  });

  it('tells when something would have been possible, where the time was wrong', async () => {
    answers(409, { code: 'state', title: 'Not now', from_us: 5, to_us: 9 }, 'application/problem+json');
    await expect(api.checkIn('b')).rejects.toMatchObject({ code: 'state', open: { from_us: 5, to_us: 9 } });
    answers(409, { code: 'state', title: 'Not now', from_us: '5' }, 'application/problem+json');
    await expect(api.checkIn('b')).rejects.toMatchObject({ open: null });
  });

  it('calls a html error page of the proxy unreachable', async () => {
    answers(502, '<html>Bad Gateway</html>', 'text/html');
    await expect(api.me()).rejects.toMatchObject({ code: 'unreachable', status: 502 });
  });

  it('calls a failed connection unreachable', async () => {
    vi.stubGlobal('fetch', async () => { throw new TypeError('failed'); });
    await expect(api.me()).rejects.toMatchObject({ code: 'unreachable', status: 0 });
  });
});
