// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import type { CallView } from '../lib/call';
import type { Booking, Slot } from '../lib/model';
import { isOpen, isOver, startOf } from '../lawyer/bookings';
import { levelOf } from '../lawyer/level';
import { stepOf } from '../lawyer/steps';
import { seatKeeper, seatMemory, rememberDevices, rememberedDevices } from '../lawyer/remembered';
import { isRunning, oneRoomEach, partOfDay } from '../lawyer/slots';
import { nextPage } from '../signin/sign-in';

const slot = (room: string, starts_at_us: number): Slot => ({ centre: 'c', room, room_name: room, starts_at_us, ends_at_us: starts_at_us + 10 });
const view = (more: Partial<CallView>) => ({ state: 'waiting', seats: [], seat: 's0', media: 'new', ended: null, ...more }) as unknown as CallView;
const kiosk = (state: string) => ({ seat: 's1', number: 1, role: 'kiosk', name: null, state, mids: null });
const booking = (more: Partial<Booking>) => ({ state: 'CONFIRMED', checked_in_at_us: null, ...more }) as unknown as Booking;

describe('slots', () => {
  it('show one room for each time, the earliest first', () => {
    expect(oneRoomEach([slot('b', 30), slot('a', 10), slot('c', 10)]).map((one) => one.room)).toEqual(['a', 'b']);
  });

  it('know which one is running', () => {
    expect([9, 10, 19, 20].map((now) => isRunning(slot('a', 10), now))).toEqual([false, true, true, false]);
  });

  it('stand under their part of the day in the centre\'s zone', () => {
    const at = (text: string) => Date.parse(`2026-11-23T${text}+08:00`) * 1000;
    expect(['00:00', '05:59', '06:00', '11:59', '12:00', '17:59', '18:00', '23:59'].map((text) => partOfDay(at(text)))).toEqual(
      ['night', 'night', 'morning', 'morning', 'afternoon', 'afternoon', 'evening', 'evening']);
  });
});

describe('the waiting room', () => {
  it.each([
    ['booked', view({ seat: null }), booking({})],
    ['to-check', view({}), booking({})],
    ['present', view({}), booking({ checked_in_at_us: 1 })],
    ['present', view({ seats: [kiosk('waiting')] } as Partial<CallView>), booking({})],
    ['present', view({ seats: [kiosk('connected')] } as Partial<CallView>), booking({})],
    ['ready', view({ media: 'connected', seats: [kiosk('connected')] } as Partial<CallView>), booking({})],
    ['to-check', view({ seats: [kiosk('left')] } as Partial<CallView>), booking({})],
    ['live', view({ state: 'live' }), booking({})],
    ['live', view({ state: 'cut_off' }), booking({})],
    ['ended', view({ state: 'live', ended: { reason: 'done', by: 'desk', at_us: 1 } }), booking({})],
  ])('says %s', (step, call, about) => {
    expect(stepOf(call, about)).toBe(step);
  });
});

describe('bookings', () => {
  it('are open until held, not held or cancelled', () => {
    expect(['ASKED', 'REVIEW', 'CONFIRMED', 'CHECKED_IN', 'HELD', 'NOT_HELD', 'CANCELLED'].map((state) => isOpen(booking({ state } as Partial<Booking>))))
      .toEqual([true, true, true, true, false, false, false]);
  });
});

describe('a booking that is over', () => {
  it('is one in a final state, or whose meeting has ended', () => {
    expect(['CONFIRMED', 'CHECKED_IN', 'HELD', 'NOT_HELD', 'CANCELLED'].map((state) => isOver(booking({ state } as Partial<Booking>))))
      .toEqual([false, false, true, true, true]);
    expect(isOver(booking({ meeting: { id: 'm', state: 'ended' } }))).toBe(true);
    expect(isOver(booking({ meeting: { id: 'm', state: 'cut_off' } }))).toBe(false);
  });

  it('began when both were let in, as the clock says where the meeting does not', () => {
    const clock = { state: 'met', started_at_us: 1, due_at_us: 9, met_at_us: 5 } as const;
    expect(startOf(booking({ clock, meeting: { id: 'm', state: 'ended', admitted_at_us: 4 } }))).toBe(4);
    expect(startOf(booking({ clock, meeting: { id: 'm', state: 'ended' } }))).toBe(5);
    expect(startOf(booking({ clock: null, meeting: null }))).toBeNull();
  });
});

describe('the microphone bar', () => {
  it('spans speech', () => {
    expect(levelOf(0)).toBe(0);
    expect(levelOf(0.001)).toBe(0);
    expect(levelOf(0.5)).toBeGreaterThan(0.99);
    expect(levelOf(0.05)).toBeGreaterThan(0.5);
  });
});

describe('what the browser remembers', () => {
  beforeEach(() => { sessionStorage.clear(); localStorage.clear(); });

  it('is a seat token for each booking', () => {
    const keeper = seatKeeper('a');
    keeper.write('token', 5);
    expect(keeper.read()).toEqual({ token: 'token', seen_ms: 5 });
    expect(seatKeeper('b').read()).toBeNull();
    keeper.clear();
    expect(keeper.read()).toBeNull();
  });

  it('is a place, and nothing where storage holds rubbish', () => {
    const memory = seatMemory('a');
    sessionStorage.setItem('huijian-place-a', '[1');
    expect(memory.read()).toBeNull();
    sessionStorage.setItem('huijian-place-a', 'null');
    expect(memory.read()).toBeNull();
    memory.write({ meeting: 'm', seat: 's', number: 0, starts_at_us: 1, ends_at_us: null, admitted_at_us: 2 });
    expect(memory.read()).toEqual({ meeting: 'm', seat: 's', number: 0, starts_at_us: 1, ends_at_us: null, admitted_at_us: 2 });
  });

  it('is the chosen devices', () => {
    expect(rememberedDevices()).toEqual({});
    rememberDevices({ audioId: 'x' });
    expect(rememberedDevices()).toEqual({ audioId: 'x' });
  });
});

describe('after signing in', () => {
  it.each([
    ['', '/lawyer/'],
    ['?next=%2Flawyer%2F%23%2Fbookings', '/lawyer/#/bookings'],
    ['?next=%2Fadmin%2F', '/lawyer/'],
    ['?next=%2F%2Fevil.example%2Flawyer%2F', '/lawyer/'],
    ['?next=https%3A%2F%2Fevil.example%2F', '/lawyer/'],
    ['?next=%2Flawyer%2F..%5Cadmin', '/lawyer/'],
  ])('%s leads a lawyer to %s', (search, page) => {
    expect(nextPage(search, 'lawyer')).toBe(page);
  });
});
