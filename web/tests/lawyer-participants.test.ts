// SPDX-License-Identifier: Apache-2.0
// A second lawyer on a booking: what the lists say, and what is refused before the server is asked.
import { describe, expect, it, vi } from 'vitest';
import { companions, isGuest } from '../lawyer/bookings';
import { licenceFault, licenceOf } from '../lawyer/participants';
import type { Booking, Lawyer, MeetingSeat } from '../lib/model';
import { whose } from '../staff/seats';
import { fingerprintGroups } from '../ui/fingerprint';

vi.mock('../ui/dialog', () => ({ isOwnEvent: () => true }));

const lawyer = (id: string): Lawyer => ({ id, name: id, licence: `1440120151012345${id.length}`, firm: '所' });
const booking = (own: string, ...others: string[]) =>
  ({ lawyer: lawyer(own), participants: others.map((id) => ({ lawyer: lawyer(id), added_at_us: 1 })) }) as unknown as Booking;

describe('a second lawyer', () => {
  it('is a guest, the one who booked is not, and a stranger neither', () => {
    expect(['chen', 'lin', 'wu'].map((id) => isGuest(booking('chen', 'lin'), id))).toEqual([false, true, false]);
  });

  it('and the first see each other', () => {
    expect(companions(booking('chen', 'lin'), 'chen')).toBe('lin');
    expect(companions(booking('chen', 'lin'), 'lin')).toBe('chen');
    expect(companions(booking('chen'), 'chen')).toBe('');
  });

  it('has a licence number of 17 digits, however it is written', () => {
    expect(licenceOf(' 1440 1201-5101 23452 ')).toBe('14401201510123452');
    expect(licenceFault('14401201510123452', booking('chen'))).toBe('');
    for (const wrong of ['', '1440120151012345', '144012015101234522', '1440120151012345x']) expect(licenceFault(wrong, booking('chen'))).not.toBe('');
  });

  it('is somebody else', () => {
    expect(licenceFault(booking('chen').lawyer.licence, booking('chen'))).toContain('自己');
  });

  it('is told by name where the role does not tell', () => {
    const seat = (id: string, role: string) => ({ seat: id, role, name: id }) as MeetingSeat;
    const [one, two, kiosk] = [seat('chen', 'lawyer'), seat('lin', 'lawyer'), seat('KT', 'kiosk')];
    expect([one, two, kiosk].map((each) => whose(each!, [one!, two!, kiosk!]))).toEqual(['chen', 'lin', '']);
    expect(whose(one!, [one!, kiosk!])).toBe('');
  });
});

describe('a fingerprint', () => {
  it('comes in groups of four, whatever stands between them', () => {
    const groups = ['709E', '80C8', '8487', 'A241', '1E1E', 'E4DF', 'B9F2', '2A86'];
    expect(fingerprintGroups(groups.join(' '))).toEqual(groups);
    expect(fingerprintGroups(groups.join('').toLowerCase())).toEqual(groups);
    expect(fingerprintGroups('709E:80C8')).toEqual(['709E', '80C8']);
    expect(fingerprintGroups(null)).toEqual([]);
  });
});
