// SPDX-License-Identifier: Apache-2.0
// The main job: a lawyer books, the desk checks in, both meet, a supervisor follows, the record is whole.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { ask, attachKiosk, frames, hook, launch, loudness, look, signIn } from './browser.mjs';
import { bookEarliest, checkIn, end, join, openClient, seesPicture } from './people.mjs';
import { startService, until } from './service.mjs';

let service, browser, lawyer, desk, supervisor, kiosk, kioskBrowser, booking;
const enter = (account, options) => signIn(browser, service.url, account, service.password, options);

before(async () => {
  service = await startService('meeting');
  browser = await launch();
  ({ browser: kioskBrowser, page: kiosk } = await attachKiosk(resolve(service.folder, 'kiosk-k1/profile')));
});

after(async () => {
  await kioskBrowser?.close();
  await browser?.close();
  await service?.stop();
});

test('a wrong password and an unknown account get the same answer', async () => {
  const page = await (await browser.newContext({ locale: 'zh-CN' })).newPage();
  const texts = [];
  for (const account of ['chen', 'nobody']) {
    await page.goto(service.url);
    await hook(page, 'login-account').fill(account);
    await hook(page, 'login-password').fill('not the password');
    await hook(page, 'login-submit').click();
    texts.push(await hook(page, 'error-summary').innerText());
  }
  assert.equal(texts[0], texts[1]);
  await look(page, service.pictures, 'sign-in-refused');
  await page.context().close();
});

test('a suspended lawyer sees why and cannot book', async () => {
  const page = await enter('lin');
  await openClient(page, '王五');
  await hook(page, 'finding-licence-suspended').waitFor();
  assert.match(await hook(page, 'finding-licence-suspended').innerText(), /律师法/);
  assert.equal(await hook(page, 'book-earliest').count(), 0);
  await hook(page, 'lang-en').click();
  assert.match(await hook(page, 'finding-licence-suspended').innerText(), /suspen/i);
  await look(page, service.pictures, 'suspended-en');
  const { body } = await ask(page, 'GET', 'cases');
  const answer = await ask(page, 'POST', 'bookings', { authority: body.clients[0].authority, slot: null });
  assert.equal(answer.status, 422);
  assert.deepEqual(answer.body.findings.filter((f) => f.severity === 'deny').map((f) => f.code), ['licence-suspended']);
  await page.context().close();
});

test('a lawyer without authority sees why and cannot book', async () => {
  const page = await enter('he');
  await openClient(page, '赵六');
  await hook(page, 'finding-authority-revoked').waitFor();
  await look(page, service.pictures, 'without-authority');
  await page.context().close();
});

test("another lawyer's client is not found", async () => {
  const chen = await enter('chen');
  const lin = await enter('lin');
  const { body } = await ask(chen, 'GET', 'cases');
  const foreign = await ask(lin, 'GET', `eligibility?authority=${body.clients[0].authority}`);
  const unknown = await ask(lin, 'GET', `eligibility?authority=${'a'.repeat(26)}`);
  assert.equal(foreign.status, 404);
  assert.deepEqual(foreign.body, unknown.body);
  await lin.context().close();
  await chen.context().close();
});

test('the lawyer books the earliest slot and the clock runs', async () => {
  lawyer = await enter('chen');
  booking = await bookEarliest(lawyer, '张三');
  assert.equal(booking.state, 'CONFIRMED');
  assert.equal(booking.clock.state, 'running');
  assert.equal(booking.clock.due_at_us - booking.clock.started_at_us, 48 * 3600 * 1e6);
  await look(lawyer, service.pictures, 'booked');
});

test('a slot that is taken is refused with alternatives', async () => {
  const page = await enter('huang');
  const { body } = await ask(page, 'GET', 'cases');
  const client = body.clients.find((one) => one.allowed && one.centre.id === booking.centre.id) ?? body.clients.find((one) => one.allowed);
  const answer = await ask(page, 'POST', 'bookings', {
    authority: client.authority,
    slot: { room: booking.room.id, starts_at_us: booking.starts_at_us },
  });
  assert.equal(answer.status, 409);
  assert.ok(['slot-taken', 'slot-closed'].includes(answer.body.code));
  await page.context().close();
});

test('the kiosk says who will call, and waits for the check-in', async () => {
  await until(async () => (await hook(kiosk, 'kiosk-lawyer').innerText()).includes('陈甲'), 'the kiosk names the lawyer');
  await look(kiosk, service.pictures, 'kiosk-assigned');
});

test('the desk checks the detainee in', async () => {
  desk = await enter('desk');
  await look(desk, service.pictures, 'desk-list');
  await checkIn(desk, booking);
  await until(async () => (await ask(desk, 'GET', `bookings/${booking.id}`)).body.state === 'CHECKED_IN', 'checked in');
  await look(desk, service.pictures, 'desk-checked-in');
});

test('lawyer and client see and hear each other', async () => {
  supervisor = await enter('supervisor');
  await join(lawyer, booking);
  await seesPicture(lawyer);
  await seesPicture(kiosk);
  assert.ok((await loudness(lawyer)) > 0.001, 'the lawyer hears the kiosk');
  assert.ok((await loudness(kiosk)) > 0.001, 'the kiosk hears the lawyer');
  assert.equal(await hook(lawyer, 'meeting-state').getAttribute('data-state'), 'live');
  await look(lawyer, service.pictures, 'lawyer-meeting');
  await look(kiosk, service.pictures, 'kiosk-meeting');
});

test('the supervisor sees the meeting live, and no picture', async () => {
  const { body } = await ask(supervisor, 'GET', 'meetings?state=live');
  const meeting = body.meetings.find((one) => one.booking === booking.id);
  await hook(supervisor, `live-meeting-${meeting.id}`).waitFor();
  assert.equal(await supervisor.locator('video, audio').count(), 0);
  assert.equal(meeting.clock.state, 'met');
  await look(supervisor, service.pictures, 'supervisor-live');
});

test('a reload comes back to the meeting', async () => {
  await lawyer.reload();
  const again = hook(lawyer, 'booking-join').first();
  if (!(await lawyer.locator('video[data-seat]').count()) && (await again.count())) await again.click();
  await seesPicture(lawyer);
  await until(async () => (await frames(kiosk)) > 0, 'the kiosk still sees');
});

test('the lawyer ends, and everybody is told', async () => {
  await end(lawyer);
  await look(lawyer, service.pictures, 'lawyer-summary');
  await until(async () => (await hook(kiosk, 'kiosk-state').getAttribute('data-state')) !== 'meeting', 'the kiosk left the meeting');
  await look(kiosk, service.pictures, 'kiosk-ended');
});

test('the lawyer finds when and why it ended, also after a reload', async () => {
  const { body } = await ask(lawyer, 'GET', `bookings/${booking.id}`);
  assert.equal(body.state, 'HELD');
  assert.equal(body.meeting.end_reason, 'done');
  assert.equal(body.meeting.ended_by, 'lawyer');
  assert.ok(body.meeting.ended_at_us > body.meeting.admitted_at_us);
  await lawyer.reload();
  await hook(lawyer, 'summary-end').waitFor();
  assert.equal(await lawyer.locator('video').count(), 0, 'no camera is opened for what is over');
});

test('the record is whole', async () => {
  const { body } = await ask(supervisor, 'GET', 'meetings?state=ended');
  const { body: meeting } = await ask(supervisor, 'GET', `meetings/${body.meetings[0].id}`);
  const acts = meeting.record.filter((row) => row.result === 'done').map((row) => `${row.role} ${row.act}`);
  for (const expected of ['lawyer book', 'desk check-in', 'lawyer join', 'kiosk join', 'machine admit', 'lawyer end'])
    assert.ok(acts.includes(expected), `${expected} in ${acts}`);
  assert.equal(acts.filter((act) => act === 'machine admit').length, 1);
  assert.deepEqual([...meeting.record].sort((a, b) => a.at_us - b.at_us).map((row) => row.seq), meeting.record.map((row) => row.seq));
  assert.equal(meeting.end_reason, 'done');
  assert.ok(meeting.seats.every((seat) => seat.state === 'left' && seat.left_at_us >= seat.joined_at_us));
  assert.ok(!JSON.stringify(meeting.record).includes('张三'), 'no names in the record');
  await hook(supervisor, 'supervisor-tab-meetings').click();
  await hook(supervisor, `past-open-${meeting.id}`).click();
  await hook(supervisor, 'record-timeline').waitFor();
  assert.ok((await hook(supervisor, 'record-step').count()) >= 6);
  await look(supervisor, service.pictures, 'supervisor-record');
});

test('the kiosk holds the next meeting, with a lawyer who has no camera', async () => {
  const other = await launch([], false);
  try {
    const page = await signIn(other, service.url, 'zeng', service.password);
    const { body } = await ask(page, 'GET', 'cases');
    const client = body.clients.find((one) => one.allowed && one.centre.id === booking.centre.id);
    const { body: free } = await ask(page, 'GET', `slots?authority=${client.authority}`);
    const next = await ask(page, 'POST', 'bookings', { authority: client.authority, slot: free.slots[0] });
    assert.equal(next.status, 201, JSON.stringify(next.body));
    await ask(desk, 'POST', `bookings/${next.body.id}/check-in`, { identity_confirmed: true });
    await join(page, next.body);
    await seesPicture(page);
    await look(page, service.pictures, 'lawyer-without-camera');
    await end(page);
  } finally {
    await other.close();
  }
});

test('no page logged an error', () => {
  const expected = /status of (401|404|409|422)/;
  for (const page of [lawyer, desk, supervisor]) assert.deepEqual(page.problems.filter((text) => !expected.test(text)), []);
});
