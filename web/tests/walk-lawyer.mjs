// SPDX-License-Identifier: Apache-2.0
// Walks through the lawyer's page over the pretend server, in both languages, wide and narrow; a second page answers the offer
// as the relay would. `npm run walk` builds the pages and runs all walks.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openRelayPage } from './support/browser.mjs';
import { startFakeServer } from './support/fake-server.mjs';
import { numbered, walk } from './support/walk.mjs';

async function steps(w) {
  let answer;
  const fake = await startFakeServer({ slotTakenOnce: true, onOffer: (sdp) => answer(sdp) });
  w.after(() => fake.close());
  const relay = await openRelayPage(w.browser, fake.url);
  // At first a network that lets no UDP through.
  answer = async (sdp) => (await relay(sdp)).replace(/^a=candidate:.*$/gm, 'a=candidate:1 1 udp 2113937151 127.0.0.1 9 typ host');
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
  answer = relay;
  fake.dropSockets();
  await by('media-blocked').waitFor({ state: 'detached' });
  fake.checkIn();
  fake.kioskJoins();
  await page.locator('[data-testid=waiting-state][data-state=ready]').waitFor();
  await shot('ready');
  fake.admit();
  await page.locator('.tile[data-showing=true]').waitFor();
  await page.waitForTimeout(4500);
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
  fake.kioskJoins('admitted', 2, 'lawyer', '林若溪');
  await shot('three');
  fake.dropSockets();
  await page.waitForTimeout(100);
  for (let i = 0; i < 50 && fake.sockets() === 0; i++) await page.waitForTimeout(100);
  w.expect(fake.sockets() === 1, 'did not resume');
  w.expect((await page.locator('.tile[data-showing=true]').count()) > 0, 'the picture is gone after the socket dropped');
  await page.reload({ waitUntil: 'domcontentloaded' });
  await page.locator('.tile[data-showing=true]').first().waitFor();
  await relay.send(true, false);
  await page.getByTestId('tile-cover').first().filter({ hasText: /可以通话|you can talk/ }).waitFor();
  await shot('no-picture');
  await relay.send(true, true);
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
}
