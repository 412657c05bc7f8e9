// SPDX-License-Identifier: Apache-2.0
// Walks the built kiosk page through every screen, in both languages and on both screen sizes: a real agent (huijian-kiosk of
// HJ_PROGRAMS, build/program without it), a real Chromium, a pretend server. `npm run walk` builds the pages and runs all walks.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { openRelayPage } from './support/browser.mjs';
import { BOOKING, LAWYER_SEAT, MEETING, SEAT, startFakeKioskServer } from './support/fake-kiosk-server.mjs';
import { numbered, walk } from './support/walk.mjs';

const built = resolve(import.meta.dirname, '../../build');
const program = resolve(process.env.HJ_PROGRAMS ?? join(built, 'program'), 'src/kiosk/huijian-kiosk');
const minute = 60_000_000;

async function startAgent(w, url) {
  const folder = await mkdtemp(join(tmpdir(), 'huijian-kiosk-'));
  const config = join(folder, 'kiosk.conf');
  await writeFile(config, `[kiosk]\nserver=${url}\nstate_dir=state\npage_dir=${join(built, 'kiosk-page')}\nheartbeat=1\n`);
  await new Promise((done, failed) => {
    spawn(program, ['enrol', '--config', config, '--token', 'token'], { stdio: 'inherit' })
      .on('exit', (code) => (code === 0 ? done() : failed(new Error(`enrol: ${code}`))));
  });
  const child = spawn(program, ['run', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((done) => { child.on('exit', (code, signal) => done(code ?? signal)); });
  const page = await new Promise((done) => {
    createInterface({ input: child.stdout }).on('line', (line) => { if (line.startsWith('page ')) done(line.slice(5)); });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const code = await exited;
    w.expect(code === 0, `the agent ended with ${code}`);
    await rm(folder, { recursive: true, force: true });
  };
  let stopped = null;
  const once = () => (stopped ??= stop());
  w.after(once);
  return { page, stop: once };
}

/** What a person at the kiosk needs: large text, large targets, nothing outside the screen. */
function inspect(page) {
  return page.evaluate(() => {
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
  });
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
async function withoutDevices(w) {
  const server = await startFakeKioskServer({ onOffer: () => 'none' });
  w.after(() => server.close());
  const agent = await startAgent(w, server.url);
  const page = await w.open();
  await page.goto(agent.page);
  await page.waitForSelector('[data-state=idle]');
  server.say(assignment({ checked_in: true }));
  const asked = await server.next('join');
  server.say({ verb: 'join', re: asked.id, meeting: MEETING, booking: BOOKING, seat: SEAT, number: 1, token: 't', state: 'waiting' });
  server.say(seats('waiting', null, 'waiting'));
  await page.getByTestId('kiosk-camera-fault').waitFor();
  await page.getByTestId('kiosk-microphone-fault').waitFor();
  await w.shot(page, 'no-devices', {});
  // The lawyer withdraws while the client waits.
  server.say({ verb: 'end', meeting: MEETING, reason: 'cancelled', by: 'machine', at_us: Date.now() * 1000 });
  await page.waitForSelector('[data-testid=kiosk-state][data-state=ended]');
  await w.shot(page, 'cancelled', {});
}

async function everyScreen(w) {
  let answer;
  const server = await startFakeKioskServer({ onOffer: (sdp) => answer(sdp) });
  w.after(() => server.close());
  answer = await openRelayPage(w.browser, server.url);
  const agent = await startAgent(w, server.url);
  const page = await w.open();
  const { expect } = w;
  const by = (id) => page.getByTestId(id);
  const reach = (state) => page.waitForSelector(`[data-testid=kiosk-state][data-state=${state}]`);
  const number = numbered();
  const shot = async (what) => {
    const name = number(what);
    for (const locale of ['zh', 'en']) {
      await w.shot(page, `${name}-${locale}`, {});
      await page.evaluate(() => document.querySelector('[data-testid=kiosk-language]').click());
    }
  };

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
  // Signalling away on our side, media goes on: the picture stays. Only when nothing comes any more it is covered.
  const note = by('kiosk-link-note');
  server.up = false;
  server.drop();
  await note.waitFor();
  expect(await page.locator('.tile[data-showing=true]').count() === 1, 'the picture is covered although it comes');
  await shot('server-away');
  await answer.send(false, false);
  await reach('cut-off');
  await shot('cut-off-network');
  await answer.send(true, true);
  server.up = true;
  await reach('live');
  await note.waitFor({ state: 'detached' });
  expect(server.resumed === 1, 'the seat was not resumed');
  server.say(seats('cut_off', 'dropped', 'admitted'));
  await note.waitFor();
  await reach('live');
  expect(await page.locator('.tile[data-showing=true]').count() === 1, 'the picture is covered although it comes');
  await shot('other-side-away');
  await answer.send(false, false);
  await reach('cut-off');
  await shot('cut-off-other-side');
  server.say(seats('cut_off', null, 'admitted'));
  await page.locator('[data-testid=kiosk-cut-off]', { hasText: /暂时离开|for a while/ }).waitFor();
  await shot('lawyer-stepped-out');
  server.say(seats('live', 'admitted'));
  await answer.send(true, false);
  await page.locator('[data-testid=tile-cover]', { hasText: /可以通话|you can talk/ }).waitFor();
  await shot('no-picture');
  await answer.send(true, true);
  await page.locator('.tile[data-showing=true]').waitFor();

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

  const second = await w.browser.newPage();
  await second.goto(agent.page);
  await reach('taken-over');
  await shot('taken-over');
  await agent.stop();
  await second.waitForSelector('[data-state=offline]');
}

const harmless = /WebSocket/;
for (const [width, height] of [[1280, 800], [1024, 768]]) {
  walk('kiosk', `kiosk ${width}`, { browser: { viewport: { width, height }, extra: ['--kiosk'] }, harmless, inspect }, everyScreen);
}
walk('kiosk', 'kiosk without devices', { browser: { camera: false, viewport: { width: 1280, height: 800 } }, harmless, inspect }, withoutDevices);
