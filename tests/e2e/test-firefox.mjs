// SPDX-License-Identifier: Apache-2.0
// A lawyer with Firefox ESR meets a kiosk, which runs Chromium: both see and hear each other through the relay.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { ask, attachKiosk, frames, launch, signIn } from './browser.mjs';
import { hook, launchFirefox, signIn as signInFirefox } from './firefox.mjs';
import { between, stats, told } from './network.mjs';
import { bookEarliest, seesPicture } from './people.mjs';
import { startService, until } from './service.mjs';

const pause = (ms) => new Promise((later) => setTimeout(later, ms));
let service, near, far, desk, lawyer, kiosk, kioskBrowser, booking;

/** Firefox counts no frames of a stream in getVideoPlaybackQuality(): here, those that were shown are counted. */
const countPictures = () => lawyer.evaluate(() => {
  const video = document.querySelector('video[data-seat]');
  window.shown = 0;
  const count = () => {
    window.shown++;
    video.requestVideoFrameCallback(count);
  };
  video.requestVideoFrameCallback(count);
});
const shown = () => lawyer.evaluate(() => window.shown);

before(async () => {
  service = await startService('firefox');
  near = await launch();
  ({ browser: kioskBrowser, page: kiosk } = await attachKiosk(resolve(service.folder, 'kiosk-k1/profile')));
  desk = await signIn(near, service.url, 'desk', service.password);
  const booker = await signIn(near, service.url, 'chen', service.password);
  booking = await bookEarliest(booker, '张三');
  await booker.context().close();
  const answer = await ask(desk, 'POST', `bookings/${booking.id}/check-in`, { identity_confirmed: true });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  far = await launchFirefox();
  lawyer = await signInFirefox(far, service.url, 'chen', service.password);
});

after(async () => {
  await far?.close();
  await kioskBrowser?.close();
  await near?.close();
  await service?.stop();
});

test('a lawyer with Firefox joins, and both ends see and hear', async (t) => {
  await hook(lawyer, 'menu-bookings').click();
  await lawyer.locator(`pierce/[data-testid="booking-${booking.id}"] [data-testid="booking-join"]`).click();
  await until(async () => (await stats(lawyer)).frames > 5, 'the lawyer sees the kiosk', 30).catch(async (error) => {
    mkdirSync(service.pictures, { recursive: true });
    await lawyer.screenshot({ path: resolve(service.pictures, 'lawyer.png') });
    throw new Error(`${error.message}; ${told(await stats(lawyer))}; ${lawyer.problems.join('; ')}`);
  });
  await seesPicture(kiosk);
  await countPictures();
  const [start, seen] = [await stats(lawyer), [await shown(), await frames(kiosk)]];
  await pause(5000);
  const figures = between(start, await stats(lawyer));
  const [here, there] = [(await shown()) - seen[0], (await frames(kiosk)) - seen[1]];
  t.diagnostic(`5 s, lawyer in Firefox: ${here} frames, ${told(figures)}`);
  t.diagnostic(`5 s, kiosk: ${there} frames`);
  assert.ok(here > 50, `the lawyer sees ${here} frames in 5 s`);
  assert.ok(there > 50, `the kiosk sees ${there} frames in 5 s`);
  assert.ok(figures.concealed < 0.1, `the lawyer hears: ${figures.concealed} of the sound concealed`);
});

test('the page makes no error in Firefox', () => {
  assert.deepEqual(lawyer.problems, []);
});
