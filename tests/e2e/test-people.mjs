// SPDX-License-Identifier: Apache-2.0
// People, places and bookings: what administrators, desks and lawyers do besides meeting.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, hook, launch, look, signIn } from './browser.mjs';
import { bookEarliest, goTo, openClient } from './people.mjs';
import { startService, until } from './service.mjs';

let service, browser, admin, chen;
const enter = (account, password = service.password) => signIn(browser, service.url, account, password);

before(async () => {
  service = await startService('people');
  browser = await launch();
  admin = await enter('admin');
  chen = await enter('chen');
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

test('an administrator makes an account, and its owner signs in', async () => {
  await hook(admin, 'admin-tab-people').click();
  await hook(admin, 'account-create').click();
  await hook(admin, 'account-name').fill('newdesk');
  await hook(admin, 'account-display-name').fill('新值班员');
  await hook(admin, 'account-role').selectOption('desk');
  await admin.locator('[data-testid^="account-centre-"]').first().check();
  await hook(admin, 'account-password').fill('a long first password');
  await look(admin, service.pictures, 'account-create');
  await hook(admin, 'account-submit').click();
  await admin.locator('[data-testid^="account-row-"]:has-text("newdesk")').waitFor();
  const page = await enter('newdesk', 'a long first password');
  assert.match(page.url(), /desk/);
  await page.context().close();
});

test('a weak password is refused', async () => {
  const { body } = await ask(admin, 'GET', 'centres');
  const answer = await ask(admin, 'POST', 'accounts', {
    name: 'weak', display_name: 'weak', role: 'desk', centres: [body.centres[0].id], password: 'short',
  });
  assert.equal(answer.status, 422);
  assert.equal(answer.body.code, 'password-weak');
});

test('a disabled account is out at once', async () => {
  const page = await enter('newdesk', 'a long first password');
  const { body } = await ask(admin, 'GET', 'accounts');
  const account = body.accounts.find((one) => one.name === 'newdesk');
  assert.equal((await ask(admin, 'PUT', `accounts/${account.id}`, { state: 'disabled' })).status, 200);
  // Its page asks every few seconds, hears that it is signed out and goes to the sign-in by itself, perhaps just now.
  await until(async () => (await ask(page, 'GET', 'bookings').catch(() => null))?.status === 401, 'signed out', 5);
  await hook(page, 'login-account').waitFor();
  await page.context().close();
});

test('rooms and kiosks are kept by the administrator', async () => {
  const { body: centres } = await ask(admin, 'GET', 'centres');
  const room = await ask(admin, 'POST', 'rooms', { centre: centres.centres[0].id, name: { zh: '新会见室', en: 'New room' } });
  assert.equal(room.status, 201);
  const kiosk = await ask(admin, 'POST', 'kiosks', { room: room.body.id, name: 'k9' });
  assert.equal(kiosk.status, 201);
  assert.ok(kiosk.body.token.length >= 22);
  const { body: listed } = await ask(admin, 'GET', 'kiosks');
  assert.ok(!JSON.stringify(listed).includes(kiosk.body.token), 'the token is shown once');
  assert.equal((await ask(admin, 'POST', 'kiosks', { room: room.body.id, name: 'k10' })).body.code, 'exists');
  for (const tab of ['centres', 'policy', 'rooms', 'kiosks']) {
    await hook(admin, `admin-tab-${tab}`).click();
    await until(() => admin.locator('h1').isVisible(), tab);
    await look(admin, service.pictures, `admin-${tab}`);
  }
});

test('an administrator cannot see meetings of other centres, nor book', async () => {
  assert.equal((await ask(admin, 'GET', 'cases')).status, 404);
  assert.equal((await ask(admin, 'POST', 'bookings', { authority: 'a'.repeat(26), slot: null })).status, 404);
});

test('two lawyers ask for one slot: one gets it, the other gets alternatives', async () => {
  const rivals = [chen, await enter('zeng')];
  const clients = await Promise.all(rivals.map(async (page) =>
    (await ask(page, 'GET', 'cases')).body.clients.filter((one) => one.allowed)));
  const centre = clients[0].find((one) => clients[1].some((two) => two.centre.id === one.centre.id)).centre.id;
  const mine = clients.map((list) => list.find((one) => one.centre.id === centre));
  const { body: free } = await ask(chen, 'GET', `slots?authority=${mine[0].authority}`);
  const slot = { room: free.slots[3].room, starts_at_us: free.slots[3].starts_at_us };
  const answers = await Promise.all(rivals.map((page, n) => ask(page, 'POST', 'bookings', { authority: mine[n].authority, slot })));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409]);
  const loser = answers.find((answer) => answer.status === 409);
  assert.equal(loser.body.code, 'slot-taken');
  assert.ok(loser.body.alternatives.length > 0);
  const winner = answers.findIndex((answer) => answer.status === 201);
  assert.equal((await ask(rivals[winner], 'POST', `bookings/${answers[winner].body.id}/cancel`, { reason: 'other' })).status, 200);
  await rivals[1].context().close();
});

test('a request without a slot starts the clock', async () => {
  const { body } = await ask(chen, 'GET', 'cases');
  const client = body.clients.filter((one) => one.allowed)[1];
  const answer = await ask(chen, 'POST', 'bookings', { authority: client.authority, slot: null });
  assert.equal(answer.status, 201);
  assert.equal(answer.body.state, 'ASKED');
  assert.equal(answer.body.clock.state, 'running');
});

test('a lawyer cancels through the page', async () => {
  const booking = await bookEarliest(chen, '赵六');
  await hook(chen, 'menu-bookings').click();
  await hook(chen, `booking-${booking.id}`).locator('[data-testid="booking-cancel"]').click();
  await chen.locator('[data-testid="cancel-reason"]').first().click().catch(() => {});
  await hook(chen, 'cancel-confirm').click();
  await until(async () => (await ask(chen, 'GET', `bookings/${booking.id}`)).body.state === 'CANCELLED', 'cancelled');
});

test('a booking that its centre reviews is confirmed by the desk', async () => {
  const { body: cases } = await ask(chen, 'GET', 'cases');
  const centre = cases.clients.find((one) => one.detainee.name === '赵六').centre.id;
  const { body: kept } = await ask(admin, 'GET', `policies?centre=${centre}`);
  const { document } = kept.policies.reduce((newest, one) => (one.version > newest.version ? one : newest));
  const setReview = async (review) => {
    const answer = await ask(admin, 'PUT', `policies/${centre}`, { document: { ...document, review } });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  await setReview(true);
  try {
    const booking = await bookEarliest(chen, '赵六', ['REVIEW']);
    await look(chen, service.pictures, 'booked-to-review');
    assert.equal(booking.can.includes('join'), false, 'nobody joins what is not confirmed');
    const desk = await enter('desk');
    await goTo(desk, 'lang-en');
    const row = hook(desk, `desk-row-${booking.id}`);
    await row.waitFor();
    assert.equal(await row.locator('[data-testid="desk-check-in"]').count(), 0);
    await look(desk, service.pictures, 'desk-review-en');
    await row.locator('[data-testid="desk-confirm"]').click();
    await row.locator('[data-testid="desk-check-in"]').waitFor();
    assert.equal(await row.locator('[data-testid="desk-confirm"]').count(), 0);
    await look(desk, service.pictures, 'desk-confirmed-en');
    await goTo(chen, 'menu-bookings');
    await until(async () => (await hook(chen, `booking-${booking.id}`).getAttribute('data-state')) === 'CONFIRMED', "the lawyer's page says confirmed");
    assert.equal((await ask(desk, 'POST', `bookings/${booking.id}/confirm`)).body.code, 'state');
    await desk.context().close();
    await ask(chen, 'POST', `bookings/${booking.id}/cancel`, { reason: 'other' });
  } finally {
    await setReview(false);
  }
});

test('the device check runs and is kept with the booking', async () => {
  const booking = await bookEarliest(chen, '赵六');
  await hook(chen, 'menu-bookings').click();
  await hook(chen, `booking-${booking.id}`).locator('[data-testid="booking-device-check"]').click();
  await until(async () => (await hook(chen, 'device-camera').getAttribute('data-result')) === 'ok', 'the camera', 20);
  await hook(chen, 'device-speaker-play').click();
  await hook(chen, 'device-speaker-yes').click();
  await look(chen, service.pictures, 'device-check');
  await hook(chen, 'device-finish').click();
  const kept = await until(async () => (await ask(chen, 'GET', `bookings/${booking.id}`)).body.device_check, 'the result');
  assert.equal(kept.camera, 'ok');
});

test('every page speaks both languages', async () => {
  await openClient(chen, '张三');
  await hook(chen, 'lang-en').click();
  await until(async () => /Eligib|meet/i.test(await hook(chen, 'eligibility').innerText()), 'English');
  await look(chen, service.pictures, 'client-en');
  await hook(chen, 'lang-zh').click();
});

test('writes from elsewhere are refused', async () => {
  const { headers } = await fetch(service.url);
  assert.match(headers.get('content-security-policy'), /default-src 'none'/);
  for (const extra of [{}, { 'X-Huijian': '1', Origin: 'https://evil.example' }, { 'X-Huijian': '1', Origin: service.url, 'Sec-Fetch-Site': 'cross-site' }]) {
    const answer = await fetch(`${service.url}/api/login`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', ...extra }, body: JSON.stringify({ account: 'chen', password: service.password }),
    });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers.get('set-cookie'), null);
  }
});
