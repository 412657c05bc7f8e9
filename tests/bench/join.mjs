// SPDX-License-Identifier: Apache-2.0
// How long people wait, and what the encryption adds to that: real Chromium at both ends, the whole service between them.
// Prints a table; with --json one object: admit_ms_* from the message `admit` to the first decoded frame of the other side, at
// the lawyer and at the kiosk, live_ms_* to the first one that is not black, with the kiosk in its seat beforehand; lawyer_waits_*
// the same with the lawyer in the waiting room beforehand; cold_ms_* from opening the page to the picture; e2ee_* from a page of
// two connections, in turns with and without our worker (e2ee-page/: the service has no such choice); cpu_* in percent of one
// core per participant. With --steps each join tells when every step of the way was reached (join-watch.mjs).
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { extname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { ask, attachKiosk, launch, ROOT, signIn } from '../e2e/browser.mjs';
import { startService, until } from '../e2e/service.mjs';
import { family, find, isRenderer, seconds } from './cpu.mjs';
import { percentile, round, spread, table } from './figures.mjs';
import { forget, watch, watchSteps } from './join-watch.mjs';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean' }, joins: { type: 'string', default: '50' }, pairs: { type: 'string', default: '50' }, part: { type: 'string' },
    steps: { type: 'boolean' } },
});
const JOINS = Number(options.joins);
const PAIRS = Number(options.pairs);
const METER_S = 20;
const LOAD_S = 6;
const LOADS = 4;
const pause = (ms) => new Promise((later) => setTimeout(later, ms));
const say = (text) => options.json || console.log(text);

const reset = (page) => page.evaluate(forget);
/** Until all that is asked for was reached. */
const picture = (page, what) => until(
  () => page.evaluate(() => (window.benchSeen.admit && window.benchSeen.frame && window.benchSeen.live ? { ...window.benchSeen } : null)), what, 60,
);

async function must(page, method, path, body) {
  const answer = await ask(page, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Books the first slot that is free now. */
async function book(people) {
  const { clients } = await must(people.lawyer, 'GET', 'cases');
  const client = clients.find(({ detainee }) => detainee.name === '张三');
  const { slots } = await must(people.lawyer, 'GET', `slots?authority=${client.authority}`);
  const slot = { room: people.room, starts_at_us: slots.find(({ room }) => room === people.room).starts_at_us };
  const { id } = await must(people.lawyer, 'POST', 'bookings', { authority: client.authority, slot });
  return id;
}

/** The client is there: the kiosk takes its seat by itself. */
const checkIn = (people, booking) => must(people.desk, 'POST', `bookings/${booking}/check-in`, { identity_confirmed: true });

/** A page that is opened at the meeting, as from a link, by a lawyer who is signed in. */
async function openMeeting(people, booking) {
  const page = await people.lawyer.context().newPage();
  const opened = Date.now();
  await page.goto(`${people.url}/lawyer/#/meeting/${booking}`, { waitUntil: 'commit' });
  return { page, opened };
}

async function endMeeting(people, page, booking) {
  await must(people.lawyer, 'POST', `bookings/${booking}/end`, { reason: 'done' });
  await page.close();
}

/** In their order, in ms after the lawyer's `admit`. */
function stepsOf(who, seen, admit) {
  const reached = Object.entries(seen).filter(([, at]) => at !== null).sort(([, a], [, b]) => a - b);
  return `  ${who.padEnd(6)} ${reached.map(([step, at]) => `${step} ${Math.round(at - admit)}`).join(', ')}`;
}

/** The kiosk sits there already, or the lawyer does: who comes last has everything still to open. Which page the lawyer has. */
const ORDERS = {
  async kiosk(people, booking) {
    await checkIn(people, booking);
    await until(async () => (await must(people.desk, 'GET', `bookings/${booking}`)).meeting !== null, 'the kiosk in its seat');
    await pause(500);
    return openMeeting(people, booking);
  },
  async lawyer(people, booking) {
    const open = await openMeeting(people, booking);
    await until(async () => (await must(people.desk, 'GET', `bookings/${booking}`)).meeting !== null, 'the lawyer in the seat');
    await pause(1500); // the camera is open, the connection up
    await checkIn(people, booking);
    return open;
  },
};

/** The rooms take turns: a kiosk's agent signs only so often. first: who waits. */
async function joinOnce(people, n, first) {
  Object.assign(people, people.rooms[n % people.rooms.length]);
  await reset(people.kiosk);
  const booking = await book(people);
  const { page, opened } = await ORDERS[first](people, booking);
  const here = await picture(page, 'the picture at the lawyer');
  const there = await picture(people.kiosk, 'the picture at the kiosk');
  await endMeeting(people, page, booking);
  if (options.steps) for (const [who, seen] of Object.entries({ lawyer: here, kiosk: there })) console.error(stepsOf(who, seen, here.admit));
  const since = (seen) => ({ first: seen.frame - seen.admit, live: seen.live - seen.admit });
  return { lawyer: since(here), kiosk: since(there), cold: here.frame - opened };
}

const told = ({ first, live }) => `${round(first)} ms (live ${round(live)})`;

async function measureOrder(people, first, joins) {
  const done = [];
  for (let n = 0; n < joins; n++) {
    done.push(await joinOnce(people, n, first));
    say(`the ${first} waits, ${n + 1}: lawyer ${told(done[n].lawyer)}, kiosk ${told(done[n].kiosk)} after admit; ${round(done[n].cold)} ms after opening`);
  }
  return done;
}

const both = (done, what) => done.flatMap(({ lawyer, kiosk }) => [lawyer[what], kiosk[what]]);

async function measureJoins(people) {
  await joinOnce(people, 0, 'kiosk'); // the first one registers the browser's key and fills its cache
  const done = await measureOrder(people, 'kiosk', JOINS);
  const others = await measureOrder(people, 'lawyer', Math.ceil(JOINS / 2));
  return {
    joins: done.length,
    ...spread('admit_ms', both(done, 'first')),
    ...spread('lawyer_admit_ms', done.map(({ lawyer }) => lawyer.first)),
    ...spread('kiosk_admit_ms', done.map(({ kiosk }) => kiosk.first)),
    ...spread('live_ms', both(done, 'live')),
    ...spread('lawyer_live_ms', done.map(({ lawyer }) => lawyer.live)),
    ...spread('kiosk_live_ms', done.map(({ kiosk }) => kiosk.live)),
    ...spread('cold_ms', done.map(({ cold }) => cold)),
    lawyer_waits_joins: others.length,
    ...spread('lawyer_waits_admit_ms', both(others, 'first')),
    ...spread('lawyer_waits_live_ms', both(others, 'live')),
  };
}

/** A meeting of two that goes on for a while: who uses how much of a core. */
async function measureMeeting(people) {
  const booking = await book(people);
  const { page } = await ORDERS.kiosk(people, booking);
  await picture(page, 'the picture of the meeting');
  await pause(5000); // bandwidth estimation has come up
  const lawyer = people.browserPid;
  const relay = find(process.pid, 'huijian-media');
  const read = () => [seconds(lawyer, isRenderer), seconds(lawyer), seconds(relay)];
  const before = read();
  const began = performance.now();
  await pause(METER_S * 1000);
  const after = read();
  const took_s = (performance.now() - began) / 1000;
  await endMeeting(people, page, booking);
  const percent = after.map((used, n) => round((100 * (used - before[n])) / took_s));
  return { cpu_renderer_percent: percent[0], cpu_browser_percent: percent[1], cpu_relay_percent_per_seat: round(percent[2] / 2) };
}

async function measureService() {
  const service = await startService('bench-join', ['--kiosks', '2']);
  let browser;
  const kiosks = [];
  try {
    const known = new Set(chromiums());
    browser = await launch();
    const browserPid = chromiums().find((pid) => !known.has(pid));
    const lawyer = await signIn(browser, service.url, 'chen', service.password);
    const desk = await signIn(browser, service.url, 'desk', service.password);
    await lawyer.context().addInitScript(watch);
    if (options.steps) await lawyer.context().addInitScript(watchSteps);
    for (const name of ['k1', 'k2']) kiosks.push(await attachKiosk(resolve(service.folder, `kiosk-${name}/profile`)));
    for (const { page } of kiosks) await page.evaluate(watch);
    if (options.steps) for (const { page } of kiosks) await page.evaluate(watchSteps);
    const { kiosks: registered } = await must(desk, 'GET', 'kiosks');
    const rooms = kiosks.map(({ page }, n) => ({ kiosk: page, room: registered[n].room }));
    const people = { url: service.url, lawyer, desk, rooms, browserPid };
    return { ...await measureJoins(people), ...(options.steps ? {} : await measureMeeting(people)) };
  } finally {
    for (const kiosk of kiosks) await kiosk.browser.close();
    await browser?.close();
    await service.stop();
  }
}

/** Browsers that we started ourselves: not the kiosk's. */
function chromiums() {
  return family(process.pid).filter(({ parent, command }) => parent === process.pid && /chromium/.test(command[0])).map(({ pid }) => pid);
}

// --- what the encryption adds ---

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

/** The bench's page behind a server of its own; isolated, so that its clock is fine (5 µs). */
async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = resolve(folder, `.${new URL(request.url, 'http://x').pathname.replace(/\/$/, '/index.html')}`);
    try {
      if (!path.startsWith(`${folder}/`)) throw new Error('outside');
      const body = await readFile(path);
      response.writeHead(200, {
        'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
        'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp',
      }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((up) => server.listen(0, '127.0.0.1', up));
  return { url: `http://127.0.0.1:${server.address().port}/tests/bench/e2ee-page/`, close: () => server.close() };
}

async function buildPage() {
  const { build } = await import(createRequire(resolve(ROOT, 'web/package.json')).resolve('vite').replace(/index\.cjs$/, 'dist/node/index.js'));
  const outDir = resolve(ROOT, 'build/bench/e2ee-page');
  mkdirSync(outDir, { recursive: true });
  await build({
    root: ROOT, configFile: false, publicDir: false, logLevel: 'error', base: '/', worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'chrome110', rollupOptions: { input: resolve(ROOT, 'tests/bench/e2ee-page/index.html') } },
  });
  return outDir;
}

async function measurePairs(page) {
  const first = { with: [], without: [] };
  const inside = { sealing: [], opening: [] };
  const agreed = [];
  for (let n = -2; n < 2 * PAIRS; n++) {
    const sealed = n % 2 === 0;
    const done = await page.evaluate(([seal, ms]) => window.measure(seal, ms), [sealed, 300]);
    if (n < 0) continue; // the first of each warms the page up
    first[sealed ? 'with' : 'without'].push(done.first_ms);
    if (!sealed) continue;
    agreed.push(done.agreed_ms);
    for (const side of ['sealing', 'opening']) inside[side].push(...done[side].map(({ ms }) => ms));
  }
  const added = percentile(first.with, 0.5) - percentile(first.without, 0.5);
  return {
    e2ee_pairs: PAIRS,
    ...spread('e2ee_first_frame_ms', first.with),
    ...spread('plain_first_frame_ms', first.without),
    e2ee_added_ms_p50: round(added),
    e2ee_added_ms_p95: round(percentile(first.with, 0.95) - percentile(first.without, 0.95)),
    e2ee_seal_ms_p50: round(percentile(inside.sealing, 0.5), 3),
    e2ee_seal_ms_p99: round(percentile(inside.sealing, 0.99), 3),
    e2ee_open_ms_p50: round(percentile(inside.opening, 0.5), 3),
    e2ee_open_ms_p99: round(percentile(inside.opening, 0.99), 3),
    ...spread('e2ee_agree_ms', agreed),
  };
}

/** Both directions of the work (seal and open) in one renderer: what the encryption takes of a core, frame for frame. */
async function measureLoad(page, browserPid) {
  const used = { with: [], without: [] };
  for (let n = 0; n < 2 * LOADS; n++) {
    const sealed = n % 2 === 0;
    await page.evaluate((seal) => window.run(seal), sealed);
    await pause(2000);
    const [frames, cpu] = [await page.evaluate(() => window.frames()), seconds(browserPid, isRenderer)];
    await pause(LOAD_S * 1000);
    const spent = seconds(browserPid, isRenderer) - cpu;
    used[sealed ? 'with' : 'without'].push((1000 * spent) / ((await page.evaluate(() => window.frames())) - frames));
    await page.evaluate(() => window.rest());
  }
  return {
    cpu_ms_per_frame_with: round(percentile(used.with, 0.5), 2),
    cpu_ms_per_frame_without: round(percentile(used.without, 0.5), 2),
  };
}

async function measureEncryption() {
  const server = await serve(await buildPage());
  const known = new Set(chromiums());
  const browser = await launch();
  const browserPid = chromiums().find((pid) => !known.has(pid));
  try {
    const page = await (await browser.newContext({ permissions: ['camera', 'microphone'] })).newPage();
    page.on('pageerror', (error) => console.error(String(error)));
    await page.goto(server.url);
    await page.waitForFunction(() => window.ready);
    return { ...await measurePairs(page), ...await measureLoad(page, browserPid) };
  } finally {
    await browser.close();
    server.close();
  }
}

const LIMITS = {
  admit_ms_p50: 150, admit_ms_p95: 300, lawyer_waits_admit_ms_p50: 150, lawyer_waits_admit_ms_p95: 300, cold_ms_p50: 1000, e2ee_added_ms_p50: 50,
};

const PARTS = { service: measureService, encryption: measureEncryption };
const measured = { cores: cpus().length, load_before: round(loadavg()[0], 2) };
for (const [name, measure] of Object.entries(PARTS))
  if ((options.part ?? name) === name) Object.assign(measured, await measure());
if (options.json) console.log(JSON.stringify(measured));
else
  console.log(table(`\nJoining, on ${measured.cores} cores that run everything`,
    Object.entries(measured).map(([key, value]) => [key, `${value}${LIMITS[key] ? `   (promised: < ${LIMITS[key]})` : ''}`])));
