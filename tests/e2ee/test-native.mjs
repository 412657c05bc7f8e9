// SPDX-License-Identifier: Apache-2.0
// A lawyer in Chromium and native ends: one encrypted call between two implementations that share no line. Each shows the code
// of the other; pictures and sounds are held against what was sent, in numbers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, frames, hook, launch, look, loudness, signIn } from '../e2e/browser.mjs';
import { bookEarliest, join } from '../e2e/people.mjs';
import { startService, until } from '../e2e/service.mjs';
import { nativeKiosk, nativeLawyer } from '../peer/native.mjs';

let service, browser, lawyer, kiosk, second, booking, epoch;

before(async () => {
  service = await startService('native', ['--kiosks', '0']);
  browser = await launch();
  const root = await signIn(browser, service.url, 'root-admin', service.password);
  const { body: places } = await ask(root, 'GET', 'centres');
  const centre = places.centres.sort((a, b) => (a.code < b.code ? -1 : 1))[0];
  const { body: all } = await ask(root, 'GET', 'rooms');
  const room = all.rooms.filter((one) => one.centre === centre.id).sort((a, b) => (a.name.zh < b.name.zh ? -1 : 1))[0];
  kiosk = await nativeKiosk(service, room.id, 'kiosk', ['--tone-frequency', 700]);
});

after(async () => {
  const left = [];
  for (const end of [second, kiosk]) left.push(await end?.stop());
  await browser?.close();
  await service?.stop();
  assert.ok(left.every((code) => code === 0 || code === undefined), `the native ends left with ${left} (logs in ${service?.folder}/log)`);
});

/** What the page shows of a seat's picture: average of red, green and blue, and how much the picture changes. */
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

/** Until the page and these ends show the code of one epoch later than the last; that epoch. */
async function oneCode(ends) {
  const later = await until(() => {
    const said = ends.map((end) => end.said('epoch'));
    return said.every((one) => one && one.epoch > (epoch?.epoch ?? 0) && one.code === said[0].code) && said[0];
  }, 'a new epoch at the native ends', 20);
  await until(async () => (await hook(lawyer, 'security-code').getAttribute('data-code')) === later.code, `the code ${later.code} on the page`);
  assert.match(later.code, /^\d{6}$/);
  assert.notEqual(later.code, epoch?.code);
  return later;
}

test('the page and the native kiosk show one code', async () => {
  lawyer = await signIn(browser, service.url, 'chen', service.password);
  booking = await bookEarliest(lawyer, '张三');
  const desk = await signIn(browser, service.url, 'desk', service.password);
  assert.equal((await ask(desk, 'POST', `bookings/${booking.id}/check-in`, { identity_confirmed: true })).status, 200);
  await kiosk.heard('seated');
  await join(lawyer, booking);
  epoch = await oneCode([kiosk]);
  assert.equal(epoch.seats, 2);
  await look(lawyer, service.pictures, 'code');
});

test("the kiosk opens Chromium's picture and sound", async () => {
  await kiosk.heard('admitted');
  const me = kiosk.said('roster').seats.find((seat) => seat.role === 'lawyer').number;
  const track = await kiosk.sees(me, 20);
  // Chromium draws its test picture in luma alone, which makes it green, and moves a figure in it.
  assert.ok(track.width >= 320 && track.height >= 240, JSON.stringify(track));
  assert.ok(track.u < 20 && track.v < 20 && track.y > 10, `not green: ${JSON.stringify(track)}`);
  await until(() => kiosk.track(me, 'video').motion > 0.05, 'a moving picture');
  await kiosk.hears(me);
});

test("the page opens the kiosk's picture and sound", async () => {
  const seat = kiosk.said('seated').seat;
  await until(async () => (await frames(lawyer)) > 10, 'the remote picture', 20);
  const picture = await pictureOf(seat);
  assert.deepEqual([picture.width, picture.height], [320, 240]);
  // The bars of smpte75: no colour wins; they move.
  assert.ok(picture.average.every((value) => value > 60 && value < 150), JSON.stringify(picture));
  assert.ok(Math.max(...picture.average) - Math.min(...picture.average) < 40, JSON.stringify(picture));
  assert.ok(picture.motion > 1, JSON.stringify(picture));
  assert.ok((await loudness(lawyer)) > 0.05);
  await look(lawyer, service.pictures, 'native-kiosk');
});

test('a second lawyer joins: the code changes everywhere, and all see all', async () => {
  const { body: people } = await ask(await signIn(browser, service.url, 'root-admin', service.password), 'GET', 'accounts');
  const { licence } = people.accounts.find((account) => account.name === 'zhou').lawyer;
  assert.equal((await ask(lawyer, 'POST', `bookings/${booking.id}/participants`, { licence })).status, 200);
  second = nativeLawyer(service, 'zhou', booking.id, ['--tone-frequency', 1600]);
  await second.heard('admitted');
  epoch = await oneCode([kiosk, second]);
  assert.equal(epoch.seats, 3);
  const { number: mine } = kiosk.said('seated');
  const { number: theirs, seat } = second.said('seated');
  const chen = second.said('roster').seats.find((one) => one.number !== mine && one.number !== theirs).number;
  await second.sees(chen);
  await second.sees(mine);
  await second.hears(mine, 700);
  await kiosk.sees(theirs);
  await kiosk.hears(theirs, 1600);
  await kiosk.sees(chen);
  await until(async () => (await lawyer.locator(`video[data-seat="${seat}"]`).evaluate((video) => video.getVideoPlaybackQuality().totalVideoFrames)) > 10, 'the second lawyer on the page');
  await look(lawyer, service.pictures, 'three');
});

test('the second lawyer leaves: the code changes, the others go on', async () => {
  second.tell('leave');
  await second.heard('left');
  epoch = await oneCode([kiosk]);
  assert.equal(epoch.seats, 2);
  await kiosk.sees(kiosk.said('roster').seats.find((seat) => seat.role === 'lawyer' && seat.state !== 'left').number, 20);
  const before = await frames(lawyer);
  await until(async () => (await frames(lawyer)) > before + 10, 'the picture goes on');
});

test('the kiosk finds the code different: the meeting ends, for that reason', async () => {
  await hook(lawyer, 'code-same').click();
  kiosk.tell('judge', { result: 'different' });
  await kiosk.heard('quiet');
  assert.equal((await kiosk.heard('ended')).reason, 'code-different');
  await hook(lawyer, 'meeting-summary').waitFor();
  assert.deepEqual(lawyer.problems.filter((text) => !text.includes('401')), []); // it asks who is signed in before somebody is
});
