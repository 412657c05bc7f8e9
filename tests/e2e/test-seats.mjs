// SPDX-License-Identifier: Apache-2.0
// Seats while a lawyer waits and meets: a booking that is cancelled under them, a second tab and another device that take the
// seat, and the supervisor's page that follows it all without a reload.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, hook, launch, look, signIn } from './browser.mjs';
import { bookEarliest, checkIn, join, seesPicture } from './people.mjs';
import { startService, until } from './service.mjs';

let service, browser, lawyer, desk, supervisor, booking;
const enter = (account, options) => signIn(browser, service.url, account, service.password, options);
const waits = (page) => hook(page, 'waiting-state').waitFor();

/** Stamps, in the page's own clock, the moment at which a selector is there for the first time. */
function watchFor(page, selector) {
  return page.evaluateHandle((wanted) => ({
    seen: new Promise((found) => {
      const search = () => (document.querySelector(wanted) ? found(Date.now()) : requestAnimationFrame(search));
      search();
    }),
  }), selector);
}
const seenAt = (watch) => watch.evaluate(({ seen }) => seen);

before(async () => {
  service = await startService('seats');
  browser = await launch();
  lawyer = await enter('chen');
  desk = await enter('desk');
  supervisor = await enter('supervisor');
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

test('a lawyer in the waiting room is told when the desk cancels, by whom and why', async () => {
  booking = await bookEarliest(lawyer, '张三');
  await join(lawyer, booking);
  await waits(lawyer);
  await hook(desk, `desk-row-${booking.id}`).locator('[data-testid="desk-cancel"]').click();
  await hook(desk, 'reason-medical').check();
  await hook(desk, 'desk-cancel-submit').click();
  await hook(lawyer, 'meeting-summary').waitFor();
  assert.match(await lawyer.locator('h1').innerText(), /预约已取消/);
  await until(async () => /会见登记台：在押人员就医/.test(await hook(lawyer, 'summary-reason').innerText()), 'who and why');
  await look(lawyer, service.pictures, 'lawyer-cancelled');
  await hook(lawyer, 'lang-en').click();
  await until(async () => /cancelled/i.test(await lawyer.locator('h1').innerText()), 'English');
  await look(lawyer, service.pictures, 'lawyer-cancelled-en');
  assert.match(await hook(lawyer, 'summary-reason').innerText(), /medical care/);
  await hook(lawyer, 'lang-zh').click();
  await hook(desk, `desk-row-${booking.id}`).locator('text=已取消').waitFor();
  await look(desk, service.pictures, 'desk-cancelled');
  const { body } = await ask(lawyer, 'GET', `bookings/${booking.id}`);
  assert.deepEqual(body.cancelled, { by: 'desk', reason: '在押人员就医' });
  assert.equal(body.clock.state, 'running', 'the centre still owes the meeting');
});

test('a meeting shows on the supervisor\'s page within a second, and again when it begins', async () => {
  booking = await bookEarliest(lawyer, '张三');
  const appears = await watchFor(supervisor, '[data-testid^="live-meeting-"] [data-testid="live-state"] .hj-is-warn');
  await join(lawyer, booking);
  await waits(lawyer);
  await seenAt(appears);
  const begins = await watchFor(supervisor, '[data-testid^="live-meeting-"] [data-testid="live-state"] .hj-is-good');
  await checkIn(desk, booking);
  await seesPicture(lawyer);
  const { body } = await ask(lawyer, 'GET', `bookings/${booking.id}`);
  const { body: meeting } = await ask(supervisor, 'GET', `meetings/${body.meeting.id}`);
  const late = (await seenAt(begins)) - meeting.admitted_at_us / 1000;
  assert.ok(late < 1000, `the beginning came ${Math.round(late)} ms late`);
  await look(supervisor, service.pictures, 'supervisor-live');
});

test('a second tab takes the seat; the first says so, and can take it back', async () => {
  const second = await lawyer.context().newPage();
  await second.goto(lawyer.url());
  await hook(lawyer, 'meeting-elsewhere').waitFor();
  assert.equal(await lawyer.locator('video').count(), 0, 'the first tab shows nothing any more');
  await look(lawyer, service.pictures, 'lawyer-elsewhere');
  await seesPicture(second);
  await hook(lawyer, 'meeting-take-back').click();
  await hook(second, 'meeting-elsewhere').waitFor();
  await seesPicture(lawyer);
  await second.close();
});

test('another device takes the seat: the server sends the first away, and nobody fights', async () => {
  const other = await enter('chen');
  await join(other, booking);
  await hook(lawyer, 'meeting-elsewhere').waitFor();
  await seesPicture(other);
  await new Promise((later) => setTimeout(later, 3000));
  assert.equal(await hook(lawyer, 'meeting-elsewhere').count(), 1, 'the first does not come back by itself');
  assert.equal(await hook(other, 'meeting-elsewhere').count(), 0);
  await lawyer.context().close();
  lawyer = other;
});

test('an end shows on the supervisor\'s page within a second, in words', async () => {
  const over = await watchFor(supervisor, '[data-testid^="live-meeting-"] [data-testid="live-state"] .hj-is-plain');
  const loaded = await supervisor.evaluate(() => performance.timeOrigin);
  await hook(lawyer, 'meeting-end').click();
  await hook(lawyer, 'meeting-end-reason-help').click();
  await hook(lawyer, 'meeting-end-confirm').click();
  await hook(lawyer, 'meeting-summary').waitFor();
  const { body } = await ask(supervisor, 'GET', 'meetings?state=ended');
  const meeting = body.meetings.find((one) => one.booking === booking.id);
  const late = (await seenAt(over)) - meeting.ended_at_us / 1000;
  assert.ok(late < 1000, `the end came ${Math.round(late)} ms late`);
  assert.equal(await supervisor.evaluate(() => performance.timeOrigin), loaded, 'no reload');
  assert.match(await hook(supervisor, `live-meeting-${meeting.id}`).innerText(), /需要民警协助/);
  await look(supervisor, service.pictures, 'supervisor-ended');
});

test('the record of both tells cancelled and help, and what was delivered', async () => {
  const { body } = await ask(supervisor, 'GET', 'meetings?state=ended');
  const cancelled = body.meetings.find((one) => one.end_reason === 'cancelled');
  const held = body.meetings.find((one) => one.booking === booking.id);
  assert.deepEqual([cancelled.ended_by, cancelled.admitted_at_us, cancelled.delivered_us], ['machine', null, 0]);
  assert.equal(held.delivered_us + held.lost_us, held.ended_at_us - held.admitted_at_us);
  await hook(supervisor, 'supervisor-tab-meetings').click();
  assert.match(await hook(supervisor, `past-meeting-${cancelled.id}`).innerText(), /预约已取消/);
  await look(supervisor, service.pictures, 'supervisor-past');
  await hook(supervisor, `past-open-${held.id}`).click();
  await hook(supervisor, 'record-timeline').waitFor();
  await look(supervisor, service.pictures, 'supervisor-record');
});
