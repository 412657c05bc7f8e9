// SPDX-License-Identifier: Apache-2.0
// The desk's list as a person uses it: a booking that the centre reviews is confirmed with one button.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import '../desk/list';
import { english } from '../desk/english';
import type { HjDeskList } from '../desk/list';
import type { Booking, Me } from '../lib/model';
import { registerEnglish, setLocale } from '../ui/text';
import { DAY_US, HOUR_US, nowUs, startOfDay } from '../ui/time';

// happy-dom has no form internals, which the dialog's own buttons want.
vi.mock('../ui/dialog', () => ({ isOwnEvent: () => true }));

const name = (id: string) => ({ id, name: id });
let reviewed: Booking;
let asked: string[];
let refusal: object | null;
let list: HjDeskList;

async function answer(path: string, { method }: RequestInit): Promise<Response> {
  asked.push(`${method} ${path}`);
  if (path.endsWith('/confirm')) {
    if (refusal) return new Response(JSON.stringify(refusal), { status: 409 });
    reviewed = { ...reviewed, state: 'CONFIRMED', can: ['cancel'] };
    return new Response(JSON.stringify(reviewed));
  }
  return new Response(JSON.stringify({ bookings: [reviewed] }));
}

const by = (id: string) => list.querySelector<HTMLElement>(`[data-testid=${id}]`);
const posts = () => asked.filter((one) => one.startsWith('POST'));

beforeEach(async () => {
  asked = [];
  refusal = null;
  const starts_at_us = startOfDay(nowUs()) + DAY_US + 10 * HOUR_US;
  reviewed = {
    id: 'b1', state: 'REVIEW', authority: 'a', lawyer: { ...name('l'), licence: '1', firm: '所' }, detainee: { id: 'd', name: '王海', code: '1' },
    centre: name('c'), room: name('r'), starts_at_us, ends_at_us: starts_at_us + HOUR_US, asked_at_us: nowUs(), clock: null,
    checked_in_at_us: null, device_check: null, cancelled: null, participants: [], meeting: null, can: ['confirm', 'cancel'],
  };
  vi.stubGlobal('fetch', answer);
  registerEnglish(english);
  list = document.createElement('hj-desk-list') as HjDeskList;
  list.me = { account: { centres: [name('c')] }, rights: ['confirm'] } as unknown as Me;
  document.body.append(list);
  await vi.waitFor(() => expect(by('desk-confirm')).not.toBeNull());
});

afterEach(async () => {
  list.remove();
  vi.unstubAllGlobals();
  await setLocale('zh-CN', false);
});

describe('a booking to review', () => {
  test('is in sight though it is of another day, and goes with the button', async () => {
    expect(by('desk-review')?.textContent).toContain('王海');
    by('desk-confirm')!.click();
    await vi.waitFor(() => expect(by('desk-review')).toBeNull());
    expect(posts()).toEqual(['POST /api/bookings/b1/confirm']);
    expect(by('said')?.textContent).toContain('王海 的预约已确认');
  });

  test('says so in English', async () => {
    await setLocale('en', false);
    await vi.waitFor(() => expect(by('desk-confirm')?.textContent).toBe('Confirm booking'));
    by('desk-confirm')!.click();
    await vi.waitFor(() => expect(by('said')?.textContent).toContain('is confirmed'));
  });

  test('that somebody else has dealt with is told, and the list is read anew', async () => {
    refusal = { code: 'state', title: '当前状态不能进行此操作' };
    const before = asked.length;
    by('desk-confirm')!.click();
    await vi.waitFor(() => expect(by('desk-refused')?.textContent).toContain('当前状态不能进行此操作'));
    const month = `to_us=${startOfDay(nowUs()) + 30 * DAY_US}`;
    await vi.waitFor(() => expect(asked.slice(before).some((one) => one.endsWith(month))).toBe(true));
    expect(by('said')?.textContent?.trim()).toBe('');
  });

  test('has no button where the server allows none', async () => {
    reviewed = { ...reviewed, can: [] };
    by('desk-next')!.click();
    await vi.waitFor(() => expect(by('desk-day')).not.toBeNull());
    expect(by('desk-confirm')).toBeNull();
  });
});
