// SPDX-License-Identifier: Apache-2.0
// huijian-peer (tests/peer/main.c) as a kiosk or a lawyer of the running service: what it said so far, and waiting for what it
// will say.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT } from '../e2e/browser.mjs';
import { until } from '../e2e/service.mjs';

export const PROGRAMS = process.env.HJ_PROGRAMS ?? resolve(ROOT, 'build/test');

export class Native {
  /** options: as of the command line. server: another way to the service than its own. */
  constructor(service, role, name, options = [], server = service.secure) {
    this.name = name;
    this.events = [];
    this.media = { tracks: [] };
    this.dump = resolve(service.folder, `dump-${name}`);
    const state = resolve(service.folder, `peer-${name}`);
    for (const folder of [this.dump, state]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.child = spawn(resolve(PROGRAMS, 'tests/peer/huijian-peer'),
      [role, '--server', server, '--ca', resolve(service.folder, 'tls/ca.pem'), '--state', state, '--dump', this.dump, ...options],
      { stdio: ['pipe', 'pipe', openSync(resolve(service.folder, `log/peer-${name}.log`), 'a')] });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.event === 'media') this.media = event;
      else this.events.push(event);
    });
  }

  tell(what, members = {}) {
    this.child.stdin.write(`${JSON.stringify({ do: what, ...members })}\n`);
  }

  /** The last such event after the first `since`. */
  said(event, members = {}, since = 0) {
    return this.events.slice(since).findLast((one) => one.event === event && Object.entries(members).every(([key, value]) => one[key] === value));
  }

  waitSaid(event, members = {}, since = 0, seconds = 20) {
    return until(() => this.said(event, members, since), `${this.name}: ${event} after ${JSON.stringify(this.events.slice(-6))}`, seconds);
  }

  /** What it makes of another seat's pictures or sounds. */
  track(number, kind) {
    return this.media.tracks.find((one) => one.number === number && one.kind === kind) ?? { frames: {}, pictures: 0, samples: 0 };
  }

  get number() {
    return this.said('seated').number;
  }

  get epoch() {
    return this.said('epoch');
  }

  /** Until it decodes `more` pictures and some sound of that seat than now. */
  async meets(number, more = 10) {
    const [pictures, samples] = [this.track(number, 'video').pictures, this.track(number, 'audio').samples];
    await until(() => this.track(number, 'video').pictures >= pictures + more && this.track(number, 'audio').samples > samples + 9600,
      `${this.name} sees and hears ${number} (${JSON.stringify(this.media.tracks)})`, 20);
  }

  keys() {
    const file = resolve(this.dump, 'keys.jsonl');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) : [];
  }

  frames(name) {
    const file = resolve(this.dump, name);
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    const frames = [];
    for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt32BE(at)) frames.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
    return frames;
  }

  stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    return new Promise((stopped) => {
      const late = setTimeout(() => this.child.kill('SIGKILL'), 10000);
      this.child.on('exit', (code) => (clearTimeout(late), stopped(code)));
      this.child.stdin.end();
    });
  }
}

/** Somebody signed in at the REST interface, without a page. */
export async function signInRest(service, account) {
  let cookie = '';
  const ask = async (method, path, body) => {
    const answer = await fetch(`${service.url}/api/${path}`, {
      method,
      headers: { 'X-Huijian': '1', Origin: service.url, Cookie: cookie, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  await ask('POST', 'login', { account, password: service.password });
  return ask;
}

/** Invites, enrols and approves a native kiosk in the first centre's first room. */
export async function nativeKiosk(service, name = 'native', options = [], server = undefined) {
  const admin = await signInRest(service, 'root-admin');
  const [centre] = (await admin('GET', 'centres')).centres.sort((a, b) => (a.code < b.code ? -1 : 1));
  const rooms = (await admin('GET', 'rooms')).rooms.filter((room) => room.centre === centre.id).sort((a, b) => (a.name.zh < b.name.zh ? -1 : 1));
  const invited = await admin('POST', 'kiosks', { room: rooms[0].id, name });
  const kiosk = new Native(service, 'kiosk', name, ['--token', invited.token, ...options], server);
  const { fingerprint } = await kiosk.waitSaid('enrolled');
  await admin('PUT', `kiosks/${invited.id}`, { state: 'approved', fingerprint });
  await kiosk.waitSaid('online');
  return kiosk;
}

export const nativeLawyer = (service, account, booking, options = [], server = undefined) =>
  new Native(service, 'lawyer', account, ['--account', account, '--password', service.password, '--booking', booking, ...options], server);

/** The licence of a lawyer of the demo's data. */
export const licenceOf = (service, account) =>
  JSON.parse(readFileSync(resolve(service.folder, 'records.accounts.json'), 'utf8')).find((one) => one.account === account).licence;
