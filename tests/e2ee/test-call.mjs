// SPDX-License-Identifier: Apache-2.0
// One encrypted call between two independent implementations: a lawyer's page in Chromium and the native end as the kiosk; a second
// lawyer, native too, joins and leaves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, hook, launch, look, loudness, signIn } from '../e2e/browser.mjs';
import { bookEarliest, checkIn, join, seesPicture } from '../e2e/people.mjs';
import { startService, until } from '../e2e/service.mjs';
import { licenceOf, nativeKiosk, nativeLawyer, signInRest } from './native.mjs';

let service, browser, lawyer, desk, kiosk, booking, second;
const codes = [];
const shown = async () => (await hook(lawyer, 'security-code').count()) ? hook(lawyer, 'security-code').getAttribute('data-code') : null;

/** All show one code, of an epoch after the given one. */
async function sameCode(epoch, ...natives) {
  const code = await until(async () => {
    const all = [await shown(), ...natives.map((one) => (one.epoch?.epoch > epoch ? one.epoch.code : null))];
    return all.every((one) => one !== null && one === all[0]) && all[0];
  }, `one code after epoch ${epoch}`, 20);
  assert.match(code, /^\d{6}$/);
  assert.ok(!codes.includes(code), 'a new code');
  codes.push(code);
  return natives[0].epoch.epoch;
}

before(async () => {
  service = await startService('e2ee-call', ['--kiosks', '0']);
  kiosk = await nativeKiosk(service, 'kiosk', ['--tone-frequency', '700']);
  browser = await launch();
  lawyer = await signIn(browser, service.url, 'chen', service.password);
  desk = await signIn(browser, service.url, 'desk', service.password);
  booking = await bookEarliest(lawyer, '张三');
  await checkIn(desk, booking);
});

after(async () => {
  await browser?.close();
  await Promise.all([kiosk?.stop(), second?.stop()]);
  await service?.stop();
});

let epoch;
test('the page and the native end show one code, see and hear each other', async () => {
  await join(lawyer, booking);
  await kiosk.waitSaid('admitted', {}, 0, 30);
  epoch = await sameCode(0, kiosk);
  await seesPicture(lawyer);
  assert.ok((await loudness(lawyer)) > 0.001, 'the page hears the tone');
  await kiosk.meets(1 - kiosk.number, 30);
  const picture = kiosk.track(1 - kiosk.number, 'video');
  assert.ok(picture.motion > 0 && picture.width >= 320, JSON.stringify(picture));
  assert.ok(kiosk.track(1 - kiosk.number, 'audio').loudness > 0, 'the native end hears the page');
  await look(lawyer, service.pictures, 'code-shown');
});

/** What the page shows of a seat's picture: its size, the average of red, green and blue, how much it changes. */
const pictureOf = (seat) => lawyer.evaluate(async (id) => {
  const video = document.querySelector(`video[data-seat="${id}"]`);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const take = () => (context.drawImage(video, 0, 0), context.getImageData(0, 0, canvas.width, canvas.height).data);
  const first = take();
  await new Promise((later) => setTimeout(later, 400));
  const then = take();
  const average = [0, 1, 2].map((at) => then.reduce((sum, value, i) => (i % 4 === at ? sum + value : sum), 0) / (then.length / 4));
  return { width: canvas.width, height: canvas.height, average, motion: first.reduce((sum, value, i) => sum + Math.abs(value - then[i]), 0) / first.length };
}, seat);

test('what each opens is what the other sent, in numbers', async () => {
  // The native end sends the bars of smpte75, in which no colour wins, and moves them.
  const seen = await pictureOf(kiosk.said('seated').seat);
  assert.deepEqual([seen.width, seen.height], [320, 240]);
  assert.ok(seen.average.every((value) => value > 60 && value < 150), JSON.stringify(seen));
  assert.ok(Math.max(...seen.average) - Math.min(...seen.average) < 40 && seen.motion > 1, JSON.stringify(seen));
  // Chromium draws its test picture in luma alone, which makes it green, and moves a figure in it.
  const opened = kiosk.track(1 - kiosk.number, 'video');
  assert.ok(opened.y > 1 && opened.u < 20 && opened.v < 20, JSON.stringify(opened));
});

test('the code is ticked on the page, and the record says so', async () => {
  await hook(lawyer, 'code-same').click();
  kiosk.tell('judge', { result: 'same' });
  await kiosk.waitSaid('verified');
  await lawyer.locator('[data-testid="code-panel"][data-state="same"]').waitFor();
  await look(lawyer, service.pictures, 'code-same');
});

test('a third joins: another code on all three, and the tick is gone', async () => {
  const chen = await signInRest(service, 'chen');
  await chen('POST', `bookings/${booking.id}/participants`, { licence: licenceOf(service, 'zhou') });
  second = nativeLawyer(service, 'zhou', booking.id, ['--tone-frequency', '1600']);
  await second.waitSaid('admitted', {}, 0, 30);
  epoch = await sameCode(epoch, kiosk, second);
  await lawyer.locator('[data-testid="code-panel"][data-state="changed"]').waitFor();
  await until(async () => (await lawyer.locator('video[data-seat]').count()) === 2, 'two pictures on the page');
  await until(() => lawyer.evaluate(() => [...document.querySelectorAll('video[data-seat]')].every((video) => video.getVideoPlaybackQuality().totalVideoFrames > 5)),
    'both move', 20);
  for (const [one, other, hz] of [[kiosk, second, 1600], [second, kiosk, 700]]) {
    await one.meets(other.number);
    await until(() => Math.abs(one.track(other.number, 'audio').hz - hz) < 20, `${one.name} hears ${hz} Hz`);
  }
  await kiosk.meets(3 - kiosk.number - second.number);
  await look(lawyer, service.pictures, 'three');
});

test('one leaves: another code again, and who left has no key of it', async () => {
  second.tell('leave');
  await second.waitSaid('left');
  epoch = await sameCode(epoch, kiosk);
  await until(() => kiosk.media.sealing_epoch === epoch, 'the new epoch in use', 5);
  await kiosk.meets(3 - kiosk.number - second.number);
  const held = new Set(second.keys().flatMap((one) => [one.base_key, one.key]));
  const now = kiosk.keys().filter((one) => one.epoch === epoch);
  assert.ok(held.size > 0 && now.length === 4);
  for (const one of now) assert.ok(!held.has(one.base_key) && !held.has(one.key), `who left has a key of epoch ${epoch}`);
  assert.equal(new Set(codes).size, 3);
});

test('“different” on the native end ends the meeting, and the page says what to do', async () => {
  kiosk.tell('judge', { result: 'different' });
  await kiosk.waitSaid('ended', { reason: 'code-different' });
  await hook(lawyer, 'code-differed').waitFor();
  await look(lawyer, service.pictures, 'code-different');
  const { body } = await ask(lawyer, 'GET', `bookings/${booking.id}`);
  assert.equal(body.meeting.end_reason, 'code-different');
});

test('nothing was refused, and no page logged an error', () => {
  assert.deepEqual(kiosk.events.filter(({ event }) => ['key-refused', 'failed', 'error'].includes(event)), []);
  assert.deepEqual(lawyer.problems.filter((text) => !/status of 401/.test(text)), []); // before the sign-in
});
