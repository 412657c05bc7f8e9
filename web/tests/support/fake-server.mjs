// SPDX-License-Identifier: Apache-2.0
// A pretend huijiand for looking at the pages without one: REST and signalling as docs/protocol.md has them, all in memory,
// loopback only, with the strict CSP of the real nginx. People and cases are invented.
//
//   node tests/support/fake-server.mjs [port]      accounts: lawyer, desk, admin, supervisor; any password of 4 or more
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { WebSocketServer } from 'ws';
import { listen, now, problem, servePages, shut } from './fake-http.mjs';

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;

const words = (zh, en) => ({ zh, en });
let counter = 0;
/** As docs/protocol.md has it: eight groups of four. */
const fingerprintOf = (key) => createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 32).toUpperCase().match(/.{4}/g).join(' ');
/** `proof` is by the key (docs/protocol.md, Device). */
function isProven(key, proof, account) {
  const spki = Buffer.from(key, 'base64');
  const text = Buffer.concat([Buffer.from(`huijian-device-v1\0${account}\0`), spki]);
  return verify('sha256', text, { key: createPublicKey({ key: spki, format: 'der', type: 'spki' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(proof, 'base64url'));
}
const newId = () => `fake${String(++counter).padStart(4, '0')}${randomBytes(12).toString('hex').slice(0, 18)}`.replace(/[0189]/g, 'a');

export function makeData() {
  const centre = { id: 'centre1aaaaaaaaaaaaaaaaaaa', name: words('示例市第一看守所', 'Example No. 1 Detention Centre') };
  const centre2 = { id: 'centre2aaaaaaaaaaaaaaaaaaa', name: words('示例市第二看守所', 'Example No. 2 Detention Centre') };
  const lawyer = { id: 'lawyer1aaaaaaaaaaaaaaaaaaa', name: '陈思远', licence: '14401200810123456', firm: '示例正衡律师事务所' };
  const person = (n, name) => ({ id: `detainee${n}aaaaaaaaaaaaaaaaa`, name, code: `44010011120260${500 + n}0${n}23` });
  const client = (n, name, at, charge, stage, extra) => ({
    authority: `authority${n}aaaaaaaaaaaaaaaa`, kind: 'retained_by_relative', stages: [stage], detainee: person(n, name), centre: at,
    case: { id: `case${n}aaaaaaaaaaaaaaaaaaaaa`, charge, stage, number: stage === 'first_instance' ? '（2026）粤0199刑初123号' : null },
    allowed: true, next_booking: null, ...extra,
  });
  const suspended = {
    code: 'licence-valid', severity: 'deny', title: words('律师执业证当前不在执业状态', 'The practising licence is not valid today'),
    basis: words('《律师法》第六条、第四十九条', 'Lawyers Law, Arts. 6 and 49'),
    remedy: words('请向所属律师协会或司法行政机关核实执业状态，恢复执业后再申请。', 'Clear your status with the bar association or the justice bureau, then ask again.'),
  };
  const permission = {
    code: 'permission', severity: 'permission', title: words('侦查期间会见须经侦查机关许可', 'During investigation the investigator must permit a meeting'),
    basis: words('《刑事诉讼法》第三十九条第三款', 'Criminal Procedure Law, Art. 39(3)'),
    remedy: words('请向办案机关提出申请，三日内应当作出决定。', 'Apply to the investigating authority, which must decide within three days.'),
  };
  const note = {
    code: 'stage-soon', severity: 'note', title: words('委托书将于诉讼阶段变更后失效', 'The power of attorney ends when the stage changes'),
    basis: words('委托书载明的诉讼阶段', 'Stages named in the power of attorney'), remedy: words('请及时办理下一阶段的委托手续。', 'Prepare the power of attorney for the next stage.'),
  };
  return {
    centre, centre2, lawyer,
    clients: [
      client(1, '李志强', centre, '诈骗罪', 'investigation', { findings: [note] }),
      client(2, '王海', centre2, '故意伤害罪', 'first_instance', { findings: [] }),
      client(3, '赵敏', centre, '危害国家安全犯罪', 'investigation', { allowed: false, findings: [permission] }),
      client(4, '周明亮', centre, '盗窃罪', 'prosecution', { allowed: false, kind: 'legal_aid', findings: [suspended, permission] }),
    ],
    bookings: [],
    devices: [
      { id: 'device1aaaaaaaaaaaaaaaaaaa', name: 'Firefox 131 · Windows', fingerprint: '3F0A 91C2 D4E7 5B68 A0F3 1C9D 7E24 B856', state: 'active', added_at_us: now() - 40 * 24 * HOUR, seen_at_us: now() - 3 * 24 * HOUR, removed_at_us: null },
      { id: 'device2aaaaaaaaaaaaaaaaaaa', name: 'Edge 140 · Windows', fingerprint: 'B7D5 02E8 6A1F 94C3 5D70 E2B9 318C 4FA6', state: 'removed', added_at_us: now() - 90 * 24 * HOUR, seen_at_us: now() - 60 * 24 * HOUR, removed_at_us: now() - 50 * 24 * HOUR },
    ],
    // By licence number, what the server says of a colleague who shall take part.
    colleagues: {
      '14401201510123452': { lawyer: { id: 'lawyer2aaaaaaaaaaaaaaaaaaa', name: '林若溪', licence: '14401201510123452', firm: '示例衡平律师事务所' } },
      '14401201510123453': { problem: ['422', 'not-eligible', '暂不符合会见条件', { findings: [suspended] }] },
      '14401201510123454': { problem: ['409', 'slot-taken', '该时段已被预约', { taken: 'lawyer' }] },
    },
  };
}

/**
 * Starts on a port of the kernel's choice. options: root (built pages), port, role, onOffer (sdp -> answer sdp), onKey (from, to, body) and
 * onRoster (meeting, seats) for the other ends. Returns {url, data, meeting, close, ...} with calls that play the desk, the kiosk and the network.
 */
export async function startFakeServer(options = {}) {
  const data = makeData();
  let account = options.role ?? null;
  let takenOnce = false;
  const tickets = new Map();
  const sockets = new Map();
  const accounts = {
    lawyer: { role: 'lawyer', display_name: '陈思远', lawyer: data.lawyer },
    desk: { role: 'desk', display_name: '登记台一号', lawyer: null },
    admin: { role: 'administrator', display_name: '系统管理员', lawyer: null },
    supervisor: { role: 'supervisor', display_name: '驻所检察官', lawyer: null },
  };
  const me = () => ({
    account: { id: `account-${account}`, name: account, ...accounts[account], centres: [data.centre, data.centre2] },
    rights: [], now_us: now(), expires_at_us: now() + 8 * HOUR,
  });

  function slotsOf(client) {
    const length = 30 * MINUTE;
    const first = Math.floor(now() / length) * length;
    const slots = [];
    for (let at = first; at < first + 6 * 24 * HOUR; at += length) {
      const hour = Math.floor((at / HOUR + 8) % 24);
      if (at !== first && (hour < 9 || hour >= 18 || hour === 12)) continue;
      if (data.bookings.some((one) => one.starts_at_us === at && one.state !== 'CANCELLED')) continue;
      for (const n of [1, 2]) {
        if ((at / length + n) % 5 === 0) continue;
        slots.push({ centre: client.centre.id, room: `room${n}`, room_name: words(`第${n}会见室`, `Room ${n}`), starts_at_us: at, ends_at_us: at + length });
      }
    }
    return slots;
  }

  function bookingView(booking) {
    const can = [];
    if (['CONFIRMED', 'CHECKED_IN'].includes(booking.state) && booking.starts_at_us !== null && booking.starts_at_us - 30 * MINUTE < now()) can.push('join');
    if (booking.lawyer.id === data.lawyer.id && ['ASKED', 'REVIEW', 'CONFIRMED'].includes(booking.state)) can.push('cancel');
    if (['REVIEW', 'CONFIRMED', 'CHECKED_IN'].includes(booking.state)) {
      if (booking.lawyer.id === data.lawyer.id && booking.participants.length === 0) can.push('add-participant');
      if (booking.participants.length > 0) can.push('remove-participant');
    }
    return { ...booking, meeting: booking.meeting && { ...booking.meeting, state: meeting.state, ...meeting.course }, can };
  }

  function book({ authority, slot }) {
    const client = data.clients.find((one) => one.authority === authority);
    if (!client) return problem(404, 'not-found', '没有找到');
    if (!client.allowed) return problem(422, 'not-eligible', '暂不符合会见条件', { findings: client.findings });
    const free = slotsOf(client);
    const wanted = slot ? free.find((one) => one.starts_at_us === slot.starts_at_us && one.room === slot.room) : null;
    if (slot && (!wanted || (options.slotTakenOnce && !takenOnce))) {
      takenOnce = true;
      return problem(409, 'slot-taken', '该时段刚刚被预约', { alternatives: free.slice(3, 6) });
    }
    const booking = {
      id: newId(), state: slot ? 'CONFIRMED' : 'ASKED', authority, lawyer: data.lawyer, detainee: client.detainee, centre: client.centre,
      room: slot ? { id: wanted.room, name: wanted.room_name } : null, starts_at_us: wanted?.starts_at_us ?? null, ends_at_us: wanted?.ends_at_us ?? null,
      asked_at_us: now(), clock: { state: 'running', started_at_us: now(), due_at_us: now() + 48 * HOUR, met_at_us: null },
      checked_in_at_us: null, device_check: null, cancelled: null, participants: [], meeting: null, can: [],
    };
    data.bookings.push(booking);
    client.next_booking = { id: booking.id, starts_at_us: booking.starts_at_us, ends_at_us: booking.ends_at_us };
    return { status: 201, body: bookingView(booking) };
  }

  function addDevice({ name, public_key, proof }) {
    if (!isProven(public_key, proof, me().account.id)) return problem(403, 'token', '证明无效');
    const known = data.devices.find((one) => one.public_key === public_key && one.state === 'active');
    const device = known ?? { id: newId(), name, public_key, fingerprint: fingerprintOf(public_key), state: 'active', added_at_us: now(), seen_at_us: null, removed_at_us: null };
    if (!known) data.devices.push(device);
    return { status: 201, body: device };
  }

  function removeDevice(id) {
    const device = data.devices.find((one) => one.id === id);
    if (!device) return problem(404, 'not-found', '没有找到');
    if (device.state === 'active') Object.assign(device, { state: 'removed', removed_at_us: now() });
    return { status: 200, body: device };
  }

  function addParticipant(booking, { licence }) {
    const { lawyer, problem: refused } = data.colleagues[licence] ?? { problem: ['404', 'not-found', '没有找到'] };
    if (booking.participants.length > 0) return problem(429, 'too-many', '数量超过上限');
    if (refused) return problem(Number(refused[0]), refused[1], refused[2], refused[3]);
    booking.participants.push({ lawyer, added_at_us: now() });
    return { status: 200, body: bookingView(booking) };
  }

  async function route(method, path, query, body) {
    if (path === 'healthz') return { status: 200, body: { status: 'ok', version: 'fake', media: { nodes: 1 } } };
    if (path === 'login') {
      if (!accounts[body.account] || String(body.password).length < 4) return problem(401, 'login-failed', '账号或密码不正确');
      account = body.account;
      return { status: 200, body: me() };
    }
    if (!account) return problem(401, 'sign-in', '请先登录');
    if (path === 'logout') { account = null; return { status: 204 }; }
    if (path === 'me') return { status: 200, body: me() };
    if (path === 'me/password') return body.current === 'wrong' ? problem(401, 'login-failed', '密码不正确') : { status: 204 };
    if (path === 'me/devices') return method === 'POST' ? addDevice(body) : { status: 200, body: { devices: data.devices } };
    if (/^me\/devices\/[^/]+\/remove$/.test(path)) return removeDevice(path.split('/')[2]);
    if (path === 'tickets') {
      const ticket = randomBytes(16).toString('base64url');
      tickets.set(ticket, body);
      return { status: 201, body: { ticket, expires_at_us: now() + MINUTE } };
    }
    if (path === 'cases') return { status: 200, body: { clients: data.clients.map(({ findings, ...client }) => client) } };
    if (path === 'eligibility') {
      const client = data.clients.find((one) => one.authority === query.get('authority'));
      return client ? { status: 200, body: { authority: client.authority, allowed: client.allowed, checked_at_us: now(), findings: client.findings } }
        : problem(404, 'not-found', '没有找到');
    }
    if (path === 'slots') {
      const client = data.clients.find((one) => one.authority === query.get('authority'));
      return { status: 200, body: { slots: client && !options.noSlots ? slotsOf(client) : [], minutes: 30 } };
    }
    if (path === 'bookings') return method === 'POST' ? book(body) : { status: 200, body: { bookings: data.bookings.map(bookingView) } };
    const found = /^bookings\/([^/]+)(?:\/(.+))?$/.exec(path);
    const booking = found && data.bookings.find((one) => one.id === found[1]);
    if (booking) {
      if (found[2] === 'cancel') Object.assign(booking, { state: 'CANCELLED', cancelled: { by: 'lawyer', reason: body.reason }, clock: { ...booking.clock, state: 'stopped' } });
      if (found[2] === 'participants') return addParticipant(booking, body);
      const leaves = /^participants\/(.+)\/remove$/.exec(found[2] ?? '');
      if (leaves) booking.participants = booking.participants.filter(({ lawyer }) => lawyer.id !== leaves[1]);
      if (leaves?.[1] === data.lawyer.id) data.bookings = data.bookings.filter((one) => one !== booking);
      if (found[2] === 'device-check') { booking.device_check = body; return { status: 204 }; }
      return { status: 200, body: bookingView(booking) };
    }
    return problem(404, 'not-found', '没有找到');
  }

  const server = servePages((request, path, query, body) => route(request.method, path, query, body), options.root);
  const wss = new WebSocketServer({ server, path: '/ws', handleProtocols: (some) => (some.has('huijian.v1') ? 'huijian.v1' : false) });
  const meeting = { id: newId(), state: 'waiting', token: randomBytes(12).toString('base64url'), booking: null, seats: [], secured: 0, verdict: null };
  const tell = (message) => { for (const socket of sockets.keys()) socket.send(JSON.stringify(message)); };
  function roster() {
    const seats = meeting.seats.map((seat) => ({ ...seat, mids: seat.number === 0 ? null : [String(2 * (seat.number - 1)), String(2 * (seat.number - 1) + 1)] }));
    tell({ verb: 'seats', meeting: meeting.id, state: meeting.state, seats });
    options.onRoster?.(meeting.id, seats);
  }
  function end(reason, by, re) {
    meeting.state = 'ended';
    meeting.booking.state = 'HELD';
    meeting.course = { ...meeting.course, ended_at_us: now(), end_reason: reason, ended_by: by };
    tell({ verb: 'end', re, meeting: meeting.id, reason, by, at_us: now() });
  }

  wss.on('connection', (socket) => {
    const say = (message) => socket.send(JSON.stringify(message));
    say({ verb: 'hello', v: 1, nonce: randomBytes(32).toString('base64url'), origin: `http://localhost` });
    socket.on('message', async (raw) => {
      const message = JSON.parse(String(raw));
      const re = message.id;
      const refuse = (code, title) => say({ verb: 'error', re, code, title });
      switch (message.verb) {
        case 'hello': {
          const resumed = message.resume !== undefined && message.resume === meeting.token;
          if (!resumed && !tickets.delete(message.ticket)) return refuse('token', '凭据无效');
          sockets.set(socket, true);
          say({ verb: 'hello', v: 1, re, you: { kind: 'lawyer', id: data.lawyer.id, name: data.lawyer.name }, resumed });
          if (resumed) roster();
          return;
        }
        case 'join': {
          const booking = data.bookings.find((one) => one.id === message.booking);
          if (!booking) return refuse('not-found', '没有找到');
          if (options.refuseJoin) return refuse('not-eligible', '暂不符合会见条件');
          const device = data.devices.find(({ id, state }) => id === message.device && state === 'active');
          if (!device) return refuse('device', '此浏览器没有登记');
          device.seen_at_us = now();
          meeting.device = device.id;
          meeting.booking = booking;
          booking.meeting = { id: meeting.id, state: meeting.state };
          meeting.seats = [{ seat: 'seatlawyer', number: 0, role: 'lawyer', name: data.lawyer.name, state: 'waiting', identity: device.public_key }, ...meeting.seats.filter((seat) => seat.number !== 0)];
          say({ verb: 'join', re, meeting: meeting.id, booking: booking.id, seat: 'seatlawyer', number: 0, role: 'lawyer', token: meeting.token, state: meeting.state, starts_at_us: booking.starts_at_us, ends_at_us: booking.ends_at_us });
          return roster();
        }
        case 'offer': {
          const sdp = await options.onOffer?.(message.sdp);
          if (!sdp) return refuse('unavailable', '媒体服务暂不可用');
          say({ verb: 'answer', re, sdp });
          meeting.seats[0].state = meeting.state === 'live' ? 'admitted' : 'connected';
          return roster();
        }
        case 'key':
          return options.onKey?.('seatlawyer', message.to ?? null, message.body);
        case 'secured':
          meeting.secured = message.epoch;
          return undefined;
        case 'verify':
          meeting.verdict = message.result;
          if (options.deaf) return undefined;
          say({ verb: 'verify', re });
          return message.result === 'different' ? end('code-different', 'lawyer') : undefined;
        case 'quality':
          meeting.quality = message.level;
          return undefined;
        case 'leave':
          meeting.seats[0].state = 'left';
          say({ verb: 'leave', re });
          return roster();
        case 'end':
          return end(message.reason, 'lawyer', re);
        default:
          return refuse('unknown-verb', '未知');
      }
    });
    socket.on('close', () => sockets.delete(socket));
  });

  const url = await listen(server, options.port);
  return {
    url, data, meeting, roster, tell,
    /** A colleague's booking in which the signed-in lawyer takes part. */
    invite() {
      const booking = book({ authority: data.clients[0].authority, slot: slotsOf(data.clients[0])[4] }).body;
      Object.assign(data.bookings.at(-1), { lawyer: data.colleagues['14401201510123452'].lawyer, participants: [{ lawyer: data.lawyer, added_at_us: now() }] });
      data.clients[0].next_booking = null;
      return booking.id;
    },
    checkIn() {
      Object.assign(meeting.booking, { state: 'CHECKED_IN', checked_in_at_us: now() });
    },
    /** A seat comes in with the key of its device; the kiosk unless told. */
    joins(identity, state = 'connected', number = 1, role = 'kiosk', name = data.clients[0].detainee.name) {
      meeting.seats = [...meeting.seats.filter((seat) => seat.number !== number), { seat: `seat${number}`, number, role, name, state, identity }];
      roster();
    },
    /** A booking that begins now, as if made on the page. */
    book() {
      const [client] = data.clients;
      return book({ authority: client.authority, slot: slotsOf(client)[0] }).body;
    },
    /** The seat cannot be taken again: the page has to join anew. */
    forgetSeat() {
      meeting.token = randomBytes(12).toString('base64url');
      for (const socket of wss.clients) socket.terminate();
    },
    leaves(number) {
      meeting.seats = meeting.seats.map((seat) => (seat.number === number ? { ...seat, state: 'left' } : seat));
      roster();
    },
    /** What another end says to the page. */
    key(from, to, body) {
      if (to === null || to === 'seatlawyer') tell({ verb: 'key', meeting: meeting.id, from, body });
    },
    admit() {
      meeting.state = 'live';
      meeting.course = { admitted_at_us: now() };
      meeting.booking.clock = { ...meeting.booking.clock, state: 'met', met_at_us: now() };
      meeting.seats = meeting.seats.map((seat) => ({ ...seat, state: 'admitted' }));
      tell({ verb: 'admit', meeting: meeting.id, at_us: now() });
      roster();
    },
    dropSockets() {
      for (const socket of wss.clients) socket.terminate();
    },
    sockets: () => sockets.size,
    close: () => shut(server, wss),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const fake = await startFakeServer({ port: Number(process.argv[2] ?? 8099) });
  console.log(fake.url);
}
