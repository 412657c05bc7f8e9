// SPDX-License-Identifier: Apache-2.0
// A pretend huijiand for the pages of desk, administrator and supervisor: the routes of docs/protocol.md that they use, the
// follow verb, the strict CSP; loopback only.
//
//   node tests/support/fake-staff.mjs [port] [root]      accounts: desk, admin, supervisor; any password of 4 or more
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { WebSocketServer } from 'ws';
import { listen, now, problem, servePages, shut } from './fake-http.mjs';
import { finding, makeStaffData } from './fake-staff-data.mjs';

const MINUTE = 60_000_000;
const newId = () => randomBytes(16).toString('hex').slice(0, 26).replace(/[0189]/g, 'a');
const ok = (body, status = 200) => ({ status, body });

const RIGHTS = {
  desk: ['list-bookings', 'confirm', 'check-in', 'cancel', 'end', 'list-meetings', 'list-clocks', 'list-rooms', 'list-kiosks'],
  admin: ['list-accounts', 'create-account', 'list-kiosks', 'create-kiosk'],
  supervisor: ['follow', 'list-meetings', 'list-clocks', 'list-audit'],
};
const ROLES = { desk: 'desk', admin: 'administrator', supervisor: 'supervisor' };

/** Starts on a port of the kernel's choice; returns {url, data, tell, dropSockets, refuseSockets, requests, close}. */
export async function startFakeStaff(options = {}) {
  const data = makeStaffData();
  const tickets = new Set();
  const followers = new Set();
  const requests = [];
  let who = null;
  let deaf = false;
  const find = (list, id) => list.find((one) => one.id === id);

  const me = () => {
    const account = data.accounts.find(({ name }) => name === who);
    const centres = data.centres.filter(({ id }) => account.centres.includes(id)).map(({ id, name }) => ({ id, name }));
    return { account: { id: account.id, name: who, display_name: account.display_name, role: ROLES[who], scope: 'centres', lawyer: null, centres }, rights: RIGHTS[who], now_us: now(), expires_at_us: now() + 8 * 60 * MINUTE };
  };

  function actOn(booking, act, body) {
    if (act === 'confirm') Object.assign(booking, { state: 'CONFIRMED', can: ['cancel'] });
    if (act === 'check-in') {
      if (body.identity_confirmed !== true) return problem(400, 'invalid', '提交的内容不完整或有误，请更正后重试', { detail: 'identity_confirmed' });
      if (booking.starts_at_us - now() > 30 * MINUTE) return problem(409, 'state', '当前状态下不能进行此操作', { from_us: booking.starts_at_us - 60 * MINUTE, to_us: booking.ends_at_us });
      if (booking.lawyer.status === 'suspended') return problem(422, 'not-eligible', '暂不符合会见条件', { findings: [finding] });
      Object.assign(booking, { state: 'CHECKED_IN', checked_in_at_us: now(), can: booking.meeting ? ['end'] : [] });
    }
    if (act === 'cancel') Object.assign(booking, { state: 'CANCELLED', cancelled: { by: 'desk', reason: body.reason }, can: [] });
    if (act === 'end') {
      Object.assign(booking, { state: 'HELD', can: [], meeting: { ...booking.meeting, state: 'ended' } });
      const meeting = data.live.find((one) => one.booking === booking.id);
      if (meeting) Object.assign(meeting, { state: 'ended', ended_at_us: now(), end_reason: body.reason, delivered_us: now() - meeting.admitted_at_us });
    }
    return ok(booking);
  }

  function createAccount(body) {
    if (data.accounts.some(({ name }) => name === body.name)) return problem(409, 'exists', '已存在相同的记录');
    const account = { id: newId(), name: body.name, display_name: body.display_name, role: body.role, state: 'active', centres: body.centres ?? [], lawyer: find(data.lawyers, body.lawyer) ?? null };
    data.accounts.push(account);
    return ok(account, 201);
  }

  function create(kind, body) {
    if (kind === 'accounts') return createAccount(body);
    const one = { id: newId(), ...body };
    if (kind === 'kiosks') Object.assign(one, { state: 'invited', fingerprint: null, online: false, seen_at_us: null });
    data[kind].push(one);
    return ok(kind === 'kiosks' ? { ...one, token: 'k7m2-q9xw-4tzp-h3vd' } : one, 201);
  }

  function route(method, path, query, body) {
    if (path === 'login') {
      if (!ROLES[body.account]) return problem(401, 'login-failed', '账号或密码不正确');
      who = body.account;
      return ok(me());
    }
    if (!who) return problem(401, 'sign-in', '请先登录');
    if (path === 'logout') { who = null; return { status: 204 }; }
    if (path === 'me') return ok(me());
    if (path === 'tickets') {
      const ticket = newId();
      tickets.add(ticket);
      return ok({ ticket, expires_at_us: now() + MINUTE }, 201);
    }
    // As the server: a request without a slot belongs to every list.
    if (path === 'bookings') {
      const from = Number(query.get('from_us') ?? 0);
      const to = Number(query.get('to_us') ?? Number.MAX_SAFE_INTEGER);
      return ok({ bookings: data.bookings.filter(({ starts_at_us: at }) => at === null || (at >= from && at < to)) });
    }
    if (path === 'meetings') {
      if (query.get('state') === 'live') return ok({ meetings: data.live.filter(({ state }) => state !== 'ended') });
      return ok({ meetings: data.past.filter(({ ended_at_us: at }) => at >= Number(query.get('from_us')) && at < Number(query.get('to_us'))).map(({ record, ...rest }) => rest) });
    }
    if (path === 'clocks') return ok({ clocks: data.clocks });
    if (path === 'lawyers') return ok({ lawyers: data.lawyers.filter(({ name, licence }) => name.includes(query.get('q')) || licence.includes(query.get('q'))) });
    if (path === 'audit/entries') {
      const before = Number(query.get('before') ?? Number.MAX_SAFE_INTEGER);
      const fitting = data.audit.filter(({ seq, object }) => seq < before && (!query.has('object') || object === query.get('object'))).reverse();
      const entries = fitting.slice(0, Number(query.get('limit') ?? 50));
      return ok({ entries, next: entries.length < fitting.length ? entries.at(-1).seq : null });
    }
    const [kind, id, act] = path.split('/');
    if (kind === 'policies') {
      if (method === 'GET') return ok({ policies: data.policies.filter(({ centre }) => centre === query.get('centre')) });
      const version = Math.max(0, ...data.policies.filter(({ centre }) => centre === id).map((one) => one.version)) + 1;
      const policy = { centre: id, version, effective_from_us: now(), document: body.document };
      data.policies.push(policy);
      return ok(policy);
    }
    if (kind === 'bookings' && find(data.bookings, id)) return actOn(find(data.bookings, id), act, body);
    if (kind === 'meetings') {
      const meeting = find([...data.past, ...data.live], id);
      return meeting ? ok({ record: [], ...meeting }) : problem(404, 'not-found', '没有找到');
    }
    if (['centres', 'rooms', 'kiosks', 'accounts'].includes(kind)) {
      if (!id) return method === 'POST' ? create(kind, body) : ok({ [kind]: data[kind] });
      const one = find(data[kind], id);
      if (one && body.state === 'approved' && body.fingerprint !== one.fingerprint) return problem(409, 'state', '当前状态下不能进行此操作', { detail: 'fingerprint' });
      if (one && act === 'password') return { status: 204 };
      if (one) return ok(Object.assign(one, body));
    }
    return problem(404, 'not-found', '没有找到');
  }

  const server = servePages((request, path, query, body) => {
    requests.push({ method: request.method, path, body, key: request.headers['idempotency-key'] ?? null });
    return deaf ? problem(503, 'unavailable', '') : route(request.method, path, query, body);
  }, options.root);
  const wss = new WebSocketServer({ server, path: '/ws', handleProtocols: (some) => (some.has('huijian.v1') ? 'huijian.v1' : false) });
  wss.on('connection', (socket) => {
    if (deaf) return socket.terminate();
    const say = (message) => socket.send(JSON.stringify(message));
    say({ verb: 'hello', v: 1, nonce: randomBytes(32).toString('base64url'), origin: 'http://localhost' });
    socket.on('message', (raw) => {
      const message = JSON.parse(String(raw));
      if (message.verb === 'hello' && tickets.delete(message.ticket)) return say({ verb: 'hello', v: 1, re: message.id, you: { kind: 'follower', id: 'account-supervisor', name: '驻所检察官' }, resumed: false });
      if (message.verb === 'follow') {
        followers.add(socket);
        return say({ verb: 'follow', re: message.id, meetings: data.live.filter(({ state }) => state !== 'ended') });
      }
      return say({ verb: 'error', re: message.id, code: 'token', title: '凭据无效' });
    });
    socket.on('close', () => followers.delete(socket));
    return undefined;
  });

  const url = await listen(server, options.port);
  return {
    url, data, requests,
    signIn(account) { who = account; },
    /** One meeting changed: each follower hears of it. */
    tell(meeting) { for (const socket of followers) socket.send(JSON.stringify({ verb: 'follow', meeting })); },
    followers: () => followers.size,
    /** Nothing answers any more, until it is called with false. */
    goDeaf(value) {
      deaf = value;
      if (deaf) for (const socket of wss.clients) socket.terminate();
    },
    close: () => shut(server, wss),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const fake = await startFakeStaff({ port: Number(process.argv[2] ?? 8098), ...(process.argv[3] ? { root: process.argv[3] } : {}) });
  console.log(fake.url);
}
