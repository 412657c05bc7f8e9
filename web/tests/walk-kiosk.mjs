// SPDX-License-Identifier: Apache-2.0
// Walks the built kiosk page through every screen, in both languages and on both screen sizes: a real agent (huijian-kiosk of
// HJ_PROGRAMS, build/program without it), a real Chromium, a pretend server; a second page holds the lawyer's keys and answers
// offers, encrypted. `npm run walk` builds the pages and runs all walks.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { BOOKING, LAWYER_SEAT, MEETING, SEAT, startFakeKioskServer } from './support/fake-kiosk-server.mjs';
import { openOtherEnd } from './support/other-end.mjs';
import { numbered, walk } from './support/walk.mjs';

const built = resolve(import.meta.dirname, '../../build');
const program = resolve(process.env.HJ_PROGRAMS ?? join(built, 'program'), 'src/kiosk/huijian-kiosk');
const minute = 60_000_000;
const COLLEAGUE_SEAT = 'c'.repeat(26);

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
    // With the code its two answers come to the three that are always there.
    if (document.querySelectorAll('main button').length > (document.querySelector('[data-testid=code-same]') ? 5 : 3)) found.push('too many targets');
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

/** The pretend server with the lawyer's end behind it; seats (state, the lawyer's, our own) tells both the roster. */
async function openMeeting(w) {
  const server = await startFakeKioskServer({ onOffer: (sdp) => lawyer.answer(sdp), onKey: (to, body) => lawyer.received(own, to, body) });
  w.after(() => server.close());
  let own = SEAT;
  const lawyer = await openOtherEnd(w, { seat: LAWYER_SEAT, onKey: (from, to, body) => {
    if (to === null || to === own) server.say({ verb: 'key', meeting: MEETING, from, body });
    return lawyer.received(from, to, body);
  } });
  let identity = await lawyer.add(LAWYER_SEAT, 0, 'lawyer');
  let colleague = null;
  function seats(state, lawyerIs, ownIs = lawyerIs, seat = SEAT) {
    own = seat;
    const list = [{ seat, number: 1, role: 'kiosk', name: { zh: '张某', en: 'Zhang' }, state: ownIs, mids: null, identity: server.identity }];
    if (lawyerIs) list.unshift({ seat: LAWYER_SEAT, number: 0, role: 'lawyer', name: { zh: '林若川', en: 'Lin Ruochuan' }, state: lawyerIs, mids: ['0', '1'], identity });
    if (colleague) list.push({ seat: COLLEAGUE_SEAT, number: 2, role: 'lawyer', name: { zh: '林若溪', en: 'Lin Ruoxi' }, state: 'admitted', mids: ['2', '3'], identity: colleague });
    server.say({ verb: 'seats', meeting: MEETING, state, seats: list });
    void lawyer.roster(MEETING, list);
  }
  async function colleagueComes() {
    colleague = await lawyer.add(COLLEAGUE_SEAT, 2, 'lawyer');
  }
  async function colleagueLeaves() {
    colleague = null;
    await lawyer.remove(COLLEAGUE_SEAT);
  }
  /** The lawyer comes back from another browser, or with its keys lost. */
  async function lawyerAnew() {
    identity = await lawyer.add(LAWYER_SEAT, 0, 'lawyer');
  }
  return { server, lawyer, seats, lawyerAnew, colleagueComes, colleagueLeaves };
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
  server.say({ verb: 'join', re: asked.id, meeting: MEETING, booking: BOOKING, seat: SEAT, number: 1, role: 'kiosk', token: 't', state: 'waiting' });
  server.say({ verb: 'seats', meeting: MEETING, state: 'waiting', seats: [{ seat: SEAT, number: 1, role: 'kiosk', name: '张某', state: 'waiting', mids: null, identity: server.identity }] });
  await page.getByTestId('kiosk-camera-fault').waitFor();
  await page.getByTestId('kiosk-microphone-fault').waitFor();
  await w.shot(page, 'no-devices', {});
  // The lawyer withdraws while the client waits.
  server.say({ verb: 'end', meeting: MEETING, reason: 'cancelled', by: 'machine', at_us: Date.now() * 1000 });
  await page.waitForSelector('[data-testid=kiosk-state][data-state=ended]');
  await w.shot(page, 'cancelled', {});
}

/** The codes differ, and the server does not hear: everything stops all the same, and what to do is said. */
async function different(w) {
  const { server, seats } = await openMeeting(w);
  server.deaf = true;
  const agent = await startAgent(w, server.url);
  const page = await w.open();
  await page.addInitScript(() => {
    globalThis.opened = [];
    const { clone } = MediaStreamTrack.prototype;
    MediaStreamTrack.prototype.clone = function () {
      const one = clone.call(this);
      globalThis.opened.push(this, one);
      return one;
    };
  });
  await page.goto(agent.page);
  await page.waitForSelector('[data-state=idle]');
  server.say(assignment({ checked_in: true }));
  const asked = await server.next('join');
  server.say({ verb: 'join', re: asked.id, meeting: MEETING, booking: BOOKING, seat: SEAT, number: 1, role: 'kiosk', token: 't', state: 'waiting' });
  seats('waiting', 'connected');
  await page.locator('[data-testid=e2ee-state][data-state=ready]').waitFor();
  server.say({ verb: 'admit', meeting: MEETING, at_us: Date.now() * 1000 });
  seats('live', 'admitted');
  await page.locator('.tile[data-showing=true]').waitFor();
  await page.getByTestId('code-different').click();
  await page.getByTestId('code-different-confirm').click();
  await page.getByTestId('code-differed').waitFor();
  w.expect((await server.next('verify')).result === 'different', 'the server was not told that the codes differ');
  const tracks = await page.evaluate(() => globalThis.opened.map(({ readyState }) => readyState));
  w.expect(tracks.length > 0 && tracks.every((one) => one === 'ended'), `tracks run on: ${tracks}`);
  // The server would have it go on: with the same seat, or as if it were another.
  const opened = tracks.length;
  for (const [meeting, booking, seat] of [[MEETING, BOOKING, SEAT], ['w'.repeat(26), BOOKING, 'y'.repeat(26)], [MEETING, 'z'.repeat(26), 'y'.repeat(26)]]) {
    server.say({ verb: 'join', meeting, booking, seat, number: 1, role: 'kiosk', token: 't', state: 'waiting' });
  }
  await page.waitForTimeout(1500);
  await page.getByTestId('code-differed').waitFor();
  w.expect(await page.evaluate(() => globalThis.opened.length) === opened, 'something is captured or sent after the codes differed');
  await w.shot(page, 'zh', {});
  await page.getByTestId('kiosk-language').click();
  await w.shot(page, 'en', {});
}

async function everyScreen(w) {
  const { server, lawyer, seats, lawyerAnew, colleagueComes, colleagueLeaves } = await openMeeting(w);
  server.approved = false;
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

  const code = page.locator('[data-testid=security-code]');
  /** Both ends show the same digits; a round that begins meanwhile has its time. */
  const codeIs = async (state) => {
    let shown;
    let theirs;
    for (let tries = 0; tries < 20 && (shown === undefined || shown !== theirs); tries++) {
      if (tries > 0) await page.waitForTimeout(200);
      await page.locator(`[data-testid=code-panel][data-state=${state}]`).waitFor();
      shown = await code.getAttribute('data-code');
      theirs = (await lawyer.ready()).code;
    }
    expect(/^\d{6}$/.test(shown) && shown === theirs, `${state}: the codes are ${shown} and ${theirs}`);
    return shown;
  };
  const compare = async () => {
    await by('code-same').click();
    await codeIs('same');
  };
  const pictureRuns = () => page.waitForFunction(() => Number(document.querySelector('video[data-seat]')?.dataset.frames) > 5, null, { timeout: 20_000 });

  await page.goto(agent.page);
  await reach('unapproved');
  const print = await by('kiosk-fingerprint').getAttribute('data-fingerprint');
  expect(print === createHash('sha256').update(Buffer.from(server.identity, 'base64')).digest('hex').slice(0, 32).toUpperCase(), `the fingerprint is ${print}`);
  await shot('unapproved');
  server.approved = true;
  server.drop();
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
  server.say({ verb: 'join', re: asked.id, meeting: MEETING, booking: BOOKING, seat: SEAT, number: 1, role: 'kiosk', token: 'the-token', state: 'waiting', ...timed });
  seats('waiting', null, 'waiting');
  await reach('waiting');
  await page.waitForFunction(() => document.querySelector('[data-testid=self-view]')?.videoWidth > 0);
  await shot('waiting');
  seats('waiting', 'connected');
  await page.locator('[data-testid=e2ee-state][data-state=ready]').waitFor();
  expect((await server.next('secured')).epoch > 0, 'the server was not told that the keys hold');
  await shot('waiting-lawyer-here');
  server.say({ verb: 'admit', meeting: MEETING, at_us: Date.now() * 1000 });
  seats('live', 'admitted');
  await reach('live');
  await pictureRuns();
  const first = await codeIs('shown');
  // It stands below the picture, and help and the other language stay.
  const clear = async () => {
    const [card, ...others] = await page.evaluate(() => ['.code-card', '.stage', '[data-testid=kiosk-help]', '[data-testid=kiosk-language]', '[data-testid=kiosk-end]']
      .map((where) => document.querySelector(where).getBoundingClientRect().toJSON()));
    expect(others.every((one) => one.width > 0 && (one.bottom <= card.top || one.top >= card.bottom)), 'the code covers something');
    expect(others[0].height > 240, `the picture has ${others[0].height} px left`);
  };
  await clear();
  await shot('code');
  await by('code-different').click();
  await w.shot(page, `${number('code-different-asked')}-zh`, {});
  await by('code-different-back').click();
  await page.waitForFunction(() => document.querySelector('dialog') === null);
  await compare();
  expect((await server.next('verify')).result === 'same', 'the server was not told that the codes are the same');
  expect((await lawyer.view(LAWYER_SEAT)).opened.length === 2, 'the lawyer opens neither sound nor picture of the kiosk');
  await shot('live');
  await by('kiosk-language').click();
  // The lawyer comes back from another browser: the tick is gone, and it is said why.
  await lawyerAnew();
  seats('live', 'admitted');
  expect(await codeIs('changed') !== first, 'the code is still that of before');
  expect(/Lin Ruochuan came in again/.test(await by('code-why').innerText()), `why: ${await by('code-why').innerText()}`);
  await clear();
  await w.shot(page, `${number('code-changed')}-en`, {});
  await by('code-different').click();
  await w.shot(page, `${number('code-different-asked')}-en`, {});
  await by('code-different-back').click();
  await compare();
  await by('kiosk-language').click();
  // A second lawyer: three read it aloud, and it is said who came and who left.
  const whyIs = async (text) => w.expect((await by('code-why').innerText()) === text, `why: ${await by('code-why').innerText()}`);
  await colleagueComes();
  seats('live', 'admitted');
  await codeIs('changed');
  await whyIs('林若溪 律师进来了，数字换了');
  expect(/三个屏幕/.test(await by('code-how').innerText()), 'three are not asked to read');
  await clear();
  await shot('code-three');
  await colleagueLeaves();
  seats('live', 'admitted');
  await codeIs('changed');
  await whyIs('林若溪 律师离开了，数字换了');
  await compare();
  // A lawyer's end that does not agree: it is said that it takes long, and nothing is sent.
  await lawyerAnew();
  await lawyer.remove(LAWYER_SEAT);
  seats('live', 'admitted');
  await by('code-long').waitFor({ timeout: 10_000 });
  await shot('agreeing-long');
  await lawyerAnew();
  seats('live', 'admitted');
  await codeIs('changed');
  await compare();
  server.say({ verb: 'notice', kind: 'media-lost' });
  await page.locator('.tile[data-showing=true]').waitFor();
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
  await lawyer.send(false, false);
  await reach('cut-off');
  await shot('cut-off-network');
  await lawyer.send(true, true);
  server.up = true;
  await reach('live');
  await note.waitFor({ state: 'detached' });
  expect(server.resumed === 1, 'the seat was not resumed');
  seats('cut_off', 'dropped', 'admitted');
  await note.waitFor();
  await reach('live');
  expect(await page.locator('.tile[data-showing=true]').count() === 1, 'the picture is covered although it comes');
  await shot('other-side-away');
  await lawyer.send(false, false);
  await reach('cut-off');
  await shot('cut-off-other-side');
  seats('cut_off', null, 'admitted');
  await page.locator('[data-testid=kiosk-cut-off]', { hasText: /暂时离开|for a while/ }).waitFor();
  await shot('lawyer-stepped-out');
  seats('live', 'admitted');
  await codeIs('changed');
  await compare();
  await lawyer.send(true, false);
  await page.locator('[data-testid=tile-cover]', { hasText: /可以通话|you can talk/ }).waitFor();
  await shot('no-picture');
  await lawyer.send(true, true);
  await page.locator('.tile[data-showing=true]').waitFor();

  // A page that loads anew in mid-meeting is told all and makes a new offer.
  await page.reload();
  await reach('live');
  await pictureRuns();
  await codeIs('shown');
  expect(new URL(page.url()).origin === new URL(agent.page).origin, 'the page went elsewhere');

  // Another seat with less time left, three times: the server has forgotten the one before, the agent asks for a new one.
  for (const [left, what, seat] of [[4.5, 'five-minutes', 't'], [0.8, 'last-minute', 'u'], [-1, 'time-is-over', 'v']]) {
    const before = server.verified;
    server.forgets = true;
    server.drop();
    for (let tries = 0; tries < 100 && server.verified === before; tries++) await page.waitForTimeout(100);
    server.forgets = false;
    server.say(assignment({ checked_in: true }));
    const again = await server.next('join');
    server.say({
      verb: 'join', re: again.id, meeting: MEETING, booking: BOOKING, seat: seat.repeat(26), number: 1, role: 'kiosk', token: 'the-token', state: 'live',
      starts_at_us: now, ends_at_us: Date.now() * 1000 + left * minute,
    });
    server.say({ verb: 'admit', meeting: MEETING, at_us: now });
    seats('live', 'admitted', 'admitted', seat.repeat(26));
    await reach('live');
    await pictureRuns();
    await codeIs('shown');
    await compare();
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
walk('kiosk', 'kiosk different', { browser: { viewport: { width: 1280, height: 800 }, extra: ['--kiosk'] }, harmless, inspect }, different);
walk('kiosk', 'kiosk without devices', { browser: { camera: false, viewport: { width: 1280, height: 800 } }, harmless, inspect }, withoutDevices);
