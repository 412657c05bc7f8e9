// SPDX-License-Identifier: Apache-2.0
// Walks the built kiosk page through every screen, in both languages and on both screen sizes: a real agent (the first
// argument is the program huijian-kiosk), a real Chromium, a pretend server. Pictures go to build/kiosk-shots. It fails when
// a hook is gone, the CSP is violated, text is too small, a target too low, or axe finds a fault. `node tests/kiosk-walk.mjs PROGRAM`.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { openBrowser, openRelayPage } from './support/browser.mjs';
import { BOOKING, LAWYER_SEAT, MEETING, SEAT, startFakeKioskServer } from './support/fake-kiosk-server.mjs';

const program = process.argv[2];
if (!program) throw new Error('usage: node tests/kiosk-walk.mjs PROGRAM');
const web = resolve(import.meta.dirname, '..');
const out = resolve(web, '../build/kiosk-shots');
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const faults = [];
const minute = 60_000_000;
await mkdir(out, { recursive: true });

async function startAgent(url) {
  const folder = await mkdtemp(join(tmpdir(), 'huijian-kiosk-'));
  const config = join(folder, 'kiosk.conf');
  await writeFile(config, `[kiosk]\nserver=${url}\nstate_dir=state\npage_dir=${resolve(web, '../build/kiosk-page')}\nheartbeat=1\n`);
  await new Promise((done, failed) => {
    spawn(program, ['enrol', '--config', config, '--token', 'token'], { stdio: 'inherit' })
      .on('exit', (code) => (code === 0 ? done() : failed(new Error(`enrol: ${code}`))));
  });
  const child = spawn(program, ['run', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill());
  const exited = new Promise((done) => { child.on('exit', (code, signal) => done(code ?? signal)); });
  const page = await new Promise((done) => {
    createInterface({ input: child.stdout }).on('line', (line) => { if (line.startsWith('page ')) done(line.slice(5)); });
  });
  return {
    page,
    async stop() {
      child.kill('SIGTERM');
      const code = await exited;
      if (code !== 0) faults.push(`the agent ended with ${code}`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function inspect(page, name) {
  // The CSP forbids injected script tags; the debugger's evaluate is outside of it.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  for (const one of violations) faults.push(`${name} axe ${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(' | ')}`);
  faults.push(...(await page.evaluate(() => {
    const found = [];
    const shown = (element) => element.checkVisibility() && !element.closest('.hidden');
    for (const element of document.querySelectorAll('button')) {
      const { height, width, right, bottom } = element.getBoundingClientRect();
      if (shown(element) && (height < 64 || width < 64)) found.push(`target ${element.textContent} ${width}x${height}`);
      if (right > innerWidth || bottom > innerHeight) found.push(`target ${element.textContent} outside the screen`);
    }
    if (document.querySelectorAll('main button').length > 3) found.push('more than three targets');
    for (const element of document.querySelectorAll('main *, dialog *')) {
      const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
      if (!text || !shown(element)) continue;
      if (parseFloat(getComputedStyle(element).fontSize) < 24) found.push(`small text: ${element.textContent}`);
      if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline') found.push(`text too wide: ${element.textContent}`);
      const box = element.getBoundingClientRect();
      if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1) found.push(`outside the screen: ${element.textContent}`);
    }
    return found;
  })).map((fault) => `${name} ${fault}`));
}

function assignment(change = {}) {
  const now = Date.now() * 1000;
  return {
    verb: 'assign', assignment: {
      booking: BOOKING, meeting: null, state: 'CONFIRMED', lawyer: { name: { zh: '林若川', en: 'Lin Ruochuan' }, firm: { zh: '广东岭南示例律师事务所', en: 'Lingnan Example Law Firm' } },
      detainee: { name: '张某' }, starts_at_us: now + 40 * minute, ends_at_us: now + 85 * minute, lawyer_waiting: false, checked_in: false, ...change,
    },
  };
}

function seats(state, lawyer, own = lawyer) {
  const list = [{ seat: SEAT, number: 1, role: 'kiosk', name: { zh: '张某', en: 'Zhang' }, state: own, mids: null }];
  if (lawyer) list.unshift({ seat: LAWYER_SEAT, number: 0, role: 'lawyer', name: { zh: '林若川', en: 'Lin Ruochuan' }, state: lawyer, mids: ['0', '1'] });
  return { verb: 'seats', meeting: MEETING, state, seats: list };
}

/** A kiosk whose camera and microphone are broken says so and sends for an officer; the meeting is there all the same. */
async function walkWithoutDevices() {
  const { browser, close } = await openBrowser({ camera: false, viewport: { width: 1280, height: 800 } });
  const server = await startFakeKioskServer({ onOffer: () => 'none' });
  const agent = await startAgent(server.url);
  const page = await browser.newPage();
  await page.goto(agent.page);
  await page.waitForSelector('[data-state=idle]');
  server.say(assignment({ checked_in: true }));
  const asked = await server.next('join');
  server.say({ verb: 'join', re: asked.id, meeting: MEETING, booking: BOOKING, seat: SEAT, number: 1, token: 't', state: 'waiting' });
  server.say(seats('waiting', null, 'waiting'));
  await page.getByTestId('kiosk-camera-fault').waitFor();
  await page.getByTestId('kiosk-microphone-fault').waitFor();
  await page.screenshot({ path: join(out, '1280-18-no-devices-zh.png') });
  await inspect(page, '1280 no-devices');
  await agent.stop();
  server.close();
  await close();
}

async function walk(width, height) {
  const { browser, close } = await openBrowser({ viewport: { width, height }, extra: ['--kiosk'] });
  let answer;
  const server = await startFakeKioskServer({ onOffer: (sdp) => answer(sdp) });
  answer = await openRelayPage(browser, server.url);
  const agent = await startAgent(server.url);
  const page = await browser.newPage();
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !/WebSocket/.test(message.text())) faults.push(`${width} console: ${message.text()}`); });
  page.on('pageerror', (error) => faults.push(`${width} page: ${error.message}`));
  const by = (id) => page.getByTestId(id);
  const reach = (state) => page.waitForSelector(`[data-testid=kiosk-state][data-state=${state}]`, { timeout: 15_000 });
  let count = 0;
  const shot = async (what) => {
    const number = String(++count).padStart(2, '0');
    for (const locale of ['zh', 'en']) {
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(out, `${width}-${number}-${what}-${locale}.png`) });
      await inspect(page, `${width} ${what} ${locale}`);
      await page.evaluate(() => document.querySelector('[data-testid=kiosk-language]').click());
    }
  };
  const expect = (good, what) => { if (!good) faults.push(`${width} ${what}`); };

  await page.goto(agent.page);
  await reach('idle');
  expect(server.verified === 1, 'the signature was not verified');
  await shot('idle');
  server.up = false;
  server.drop();
  await reach('offline');
  await shot('offline');
  server.up = true;
  await reach('idle');
  server.say(assignment());
  await reach('assigned');
  await shot('assigned');
  server.say(assignment({ lawyer_waiting: true, starts_at_us: Date.now() * 1000 + 4 * minute }));
  await page.waitForTimeout(100);
  await shot('assigned-lawyer-waits');
  const now = Date.now() * 1000;
  const timed = { starts_at_us: now - 2 * minute, ends_at_us: now + 43 * minute };
  server.say(assignment({ checked_in: true, state: 'CHECKED_IN', ...timed }));
  let asked = await server.next('join');
  server.say({ verb: 'error', re: asked.id, code: 'not-eligible', title: { zh: '律师执业证已注销', en: 'the lawyer\u2019s licence is revoked' } });
  await by('kiosk-refused').waitFor();
  await shot('assigned-refused');
  asked = await server.next('join');
  server.say({ verb: 'join', re: asked.id, meeting: MEETING, booking: BOOKING, seat: SEAT, number: 1, token: 'the-token', state: 'waiting', ...timed });
  server.say(seats('waiting', null, 'waiting'));
  await reach('waiting');
  await page.waitForFunction(() => document.querySelector('[data-testid=self-view]')?.videoWidth > 0);
  await shot('waiting');
  server.say(seats('waiting', 'connected'));
  await page.waitForTimeout(300);
  await shot('waiting-lawyer-here');
  server.say({ verb: 'admit', meeting: MEETING, at_us: Date.now() * 1000 });
  server.say(seats('live', 'admitted'));
  await reach('live');
  await page.waitForFunction(() => Number(document.querySelector('video[data-seat]')?.dataset.frames) > 5, null, { timeout: 20_000 });
  await shot('live');
  await by('kiosk-help').click();
  await shot('help');
  await page.keyboard.press('Escape');
  await by('kiosk-end').click();
  await shot('end-confirm');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelector('dialog') === null);
  server.up = false;
  server.drop();
  await reach('cut-off');
  await shot('cut-off-network');
  server.up = true;
  await reach('live');
  expect(server.resumed === 1, 'the seat was not resumed');
  server.say(seats('cut_off', 'dropped', 'admitted'));
  await reach('cut-off');
  await shot('cut-off-other-side');
  server.say(seats('live', 'admitted'));
  await reach('live');

  // A page that loads anew in mid-meeting is told all and makes a new offer.
  await page.reload();
  await reach('live');
  await page.waitForFunction(() => Number(document.querySelector('video[data-seat]')?.dataset.frames) > 5, null, { timeout: 20_000 });
  expect(new URL(page.url()).origin === new URL(agent.page).origin, 'the page went elsewhere');

  // Another seat with less time left, three times.
  for (const [left, what, seat] of [[4.5, 'five-minutes', 't'], [0.8, 'last-minute', 'u'], [-1, 'time-is-over', 'v']]) {
    server.say({
      verb: 'join', meeting: MEETING, booking: BOOKING, seat: seat.repeat(26), number: 1, token: 'the-token', state: 'live',
      starts_at_us: now, ends_at_us: Date.now() * 1000 + left * minute,
    });
    server.say({ verb: 'admit', meeting: MEETING, at_us: now });
    server.say({ ...seats('live', 'admitted'), seats: seats('live', 'admitted').seats.slice(0, 1) });
    await reach('live');
    await page.waitForFunction(() => Number(document.querySelector('video[data-seat]')?.dataset.frames) > 5, null, { timeout: 20_000 });
    await shot(what);
  }
  await by('kiosk-end').click();
  await by('kiosk-end-confirm').click();
  const end = await server.next('end');
  expect(end.reason === 'done', 'the end has another reason');
  server.say({ verb: 'end', re: end.id, meeting: MEETING, reason: 'done', by: 'kiosk', at_us: Date.now() * 1000 });
  await reach('ended');
  expect(await page.evaluate(() => document.querySelectorAll('video').length === 0), 'a video stays after the end');
  await shot('ended');

  const second = await browser.newPage();
  await second.goto(agent.page);
  await reach('taken-over');
  await shot('taken-over');
  await agent.stop();
  await second.waitForSelector('[data-state=offline]');
  server.close();
  await close();
  console.log(`${width}x${height}: ${count} screens, the server saw ${[...new Set(server.seen)].join(', ')}`);
}

for (const [width, height] of [[1280, 800], [1024, 768]]) await walk(width, height);
await walkWithoutDevices();
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
