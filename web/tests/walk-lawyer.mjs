// SPDX-License-Identifier: Apache-2.0
// Walks through the lawyer's page over the pretend server, in both languages, wide and narrow; a second page holds the keys of the
// other ends and answers offers, encrypted. `npm run walk` builds the pages and runs all walks.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startFakeServer } from './support/fake-server.mjs';
import { openOtherEnd } from './support/other-end.mjs';
import { numbered, walk } from './support/walk.mjs';

/** The pretend server and the other ends behind it. */
async function openMeeting(w, options) {
  const hooks = {};
  const fake = await startFakeServer({
    ...options, onOffer: (sdp) => hooks.answer(sdp), onKey: (from, to, body) => others.received(from, to, body), onRoster: (meeting, seats) => others.roster(meeting, seats),
  });
  w.after(() => fake.close());
  const others = await openOtherEnd(w, { seat: 'seat1', onKey: (from, to, body) => {
    fake.key(from, to, body);
    return others.received(from, to, body);
  } });
  hooks.answer = (sdp) => others.answer(sdp);
  return { fake, others, hooks };
}

async function steps(w) {
  const { fake, others, hooks } = await openMeeting(w, { slotTakenOnce: true });
  let kiosk = await others.add('seat1', 1, 'kiosk');
  // At first a network that lets no UDP through.
  hooks.answer = async (sdp) => (await others.answer(sdp)).replace(/^a=candidate:.*$/gm, 'a=candidate:1 1 udp 2113937151 127.0.0.1 9 typ host');
  const page = await w.open();
  const by = (id) => page.getByTestId(id);
  const number = numbered();
  const shot = (what) => w.shot(page, number(what));

  await page.goto(fake.url);
  await shot('sign-in');
  await by('login-submit').click();
  await shot('sign-in-empty');
  await by('login-account').fill('lawyer');
  await by('login-password').fill('secret-enough');
  await by('login-submit').click();
  await by('clients').waitFor();
  await shot('clients');
  await by('client-authority4aaaaaaaaaaaaaaaa').getByTestId('client-open').click();
  await by('finding-licence-valid').waitFor();
  await shot('refused');
  await page.goto(`${fake.url}/lawyer/#/clients`);
  await by('client-authority1aaaaaaaaaaaaaaaa').getByTestId('client-open').click();
  await by('book-earliest').waitFor();
  await page.locator('[data-testid^=slot-]').nth(2).click();
  await shot('book');
  await by('book-slot').click();
  await by('booking-refused').waitFor();
  await shot('taken');
  await by('book-earliest').click();
  await by('booking-confirmed').waitFor();
  await shot('booked');
  await by('menu-clients').click();
  await by('client-authority2aaaaaaaaaaaaaaaa').getByTestId('client-open').click();
  await by('book-without-slot').click();
  await by('booking-confirmed').waitFor();
  await by('menu-bookings').click();
  const [booking] = fake.data.bookings;
  await by(`booking-${booking.id}`).waitFor();
  await shot('bookings');
  await by(`booking-${fake.data.bookings[1].id}`).getByTestId('booking-cancel').click();
  await by('cancel-reason').waitFor();
  await shot('cancel');
  await by('cancel-confirm').click();
  await page.locator('[data-state=CANCELLED]').waitFor();
  await by(`booking-${booking.id}`).getByTestId('booking-device-check').click();
  await page.locator('[data-testid=device-microphone][data-result=ok]').waitFor();
  await by('device-speaker-play').click();
  await by('device-speaker-yes').click();
  await shot('device-check');
  await by('device-finish').click();
  await by('booking-join').click();
  await page.locator('[data-testid=waiting-state][data-state=to-check]').waitFor();
  await by('confidentiality-how').locator('summary').click();
  await shot('waiting');
  await by('media-blocked').waitFor();
  w.expect(/127\.0\.0\.1 9/.test(await by('media-blocked').innerText()), 'which port is blocked');
  await shot('media-blocked');
  hooks.answer = (sdp) => others.answer(sdp);
  fake.dropSockets();
  await by('media-blocked').waitFor({ state: 'detached' });
  fake.checkIn();
  fake.joins(kiosk);
  await page.locator('[data-testid=waiting-state][data-state=ready]').waitFor();
  await page.locator('[data-testid=e2ee-state][data-state=ready]').waitFor();
  await shot('ready');
  await by('confidentiality-how').locator('summary').click();
  const code = page.locator('[data-testid=security-code]');
  /** Both ends show the same digits; a round that begins meanwhile has its time. */
  const codeIs = async (state) => {
    let shown;
    let theirs;
    for (let tries = 0; tries < 20 && (shown === undefined || shown !== theirs); tries++) {
      if (tries > 0) await page.waitForTimeout(200);
      await page.locator(`[data-testid=code-panel][data-state=${state}]`).waitFor();
      shown = await code.getAttribute('data-code');
      theirs = (await others.ready()).code;
    }
    w.expect(/^\d{6}$/.test(shown) && shown === theirs, `${state}: the codes are ${shown} and ${theirs}`);
    return shown;
  };
  const compare = async () => {
    await by('code-same').click();
    await codeIs('same');
  };
  fake.admit();
  await page.locator('.tile[data-showing=true]').waitFor();
  const first = await codeIs('shown');
  w.expect((await code.innerText()) === `${first.slice(0, 3)} ${first.slice(3)}`, `the code stands as ${await code.innerText()}`);
  w.expect(fake.meeting.secured > 0, 'the server was not told that the keys hold');
  await page.waitForTimeout(4500);
  await shot('code');
  await by('code-different').click();
  await page.locator('wa-dialog[open] [data-testid=code-different-confirm]').waitFor();
  await shot('code-different-asked');
  await by('code-different-back').click();
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  await by('code-same').focus();
  await page.keyboard.press('Enter');
  await codeIs('same');
  w.expect(fake.meeting.verdict === 'same', 'the server was not told that the codes are the same');
  await shot('meeting');
  const state = await page.evaluate(() => {
    const video = document.querySelector('video[data-seat]');
    const sound = document.querySelector('audio[data-sound-of]');
    return { width: video.videoWidth, at: video.currentTime, soundAt: sound.currentTime, soundPaused: sound.paused };
  });
  w.expect(state.width > 0 && state.at > 0 && state.soundAt > 0 && !state.soundPaused, `media: ${JSON.stringify(state)}`);
  await page.keyboard.press('Alt+a');
  await page.locator('[data-testid=meeting-mute][aria-pressed=true]').waitFor();
  await page.keyboard.press('Alt+v');
  const colleague = await others.add('seat2', 2, 'lawyer');
  fake.joins(colleague, 'admitted', 2, 'lawyer', '林若溪');
  w.expect(await codeIs('changed') !== first, 'the code is still that of before');
  await shot('three');
  await compare();
  fake.leaves(2);
  await others.remove('seat2');
  await codeIs('changed');
  await compare();
  // A third seat that never agrees: nothing goes to it, and it is said that it takes long.
  fake.joins(colleague, 'admitted', 2, 'lawyer', '林若溪');
  await by('code-long').waitFor({ timeout: 10_000 });
  await shot('agreeing-long');
  fake.leaves(2);
  await codeIs('changed');
  fake.dropSockets();
  await page.waitForTimeout(100);
  for (let i = 0; i < 50 && fake.sockets() === 0; i++) await page.waitForTimeout(100);
  w.expect(fake.sockets() === 1, 'did not resume');
  w.expect((await page.locator('.tile[data-showing=true]').count()) > 0, 'the picture is gone after the socket dropped');
  await page.reload({ waitUntil: 'domcontentloaded' });
  await page.locator('.tile[data-showing=true]').first().waitFor();
  // The page has lost its keys with the reload; the two have agreed anew.
  await codeIs('shown');
  await others.send(true, false);
  await page.getByTestId('tile-cover').first().filter({ hasText: /可以通话|you can talk/ }).waitFor();
  await shot('no-picture');
  await others.send(true, true);
  await by('meeting-leave').click();
  await by('booking-still-open').waitFor();
  await by('menu-bookings').click();
  await by('booking-still-open').waitFor();
  await shot('still-open');
  await by(`booking-${booking.id}`).getByTestId('booking-join').click();
  await page.locator('.tile[data-showing=true]').first().waitFor();
  await by('meeting-end').click();
  await page.locator('wa-dialog[open] [data-testid=meeting-end-confirm]').waitFor();
  await shot('end');
  await by('meeting-end-confirm').click();
  await by('meeting-summary').waitFor();
  await shot('summary');
  // Its address opens no camera any more, nor does a foreign one; and none says that it is still loading.
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = (wanted) => { globalThis.cameraAsked = true; return ask(wanted); };
  });
  await page.reload();
  await by('meeting-summary').waitFor();
  w.expect(await by('summary-end').count() === 1 && await by('summary-reason').count() === 1, 'the end is not told after a reload');
  await shot('summary-reloaded');
  await page.goto(`${fake.url}/lawyer/#/device-check/${booking.id}`);
  await page.waitForTimeout(500);
  for (const view of ['meeting', 'bookings', 'device-check']) {
    await page.goto(`${fake.url}/lawyer/#/${view}/unknown`);
    await by('page-fault').waitFor();
    await page.waitForTimeout(200);
    w.expect(await page.locator('.hj-waiting').count() === 0, `${view}: still loading under the error`);
  }
  await shot('unknown');
  w.expect(await page.evaluate(() => globalThis.cameraAsked) === undefined, 'the camera was opened for a meeting that is over');
  await page.goto(`${fake.url}/lawyer/#/meeting/${booking.id}`);
  await by('meeting-summary').waitFor();
  await by('large-type').click();
  await by('summary-bookings').click();
  await by(`booking-${booking.id}`).waitFor();
  await shot('large-type');
}

/** The codes differ, and the server does not hear: everything stops all the same, and what to do is said. */
async function different(w) {
  const { fake, others, hooks } = await openMeeting(w, { role: 'lawyer', deaf: true });
  const kiosk = await others.add('seat1', 1, 'kiosk');
  const page = await w.open();
  const by = (id) => page.getByTestId(id);
  const number = numbered();
  const shot = (what) => w.shot(page, number(what));
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    globalThis.opened = [];
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      globalThis.opened.push(...stream.getTracks());
      return stream;
    };
    const { clone } = MediaStreamTrack.prototype;
    MediaStreamTrack.prototype.clone = function () {
      const one = clone.call(this);
      globalThis.opened.push(one);
      return one;
    };
  });
  const booking = fake.book();
  await page.goto(`${fake.url}/lawyer/#/meeting/${booking.id}`);
  await page.locator('[data-testid=waiting-state][data-state=to-check]').waitFor();
  // The device was removed meanwhile: it is registered again, once, and the seat is taken with the new key.
  fake.data.devices.find(({ id }) => id === fake.meeting.device).state = 'removed';
  fake.forgetSeat();
  await page.waitForFunction(() => document.querySelector('[data-testid=join-refused]') === null);
  fake.checkIn();
  fake.joins(kiosk);
  await page.locator('[data-testid=e2ee-state][data-state=ready]').waitFor();
  fake.admit();
  await page.locator('.tile[data-showing=true]').waitFor();
  // A relay that passes on what nobody encrypted: nothing of it is shown, and it is said.
  await page.locator('[data-testid=code-panel][data-state=shown]').waitFor();
  hooks.answer = (sdp) => others.answer(sdp, true);
  fake.tell({ verb: 'notice', kind: 'media-lost' });
  await page.locator('[data-testid=frames-refused][data-kind=many]').waitFor();
  await by('tile-cover').filter({ hasText: /无法解密|cannot be decrypted/ }).waitFor();
  w.expect(await page.locator('.tile[data-showing=true]').count() === 0, 'a picture is shown that nobody has encrypted');
  w.expect(await page.evaluate(() => [...document.querySelectorAll('.stage video, .stage audio')].every(({ srcObject }) => srcObject === null)), 'the page plays what nobody has encrypted');
  await shot('frames-refused');
  await by('code-different').click();
  await by('code-different-confirm').click();
  await by('code-differed').waitFor();
  await shot('different');
  w.expect(fake.meeting.verdict === 'different', 'the server was not told that the codes differ');
  const running = await page.evaluate(() => globalThis.opened.filter(({ readyState }) => readyState === 'live').length);
  w.expect(running === 0, `${running} tracks run on`);
  w.expect(await page.locator('video').count() === 0, 'a picture stays');
}

/** A browser without encryption from end to end: told which ones work; no seat, no camera. */
async function unfit(w) {
  const { fake } = await openMeeting(w, { role: 'lawyer' });
  const page = await w.open();
  await page.addInitScript(() => {
    delete globalThis.RTCRtpScriptTransform;
    navigator.mediaDevices.getUserMedia = () => { globalThis.cameraAsked = true; return Promise.reject(new Error('no')); };
  });
  const booking = fake.book();
  await page.goto(`${fake.url}/lawyer/#/meeting/${booking.id}`);
  await page.getByTestId('browser-unfit').waitFor();
  w.expect(/141.*117.*15\.4/s.test(await page.getByTestId('browser-unfit').innerText()), 'it does not say which browsers work');
  await page.waitForTimeout(500);
  w.expect(await page.evaluate(() => globalThis.cameraAsked) === undefined, 'the camera was asked for');
  w.expect(fake.sockets() === 0, 'a seat was asked for');
  await w.shot(page, 'unfit');
}

/** A browser that keeps no keys, as in a private window: said, with a way to try again; no seat, and the camera goes off. */
async function keyless(w) {
  const { fake, others } = await openMeeting(w, { role: 'lawyer' });
  await others.add('seat1', 1, 'kiosk');
  const page = await w.open();
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    globalThis.opened = [];
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      globalThis.opened.push(...stream.getTracks());
      return stream;
    };
    const { open } = IDBFactory.prototype;
    globalThis.allow = () => { IDBFactory.prototype.open = open; };
    IDBFactory.prototype.open = () => { throw new DOMException('no', 'InvalidStateError'); };
  });
  const booking = fake.book();
  await page.goto(`${fake.url}/lawyer/#/meeting/${booking.id}`);
  await page.getByTestId('device-key-fault').waitFor();
  await page.waitForTimeout(1000);
  w.expect(fake.sockets() === 0, 'a seat was asked for');
  w.expect(await page.evaluate(() => globalThis.opened.every(({ readyState }) => readyState === 'ended')), 'the camera runs');
  await w.shot(page, 'keyless');
  await page.evaluate(() => globalThis.allow());
  await page.getByTestId('device-key-retry').click();
  await page.locator('[data-testid=waiting-state][data-state=to-check]').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-testid=self-view]')?.videoWidth > 0);
}

test('what a browser fetches before the page works weighs little, and holds no inline script or style', async () => {
  const root = new URL('../../build/web/', import.meta.url).pathname;
  const html = await readFile(`${root}lawyer/index.html`, 'utf8');
  assert.doesNotMatch(html, /<style|style=|<script(?![^>]*src=)|\son\w+=/);
  const assets = new Set([...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((found) => found[1]));
  let sum = 0;
  for (const asset of assets) sum += gzipSync(await readFile(root + asset)).length;
  assert.ok(sum > 10_000 && sum < 150_000, `${sum} bytes compressed`);
});

for (const locale of ['zh', 'en']) {
  for (const width of [1280, 390]) {
    const browser = { viewport: { width, height: width > 600 ? 900 : 844 }, locale: locale === 'zh' ? 'zh-CN' : 'en-GB' };
    walk('lawyer', `lawyer ${locale} ${width}`, { browser, harmless: /status of 40\d/ }, steps);
  }
  const wide = { viewport: { width: 1280, height: 900 }, locale: locale === 'zh' ? 'zh-CN' : 'en-GB' };
  walk('lawyer', `lawyer ${locale} different`, { browser: wide }, different);
  walk('lawyer', `lawyer ${locale} unfit`, { browser: wide }, unfit);
  walk('lawyer', `lawyer ${locale} keyless`, { browser: wide }, keyless);
}
