// SPDX-License-Identifier: Apache-2.0
// A crash of huijiand in mid-meeting: the picture goes on, the seats resume, and a leave that happened meanwhile is recorded.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { ask, attachKiosk, frames, hook, launch, look, signIn } from './browser.mjs';
import { meet, seesPicture } from './people.mjs';
import { watchPictures } from './picture-watch.mjs';
import { startService, until } from './service.mjs';

let service, browser, lawyer, supervisor, desk, kiosk, kioskBrowser, booking, meeting, pictures;
const enter = (account) => signIn(browser, service.url, account, service.password);
const pause = (ms) => new Promise((later) => setTimeout(later, ms));
const isUp = () => fetch(`${service.url}/api/healthz`).then((answer) => answer.ok);

async function load() {
  const { body } = await ask(supervisor, 'GET', `meetings/${meeting.id}`);
  return body;
}

before(async () => {
  service = await startService('restart', ['--resume-s', '12']);
  browser = await launch();
  ({ browser: kioskBrowser, page: kiosk } = await attachKiosk(resolve(service.folder, 'kiosk-k1/profile')));
  lawyer = await enter('chen');
  desk = await enter('desk');
  supervisor = await enter('supervisor');
  booking = await meet(lawyer, desk, '张三');
  await seesPicture(kiosk);
  ({ meeting } = (await ask(lawyer, 'GET', `bookings/${booking.id}`)).body);
});

after(async () => {
  await kioskBrowser?.close();
  await browser?.close();
  await service?.stop();
});

test('the picture does not stop while huijiand is dead', async (t) => {
  pictures = await watchPictures({ lawyer, kiosk });
  await service.command('hold huijiand');
  assert.equal(await isUp().catch(() => false), false);
  const held_ms = Date.now();
  await pictures.moves(60, 'both pictures go on without huijiand');
  // Longer than what a page bears in silence, of its server (1.5 s) and of a picture (2 s).
  await pause(Math.max(0, held_ms + 4000 - Date.now()));
  await look(lawyer, service.pictures, 'lawyer-without-huijiand');
  await look(kiosk, service.pictures, 'kiosk-without-huijiand');
  await pictures.moves(10, 'both pictures still move');
  t.diagnostic(await pictures.tell());
  await pictures.notCovered('no picture is hidden because huijiand is dead');
  assert.equal(await isUp().catch(() => false), false, 'it was dead all the time');
});

test('after its restart the meeting goes on with the same seats', async () => {
  await service.command('release huijiand');
  await until(isUp, 'huijiand is back');
  const record = await until(async () => {
    const seen = await load();
    return seen.state === 'live' && seen.seats.every((seat) => ['admitted', 'waiting', 'connected'].includes(seat.state)) &&
      seen.record.filter((row) => row.act === 'resume').length >= 2 && seen;
  }, 'both seats resumed', 30);
  assert.equal(record.seats.length, 2);
  assert.equal(record.record.filter((row) => row.act === 'join').length, 2, 'nobody had to join again');
  await pictures.moves(10, 'both pictures move after it');
  await pictures.notCovered('no picture is hidden while the seats come back one by one');
});

test('a leave during an outage is recorded with its time', async () => {
  await service.command('hold huijiand');
  const from = Date.now() * 1000;
  await lawyer.context().close();
  await pause(2500);
  const to = Date.now() * 1000;
  await service.command('release huijiand');
  await until(isUp, 'huijiand is back');
  const seat = await until(async () => (await load()).seats.find((one) => one.role === 'lawyer' && one.state === 'left'), 'the leave', 60);
  assert.ok(seat.left_at_us >= from - 1e6 && seat.left_at_us <= to, `left at ${seat.left_at_us}, outage ${from}..${to}`);
  const seen = await load();
  const leave = seen.record.find((row) => row.act === 'leave');
  assert.equal(leave.role, 'machine');
  assert.equal(seen.state, 'cut_off');
});

test('the lawyer comes back and the meeting goes on', async () => {
  lawyer = await enter('chen');
  await hook(lawyer, 'menu-bookings').click();
  await hook(lawyer, `booking-${booking.id}`).locator('[data-testid="booking-join"]').click();
  await seesPicture(lawyer);
  assert.equal((await load()).state, 'live');
});

test('after a crash of the relay the picture is back', async () => {
  await service.command('kill huijian-media');
  await pause(500);
  const before = await frames(lawyer);
  await until(async () => {
    const now = await frames(lawyer);
    return now > 0 && now !== before;
  }, 'the lawyer sees again', 20);
  await seesPicture(lawyer);
  await seesPicture(kiosk);
  const seen = await load();
  assert.equal(seen.state, 'live');
});

test('the desk ends it, and the record is whole', async () => {
  const answer = await ask(desk, 'POST', `bookings/${booking.id}/end`, { reason: 'done' });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const seen = await load();
  assert.equal(seen.state, 'ended');
  assert.equal(seen.ended_by, 'desk');
  const sequence = seen.record.map((row) => row.act);
  for (const act of ['book', 'check-in', 'join', 'admit', 'resume', 'leave', 'end']) assert.ok(sequence.includes(act), act);
});
