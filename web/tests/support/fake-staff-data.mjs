// SPDX-License-Identifier: Apache-2.0
// Invented people, bookings, meetings and records for looking at the pages of desk, administrator and supervisor.
import { now } from './fake-http.mjs';

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SHIFT = 8 * HOUR;
const words = (zh, en) => ({ zh, en });
const id = (text) => text.padEnd(26, 'a');

const today = () => Math.floor((now() + SHIFT) / DAY) * DAY - SHIFT;

const centre = (n, zh, en, code) => ({ id: id(`centre${n}`), code, name: words(zh, en), zone: 'Asia/Shanghai' });
const named = ({ id: is, name }) => ({ id: is, name });
const firms = ['示例正衡律师事务所', '示例衡平律师事务所', '示例南粤律师事务所'];
const lawyer = (n, name, status = 'practising') => ({ id: id(`lawyer${n}`), name, licence: `1440120151012345${n}`, firm: firms[n % 3], status });
const detainee = (n, name) => ({ id: id(`detainee${n}`), name, code: `44010011120260${500 + n}0${n}23` });
export const finding = {
  code: 'licence-valid', severity: 'deny', title: words('律师执业证当前不在执业状态', 'The practising licence is not valid today'),
  basis: words('《律师法》第六条、第四十九条', 'Lawyers Law, Arts. 6 and 49'),
  remedy: words('请律师向所属律师协会或司法行政机关核实执业状态。', 'The lawyer clears the status with the bar association or the justice bureau.'),
};

function clock(started_at_us, met_at_us = null, state) {
  return { state: state ?? (met_at_us === null ? 'running' : 'met'), started_at_us, due_at_us: started_at_us + 48 * HOUR, met_at_us };
}

export function makeStaffData() {
  const c1 = centre(1, '示例市第一看守所', 'Example No. 1 Detention Centre', '440100111');
  const c2 = centre(2, '示例市第二看守所', 'Example No. 2 Detention Centre', '440100112');
  const rooms = [1, 2, 3].map((n) => ({ id: id(`room${n}`), centre: c1.id, name: words(`第${n}会见室`, `Room ${n}`), open: n !== 3, kiosk: n < 3 ? id(`kiosk${n}`) : null }));
  rooms.push({ id: id('room4'), centre: c2.id, name: words('第1会见室', 'Room 1'), open: true, kiosk: id('kiosk4') });
  const kiosks = [
    { id: id('kiosk1'), room: rooms[0].id, name: 'KT-0001', state: 'approved', fingerprint: '7A1C 09EF B2D4 5566 0BAD 91F3 C0DE 4E21', online: true, seen_at_us: now() },
    { id: id('kiosk2'), room: rooms[1].id, name: 'KT-0002', state: 'approved', fingerprint: '18B0 F2C7 6D3E 9A45 E07C 2214 88AF 51D9', online: false, seen_at_us: now() - 3 * HOUR },
    { id: id('kiosk3'), room: rooms[2].id, name: 'KT-0003', state: 'enrolled', fingerprint: 'C41D 8E07 A95B 3F60 D218 7BC4 06E9 F13A', online: false, seen_at_us: null },
    { id: id('kiosk4'), room: rooms[3].id, name: 'KT-0104', state: 'invited', fingerprint: null, online: false, seen_at_us: null },
    { id: id('kiosk0'), room: rooms[0].id, name: 'KT-0000', state: 'retired', fingerprint: '90C3 5A1E 77B2 D408 3FE6 61AB C95D 2E70', online: false, seen_at_us: now() - 40 * DAY },
  ];
  const lawyers = [lawyer(1, '陈思远'), lawyer(2, '林若溪'), lawyer(3, '欧阳文博'), lawyer(4, '何嘉明', 'suspended')];
  const people = [detainee(1, '李志强'), detainee(2, '王海'), detainee(3, '赵敏'), detainee(4, '阿卜杜拉·买买提'), detainee(5, '周明亮'), detainee(6, '孙立')];

  // The day's times stand around now, so that the list has past and future at any hour.
  const slot = (n) => Math.min(Math.max(Math.floor(now() / (30 * MINUTE)) * 30 * MINUTE + n * 30 * MINUTE, today()), today() + 47 * 30 * MINUTE);
  const booking = (n, state, at, l, d, room, more = {}) => ({
    id: id(`booking${n}`), state, authority: id(`authority${n}`), lawyer: lawyers[l], detainee: people[d], centre: named(c1),
    room: room === null ? null : named(rooms[room]), starts_at_us: at, ends_at_us: at === null ? null : at + 30 * MINUTE,
    asked_at_us: now() - (n * 5 + 6) * HOUR, clock: clock(now() - (n * 5 + 6) * HOUR), checked_in_at_us: null, device_check: null, cancelled: null, participants: [], meeting: null, can: [], ...more,
  });
  const check = { camera: 'ok', microphone: 'ok', speaker: 'ok', connection: 'ok', browser: 'Chromium' };
  const bookings = [
    booking(1, 'HELD', slot(-2), 2, 5, 0, { clock: clock(now() - 20 * HOUR, slot(-2)), checked_in_at_us: slot(-2) - 5 * MINUTE, meeting: { id: id('meeting1'), state: 'ended' } }),
    booking(2, 'CHECKED_IN', slot(0), 0, 0, 0, { clock: clock(now() - 20 * HOUR, now() - 11 * MINUTE), checked_in_at_us: now() - 15 * MINUTE, participants: [{ lawyer: lawyers[2], added_at_us: now() - 5 * HOUR }], meeting: { id: id('meeting2'), state: 'live' }, can: ['end'] }),
    booking(3, 'CONFIRMED', slot(0), 1, 1, 1, { meeting: { id: id('meeting3'), state: 'waiting' }, can: ['check-in', 'cancel'], device_check: check }),
    booking(4, 'CONFIRMED', slot(1), 3, 2, 0, { can: ['check-in', 'cancel'], device_check: { ...check, microphone: 'failed' } }),
    booking(5, 'CONFIRMED', slot(2), 0, 3, 1, { can: ['check-in', 'cancel'] }),
    booking(6, 'CANCELLED', slot(3), 1, 4, 0, { cancelled: { by: 'desk', reason: '在押人员就医' }, clock: clock(now() - 40 * HOUR) }),
    booking(10, 'REVIEW', slot(4), 0, 5, 1, { asked_at_us: now() - 3 * HOUR, clock: clock(now() - 3 * HOUR), can: ['confirm', 'cancel'] }),
    booking(11, 'REVIEW', today() + 2 * DAY + 10 * HOUR, 2, 4, 0, { asked_at_us: now() - 30 * HOUR, clock: clock(now() - 30 * HOUR), can: ['confirm', 'cancel'] }),
    booking(7, 'ASKED', null, 1, 4, null, { asked_at_us: now() - 41 * HOUR, clock: clock(now() - 41 * HOUR), can: ['cancel'] }),
    booking(8, 'ASKED', null, 2, 2, null, { asked_at_us: now() - 51 * HOUR, clock: clock(now() - 51 * HOUR, null, 'overdue'), can: ['cancel'] }),
    booking(12, 'NOT_HELD', slot(1), 1, 5, 1, { asked_at_us: now() - 9 * HOUR, clock: clock(now() - 9 * HOUR), checked_in_at_us: now() - 40 * MINUTE, meeting: { id: id('meeting12'), state: 'ended', admitted_at_us: now() - 35 * MINUTE, ended_at_us: now() - 33 * MINUTE, end_reason: 'code-different', ended_by: 'kiosk' } }),
  ];

  const seat = (role, name, state, joined, left = null, quality = null, more = {}) => ({ seat: id(`seat${role}`), secured: state === 'admitted', ...more, role, name, state, joined_at_us: joined, left_at_us: left, quality });
  const meeting = (n, state, b, more) => ({
    id: id(`meeting${n}`), booking: b.id, state, centre: b.centre, room: b.room,
    lawyer: { name: b.lawyer.name, licence: b.lawyer.licence, firm: b.lawyer.firm }, detainee: { name: b.detainee.name, code: b.detainee.code },
    asked_at_us: b.asked_at_us, checked_in_at_us: b.checked_in_at_us, admitted_at_us: null, ended_at_us: null, end_reason: null, delivered_us: 0, lost_us: 0,
    clock: b.clock, seats: [], ...more,
  });
  const live = [
    meeting(2, 'live', bookings[1], { admitted_at_us: now() - 11 * MINUTE, seats: [seat('lawyer', '陈思远', 'admitted', now() - 20 * MINUTE, null, 3), seat('lawyer', '欧阳文博', 'admitted', now() - 13 * MINUTE, null, 2, { seat: id('seatsecond') }), seat('kiosk', 'KT-0001', 'admitted', now() - 14 * MINUTE, null, 2)] }),
    meeting(3, 'waiting', bookings[2], { seats: [seat('lawyer', '林若溪', 'connected', now() - 4 * MINUTE)] }),
  ];
  const other = { ...bookings[4], id: id('booking9'), centre: named(c2), room: named(rooms[3]), lawyer: lawyers[1], detainee: people[4], checked_in_at_us: now() - 40 * MINUTE };
  live.push(meeting(9, 'cut_off', other, { admitted_at_us: now() - 34 * MINUTE, clock: clock(now() - 30 * HOUR, now() - 34 * MINUTE), seats: [seat('lawyer', '林若溪', 'admitted', now() - 39 * MINUTE, null, 2), seat('kiosk', 'KT-0104', 'dropped', now() - 38 * MINUTE, null, 1)] }));

  // As the server hands them out: actors by id, what was noted as text.
  const record = (at, act, actor, role, result = 'done', reason = null, detail = null) => ({ at_us: at, act, actor, role, result, reason, detail: detail && JSON.stringify(detail) });
  const past = [];
  for (let n = 0; n < 9; n += 1) {
    const begin = (n === 0 ? slot(-2) : today() - Math.ceil(n / 2) * DAY + (9 + (n % 5)) * HOUR) + 3 * MINUTE;
    const b = { ...bookings[n % 5], id: id(n === 0 ? 'booking1' : `booking5${n}`), centre: n % 3 === 2 ? named(c2) : named(c1), room: n % 3 === 2 ? named(rooms[3]) : named(rooms[n % 2]) };
    const begun = n !== 4;
    // Of one the codes differed, of another nobody compared them.
    const codes = n === 2 ? [null, null] : n === 3 ? ['same', 'different'] : ['same', 'same'];
    const told = (at) => (code) => ({ code, events: begun ? [{ at_us: begin - 30_000_000, kind: 'secured' }, ...(code ? [{ at_us: begin + at, kind: `code-${code}` }] : [])] : [] });
    const asked = begin - 21 * HOUR;
    const m = meeting(n === 0 ? 1 : `5${n}`, 'ended', b, {
      asked_at_us: asked, checked_in_at_us: begin - 6 * MINUTE, admitted_at_us: begun ? begin : null, ended_at_us: begin + 27 * MINUTE, end_reason: begun ? ['done', 'done', 'fault', 'code-different', 'help'][n % 5] : 'identity',
      delivered_us: begun ? 27 * MINUTE - 43_000_000 : 0, lost_us: begun ? 43_000_000 : 0, clock: begun && n !== 3 ? clock(asked, begin) : clock(asked),
      seats: [seat('lawyer', b.lawyer.name, 'left', begin - 9 * MINUTE, begin + 27 * MINUTE, 3, told(40_000_000)(codes[0])), seat('kiosk', 'KT-0001', 'left', begin - 4 * MINUTE, begin + 27 * MINUTE, 3, told(n === 3 ? 27 * MINUTE : 46_000_000)(codes[1]))],
    });
    const who = { lawyer: id('accountlawyer'), desk: id('accountdesk'), kiosk: id('accountkiosk'), machine: 'machine' };
    const of = (role, act, at, more = []) => record(at, act, who[role], role, ...more);
    if (n === 5) m.seats.push(seat('lawyer', '陈思远', 'left', begin + 5 * MINUTE, begin + 27 * MINUTE, 2, { seat: id('seatsecond'), ...told(6 * MINUTE)('same') }));
    m.ended_by = n === 3 ? 'kiosk' : begun ? 'lawyer' : 'desk';
    m.record = [
      of('lawyer', 'book', asked),
      of('lawyer', 'device-check', asked + 14 * HOUR),
      of('lawyer', 'join', begin - 12 * MINUTE, ['refused', 'state']),
      of('lawyer', 'join', begin - 9 * MINUTE, ['done', null, { seat: id('seatlawyer') }]),
      of('desk', 'check-in', begin - 6 * MINUTE, ['done', null, { taken_out_at_us: begin - 16 * MINUTE, arrived_at_us: begin - 8 * MINUTE }]),
      of('kiosk', 'join', begin - 4 * MINUTE, ['done', null, { seat: id('seatkiosk') }]),
      ...(begun ? [
        of('machine', 'admit', begin),
        of('machine', 'drop', begin + 9 * MINUTE, ['done', null, { seat: id('seatkiosk') }]),
        of('machine', 'cut-off', begin + 9 * MINUTE + 5_000_000),
        of('kiosk', 'resume', begin + 9 * MINUTE + 41_000_000),
        of('machine', 'restore', begin + 9 * MINUTE + 48_000_000),
      ] : []),
      ...(n === 5 ? [
        record(begin + 5 * MINUTE, 'join', id('accountsecond'), 'lawyer', 'done', null, { seat: id('seatsecond') }),
        of('machine', 'admit', begin + 5 * MINUTE + 4_000_000, ['done', null, { seats: [id('seatsecond')] }]),
      ] : []),
      of(m.ended_by, n === 3 ? 'verify' : 'end', begin + 27 * MINUTE, ['done', null, { ...(n === 3 ? { seat: id('seatkiosk'), result: 'different' } : {}), reason: m.end_reason }]),
    ];
    past.push(m);
  }

  const clocks = [...bookings, other].map((b, n) => ({ id: id(`clock${n}`), kind: 'meeting-48h', booking: b.id, centre: b.centre.id, ...b.clock }));
  const account = (name, display_name, role, centres, more = {}) => ({ id: `account-${name}`, name, display_name, role, state: 'active', centres, lawyer: null, ...more });
  const accounts = [
    account('admin', '系统管理员', 'administrator', [c1.id, c2.id]), account('desk', '登记台一号', 'desk', [c1.id]), account('desk2', '登记台二号', 'desk', [c2.id]),
    account('supervisor', '驻所检察官 刘正', 'supervisor', [c1.id, c2.id]), account('chen.siyuan', '陈思远', 'lawyer', [], { lawyer: lawyers[0] }),
    account('lin.ruoxi', '林若溪', 'lawyer', [], { lawyer: lawyers[1] }), account('old.desk', '原登记员', 'desk', [c1.id], { state: 'disabled' }),
  ];
  const office = [['08:30', '11:30'], ['14:00', '17:30']];
  const policies = [
    { centre: c1.id, version: 3, effective_from_us: today() - 20 * DAY, document: { slot_minutes: 30, open: { mon: office, tue: office, wed: office, thu: office, fri: office, sat: [['09:00', '11:30']], sun: [] }, book_ahead_hours: 0, book_until_hours: 336, late_minutes: 10, review: false, always_open: false } },
    { centre: c2.id, version: 1, effective_from_us: today() - 200 * DAY, document: { slot_minutes: 60, open: { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] }, book_ahead_hours: 0, book_until_hours: 168, late_minutes: 10, review: true, always_open: true } },
  ];
  const acts = ['book', 'check-in', 'join', 'admit', 'end', 'create-kiosk', 'update-policy', 'set-password', 'follow', 'join'];
  const roles = ['lawyer', 'desk', 'lawyer', 'machine', 'lawyer', 'administrator', 'administrator', 'administrator', 'supervisor', 'kiosk'];
  const audit = Array.from({ length: 120 }, (_, n) => ({
    seq: n + 1, at_us: now() - (120 - n) * 7 * MINUTE, actor: roles[n % 10] === 'machine' ? 'machine' : id(`actor${n % 7}`), role: roles[n % 10], act: acts[n % 10],
    object: n % 10 === 7 ? null : `booking:${id(`booking${n % 9}`)}`, result: n % 9 === 4 ? 'refused' : 'done', reason: n % 9 === 4 ? 'state' : null,
  }));
  return { centres: [c1, c2], rooms, kiosks, lawyers, bookings, live, past, clocks, accounts, policies, audit };
}
