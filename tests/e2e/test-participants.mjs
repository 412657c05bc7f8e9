// SPDX-License-Identifier: Apache-2.0
// Two lawyers of one client: the second is named, comes, leaves, comes again and is taken out; each time the keys and the code
// are others, and the meeting goes on.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { ask, attachKiosk, hook, launch, look, signIn } from './browser.mjs';
import { bookEarliest, end, goTo, join, seesPicture } from './people.mjs';
import { startService, until } from './service.mjs';

let service, browser, chen, zhou, desk, kiosk, kioskBrowser, booking;
const codes = [];
const enter = (account) => signIn(browser, service.url, account, service.password);

before(async () => {
  service = await startService('participants');
  browser = await launch();
  ({ browser: kioskBrowser, page: kiosk } = await attachKiosk(resolve(service.folder, 'kiosk-k1/profile')));
  [chen, zhou, desk] = [await enter('chen'), await enter('zhou'), await enter('desk')];
});

after(async () => {
  await kioskBrowser?.close();
  await browser?.close();
  await service?.stop();
});

const shownCode = (page) => hook(page, 'security-code').first().getAttribute('data-code', { timeout: 1000 });

/** The same digits in front of everybody, and none that was there before. */
async function newCode(...pages) {
  const code = await until(async () => {
    const shown = await Promise.all(pages.map(shownCode));
    return shown[0] && shown.every((one) => one === shown[0]) && !codes.includes(shown[0]) && shown[0];
  }, 'a new code, the same for all');
  assert.match(code, /^\d{6}$/);
  codes.push(code);
}

/** How many of the others' pictures move. */
async function moving(page) {
  const count = () => page.evaluate(() => [...document.querySelectorAll('video[data-seat]')].map((video) => video.getVideoPlaybackQuality().totalVideoFrames));
  const first = await count();
  await new Promise((later) => setTimeout(later, 1000));
  const second = await count();
  return second.filter((frames, n) => frames > (first[n] ?? 0)).length;
}

const see = (page, n) => until(async () => (await moving(page)) === n, `${n} pictures that move`, 30);

const licenceOf = async (page) => (await ask(page, 'GET', 'me')).body.account.lawyer.licence;

async function name(licence) {
  await hook(chen, 'participant-licence').fill(licence);
  await hook(chen, 'participant-add').click();
}

test('whoever does not act for the client cannot be named', async () => {
  booking = await bookEarliest(chen, '张三');
  await chen.goto(`${service.url}/lawyer/#/bookings/${booking.id}`);
  const he = await enter('he');
  for (const licence of ['14401999999999999', await licenceOf(he)]) {
    await name(licence);
    await chen.locator('#licence-error').waitFor();
  }
  assert.equal((await ask(he, 'GET', `bookings/${booking.id}`)).status, 404);
  await look(chen, service.pictures, 'refused');
  await he.context().close();
});

test('the second lawyer is named by licence number and finds the booking', async () => {
  await name(await licenceOf(zhou));
  await hook(chen, 'participant-remove').waitFor();
  await look(chen, service.pictures, 'named');
  await goTo(zhou, 'menu-bookings');
  await hook(zhou, `booking-${booking.id}`).locator('[data-testid="booking-guest"]').waitFor();
  assert.equal(await hook(zhou, `booking-${booking.id}`).locator('[data-testid="booking-cancel"]').count(), 0);
  await look(zhou, service.pictures, 'guest');
});

test('the first lawyer and the client meet and compare the code', async () => {
  const answer = await ask(desk, 'POST', `bookings/${booking.id}/check-in`, { identity_confirmed: true });
  assert.equal(answer.status, 200);
  await join(chen, booking);
  await seesPicture(chen);
  await seesPicture(kiosk);
  await newCode(chen, kiosk);
  await hook(chen, 'code-same').click();
  await until(async () => (await hook(chen, 'code-panel').getAttribute('data-state')) === 'same', 'the tick');
});

test('the second comes: three see one another, and the code is another', async () => {
  await join(zhou, booking);
  await newCode(chen, kiosk, zhou);
  await Promise.all([see(chen, 2), see(zhou, 2), see(kiosk, 2)]);
  assert.equal(await hook(chen, 'code-panel').getAttribute('data-state'), 'changed', 'the tick was for other keys');
  assert.equal(await hook(zhou, 'meeting-end').count(), 0, 'a participant leaves and does not end');
  await look(chen, service.pictures, 'three-chen');
  await look(kiosk, service.pictures, 'three-kiosk');
});

test('the second leaves: the two go on, with another code', async () => {
  await hook(zhou, 'meeting-leave').click();
  await newCode(chen, kiosk);
  await Promise.all([see(chen, 1), see(kiosk, 1)]);
});

test('the second comes again, and is taken out', async () => {
  await goTo(zhou, 'menu-bookings');
  await join(zhou, booking);
  await newCode(chen, kiosk, zhou);
  await see(zhou, 2);
  const other = await chen.context().newPage();
  await other.goto(`${service.url}/lawyer/#/bookings/${booking.id}`);
  await hook(other, 'participant-remove').click();
  await hook(other, 'participant-remove-confirm').click();
  await newCode(chen, kiosk);
  await hook(zhou, 'join-refused').waitFor({ timeout: 15000 });
  await until(async () => (await moving(zhou)) === 0, 'nothing comes any more');
  await Promise.all([see(chen, 1), see(kiosk, 1)]);
  assert.equal((await ask(zhou, 'GET', `bookings/${booking.id}`)).status, 404);
  await look(zhou, service.pictures, 'taken-out');
  await other.close();
});

test('the record says who sat there', async () => {
  await end(chen);
  const supervisor = await enter('supervisor');
  const { body } = await ask(supervisor, 'GET', 'meetings?state=ended');
  const { body: meeting } = await ask(supervisor, 'GET', `meetings/${body.meetings[0].id}`);
  assert.deepEqual(meeting.seats.map(({ role, state }) => `${role} ${state}`).sort(), ['kiosk left', 'lawyer left', 'lawyer left', 'lawyer left']);
  assert.deepEqual([...new Set(meeting.seats.filter(({ role }) => role === 'lawyer').map(({ name: who }) => who))].sort(), ['周子', '陈甲'].sort());
  for (const act of ['add-participant', 'remove-participant'])
    assert.equal(meeting.record.filter((row) => row.act === act && row.result === 'done').length, 1, act);
});

test('nothing went wrong in the pages', () => {
  for (const page of [chen, zhou, desk]) assert.deepEqual(page.problems.filter((text) => !/status of (401|404|409|422)/.test(text)), []);
});
