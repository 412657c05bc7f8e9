// SPDX-License-Identifier: Apache-2.0
// huijian-peer as a child of a test: what it said so far, and waiting for what it will say (tests/peer/main.c lists both).
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT } from '../e2e/browser.mjs';
import { until } from '../e2e/service.mjs';

const programs = process.env.HJ_PROGRAMS ?? resolve(ROOT, 'build/test');

export class NativeEnd {
  /** options: more of the command line, such as '--tone-frequency', 700. */
  constructor(service, role, name, options = []) {
    this.events = [];
    this.media = { tracks: [] };
    this.name = name;
    const state = resolve(service.folder, `peer-${name}`);
    mkdirSync(state, { recursive: true });
    const log = resolve(service.folder, 'log', `peer-${name}.log`);
    this.child = spawn(
      resolve(programs, 'tests/peer/huijian-peer'),
      [role, '--server', service.secure, '--ca', resolve(service.folder, 'tls/ca.pem'), '--state', state, '--report', '100', ...options.map(String)],
      // GLib leaves its old table of quarks behind when plug-ins make many, and nothing tells that apart.
      { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } },
    );
    this.child.stderr.on('data', (text) => appendFileSync(log, text));
    this.child.stdin.on('error', () => {}); // it is gone; what is waited for next will say so
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.event === 'media') this.media = event;
      else this.events.push(event);
    });
  }

  tell(what, members = {}) {
    this.child.stdin.write(`${JSON.stringify({ do: what, ...members })}\n`);
  }

  /** The last such event after the first `since` ones. */
  said(event, since = 0) {
    return this.events.slice(since).findLast((one) => one.event === event);
  }

  async heard(event, { since = 0, seconds = 15 } = {}) {
    return until(() => this.said(event, since), `${this.name}: ${event} after ${JSON.stringify(this.events.slice(-6))}`, seconds);
  }

  /** What it makes of another seat's pictures or sounds; nothing while none came. */
  track(number, kind) {
    return this.media.tracks.find((track) => track.number === number && track.kind === kind);
  }

  /** Until so many more pictures were opened and decoded; the track. */
  async sees(number, more = 15) {
    const before = this.track(number, 'video')?.pictures ?? 0;
    return until(() => {
      const track = this.track(number, 'video');
      return track && track.pictures >= before + more && track.frames.ok >= before + more && track;
    }, `${this.name}: pictures of seat ${number}`, 20);
  }

  /** Until it hears that seat, at the given frequency if one is given; the track. */
  async hears(number, hz) {
    return until(() => {
      const track = this.track(number, 'audio');
      return track && track.loudness > 100 && (hz === undefined || Math.abs(track.hz - hz) < 20) && track;
    }, `${this.name}: sound of seat ${number}`, 20);
  }

  stop() {
    if (this.child.exitCode !== null) return Promise.resolve(this.child.exitCode);
    return new Promise((stopped) => {
      this.child.on('exit', stopped);
      this.child.stdin.end();
    });
  }
}

function act(service, word, members) {
  return new Promise((answered, failed) => {
    const asked = request({ socketPath: service.ctl, path: `/ctl/act/${word}`, method: 'POST', headers: { 'Content-Type': 'application/json' } });
    asked.on('error', failed);
    asked.on('response', async (response) => {
      const text = (await response.toArray()).join('');
      if (response.statusCode >= 400) failed(new Error(`${word}: ${response.statusCode} ${text}`));
      else answered(JSON.parse(text));
    });
    asked.end(JSON.stringify(members));
  });
}

/** Invites, enrols and approves a kiosk in that room that is huijian-peer; online when this answers. */
export async function nativeKiosk(service, room, name, options = []) {
  const invited = await act(service, 'create-kiosk', { room, name });
  const kiosk = new NativeEnd(service, 'kiosk', name, ['--token', invited.token, ...options]);
  const { fingerprint } = await kiosk.heard('enrolled');
  execFileSync(resolve(programs, 'src/ctl/huijianctl'), ['--config', resolve(service.folder, 'huijian.conf'), 'kiosk', 'approve', invited.id, fingerprint]);
  await kiosk.heard('online', { seconds: 20 });
  return kiosk;
}

export function nativeLawyer(service, account, booking, options = []) {
  return new NativeEnd(service, 'lawyer', account, ['--account', account, '--password', service.password, '--booking', booking, ...options]);
}
