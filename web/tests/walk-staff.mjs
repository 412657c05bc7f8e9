// SPDX-License-Identifier: Apache-2.0
// Walks through the pages of desk, administrator and supervisor over a pretend server, in both languages. `npm run walk`
// builds the pages and runs all walks.
import { startFakeStaff } from './support/fake-staff.mjs';
import { numbered, walk } from './support/walk.mjs';

function walkAs(account, locale, width, steps) {
  const browser = { camera: false, viewport: { width, height: width > 600 ? 900 : 844 }, locale: locale === 'zh' ? 'zh-CN' : 'en-GB' };
  walk('staff', `${account} ${locale} ${width}`, { browser, harmless: /status of [45]\d\d|WebSocket connection/ }, async (w) => {
    const fake = await startFakeStaff();
    w.after(() => fake.close());
    fake.signIn(account);
    const page = await w.open();
    const number = numbered();
    await steps({
      page, fake, expect: w.expect, file: w.file,
      by: (id) => page.getByTestId(id),
      shot: (what, fullPage = true) => w.shot(page, number(what), { fullPage }),
      sent: (method, path) => fake.requests.filter((one) => one.method === method && one.path === path),
    });
  });
}

const padded = (text) => text.padEnd(26, 'a');

async function desk({ page, by, shot, fake, expect, sent, file }) {
  await page.goto(`${fake.url}/desk/`);
  const row = (n) => by(`desk-row-${padded(`booking${n}`)}`);
  await row(3).waitFor();
  await by('desk-review').waitFor();
  await shot('list');
  await row(11).getByTestId('desk-confirm').click();
  await by('desk-review').waitFor({ state: 'detached' });
  await row(10).getByTestId('desk-confirm').click();
  await row(10).getByTestId('desk-confirm').waitFor({ state: 'detached' });
  await shot('confirmed');
  expect(await page.evaluate(() => document.activeElement?.closest('tr')?.dataset.testid) === `desk-row-${padded('booking10')}`, 'the focus did not stay in the row that was confirmed');
  await row(3).getByTestId('desk-check-in').focus();
  await page.keyboard.press('Enter');
  await by('desk-check-in-submit').waitFor();
  await shot('check-in');
  await by('desk-check-in-submit').click();
  await by('error-summary').waitFor();
  await shot('check-in-empty');
  expect(sent('POST', `bookings/${padded('booking3')}/check-in`).length === 0, 'a check-in without identity was sent');
  await by('desk-identity').check();
  await by('desk-check-in-submit').click();
  await row(3).getByTestId('desk-end').waitFor();
  const body = sent('POST', `bookings/${padded('booking3')}/check-in`)[0]?.body;
  expect(body?.identity_confirmed === true && Number.isInteger(body.taken_out_at_us) && Number.isInteger(body.arrived_at_us), `check-in sent ${JSON.stringify(body)}`);
  await page.waitForTimeout(600);
  expect(await page.evaluate(() => document.activeElement?.closest('tr')?.dataset.testid) === `desk-row-${padded('booking3')}`, 'the focus did not return to the row');
  await row(4).getByTestId('desk-check-in').click();
  await by('desk-identity').check();
  await by('desk-check-in-submit').click();
  await by('finding-licence-valid').waitFor();
  await shot('refused');
  await page.keyboard.press('Escape');
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  await row(5).getByTestId('desk-check-in').click();
  await by('desk-identity').check();
  await by('desk-check-in-submit').click();
  await by('check-in-open').waitFor();
  await shot('too-early');
  await page.keyboard.press('Escape');
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  await row(2).getByTestId('desk-end').click();
  await by('reason-done').check();
  await shot('end');
  await by('desk-end-submit').click();
  await row(2).getByTestId('desk-end').waitFor({ state: 'detached' });
  expect(sent('POST', `bookings/${padded('booking2')}/end`)[0]?.body.reason === 'done', 'the end carried no reason');
  await row(5).getByTestId('desk-cancel').click();
  await by('reason-other').check();
  await by('desk-cancel-submit').click();
  await page.locator('#more-error').waitFor();
  await shot('cancel');
  await by('reason-more').fill('消防演练');
  await by('desk-cancel-submit').click();
  await row(5).getByTestId('desk-cancel').waitFor({ state: 'detached' });
  expect(sent('POST', `bookings/${padded('booking5')}/cancel`)[0]?.body.reason === '消防演练', 'the cancellation carried no reason');
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  await page.waitForTimeout(300);
  await by('desk-next').focus();
  await page.keyboard.press('Enter');
  await by('desk-empty').waitFor();
  // A poll must not take the focus or the place away.
  await page.waitForTimeout(5500);
  expect(await page.evaluate(() => document.activeElement?.dataset.testid) === 'desk-next', 'a poll moved the focus');
  await by('desk-today').click();
  await row(1).waitFor();
  fake.goDeaf(true);
  await by('stale').waitFor({ timeout: 12000 });
  await shot('stale');
  fake.goDeaf(false);
  await by('fresh').waitFor({ timeout: 12000 });
  await by('desk-tab-clocks').click();
  await by('clock-count').waitFor();
  await shot('clocks');
  await by('desk-tab-day').click();
  await row(1).waitFor();
  await by('large-type').click();
  await shot('large-type');
  await by('large-type').click();
  await page.emulateMedia({ media: 'print' });
  await page.screenshot({ path: file('print'), fullPage: true });
}

async function admin({ page, by, shot, fake, expect, sent }) {
  await page.goto(`${fake.url}/admin/`);
  await by('account-row-account-desk').waitFor();
  await shot('people');
  await by('account-create').click();
  await by('account-submit').click();
  await by('error-summary').waitFor();
  await shot('account-empty');
  await by('account-role').selectOption('lawyer');
  await by('account-lawyer').fill('欧阳');
  await page.locator('[data-testid^=lawyer-pick-]').first().waitFor();
  await shot('account-lawyer');
  await page.locator('[data-testid^=lawyer-pick-]').first().click();
  await by('account-name').fill('desk');
  await by('account-password').fill('一个很长的初始密码 2026');
  await by('account-submit').click();
  await page.locator('#name-error').waitFor();
  await by('account-name').fill('ouyang.wenbo');
  await by('account-submit').click();
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  const made = sent('POST', 'accounts');
  expect(made.at(-1)?.body.lawyer === padded('lawyer3') && made.at(-1)?.body.display_name === '欧阳文博', `account sent ${JSON.stringify(made.at(-1)?.body)}`);
  expect(made.length === 2 && made.every(({ key }) => key) && made[0].key !== made[1].key, 'idempotency keys of two different accounts');
  await by('account-create').click();
  await page.getByTestId(/account-centre-/).first().check();
  await by('account-name').fill('desk3');
  await by('account-display-name').fill('登记台三号');
  await by('account-password').fill('一个很长的初始密码 2026');
  await by('account-submit').click();
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  expect(sent('POST', 'accounts').at(-1)?.body.centres?.length === 1, 'the account has no centre');
  await by('account-disable-account-desk2').click();
  await shot('disable');
  await by('account-submit').click();
  await by('account-enable-account-desk2').click();
  await by('account-disable-account-desk2').waitFor();
  await by('admin-tab-centres').click();
  await by('centre-create').click();
  await by('centre-code').fill('12345');
  await by('centre-submit').click();
  await by('error-summary').waitFor();
  await shot('centre');
  await page.keyboard.press('Escape');
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  await shot('centres');
  await by('admin-tab-policy').click();
  await by('policy-save').waitFor();
  await shot('policy');
  await by('policy-mon-1-to').fill('13:00');
  await by('policy-book_ahead_hours').fill('72');
  await by('policy-save').click();
  await by('error-summary').waitFor();
  await shot('policy-wrong');
  await by('policy-mon-1-to').fill('18:00');
  await by('policy-sun-add').click();
  await by('policy-book_ahead_hours').fill('0');
  await by('policy-save').click();
  await page.locator('[data-testid=said] .hj-notice').waitFor();
  const saved = sent('PUT', `policies/${padded('centre1')}`)[0]?.body.document;
  expect(saved?.open.mon[1][1] === '18:00' && saved.open.sun.length === 1 && saved.book_ahead_hours === 0, `policy sent ${JSON.stringify(saved)}`);
  await by('admin-tab-rooms').click();
  await by('room-create').click();
  await by('name-zh').fill('第5会见室');
  await by('name-en').fill('Room 5');
  await by('room-submit').click();
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  await shot('rooms');
  await by('admin-tab-kiosks').click();
  await by('kiosk-create').click();
  await by('kiosk-name').fill('KT-0005');
  await shot('kiosk');
  await by('kiosk-submit').click();
  await by('kiosk-token').waitFor();
  await page.waitForTimeout(400);
  await shot('kiosk-token');
  const waiting = fake.data.kiosks.find(({ id }) => id === padded('kiosk3'));
  const seen = waiting.fingerprint;
  await by(`kiosk-approve-${waiting.id}`).click();
  await by('kiosk-submit').click();
  await by('error-summary').waitFor();
  expect(sent('PUT', `kiosks/${waiting.id}`).length === 0, 'a kiosk was approved whose fingerprint nobody compared');
  await shot('kiosk-approve');
  // Somebody enrols the kiosk anew while the administrator looks at the old fingerprint.
  waiting.fingerprint = seen.split(' ').reverse().join(' ');
  await by('kiosk-compared').check();
  await by('kiosk-submit').click();
  await by('kiosk-changed').waitFor();
  expect(!(await by('kiosk-compared').isChecked()), 'the tick of the old fingerprint stands at the new one');
  expect(waiting.state === 'enrolled', 'the kiosk was approved with a key that nobody compared');
  await shot('kiosk-changed');
  await by('kiosk-compared').check();
  await by('kiosk-submit').click();
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  const approvals = sent('PUT', `kiosks/${waiting.id}`).map(({ body }) => body);
  expect(waiting.state === 'approved' && approvals[0].fingerprint === seen && approvals[1].fingerprint === waiting.fingerprint, `approved with ${JSON.stringify(approvals)}`);
  await shot('kiosks');
  await by(`kiosk-retire-${padded('kiosk2')}`).click();
  await by('kiosk-submit').click();
  await page.locator('wa-dialog[open]').waitFor({ state: 'detached' });
  expect(sent('PUT', `kiosks/${padded('kiosk2')}`)[0]?.body.state === 'retired', 'the kiosk was not retired');
}

async function supervisor({ page, by, shot, fake, expect, sent }) {
  await page.goto(`${fake.url}/supervisor/`);
  const row = (n) => by(`live-meeting-${padded(`meeting${n}`)}`);
  await row(2).waitFor();
  await shot('live');
  const waiting = fake.data.live[1];
  Object.assign(waiting, { state: 'live', admitted_at_us: Date.now() * 1000, seats: waiting.seats.map((seat) => ({ ...seat, state: 'admitted' })) });
  const before = Date.now();
  fake.tell(waiting);
  await row(3).locator('[data-testid=live-state] .hj-is-good').waitFor();
  expect(Date.now() - before < 1000, `a change took ${Date.now() - before} ms`);
  expect(sent('POST', 'tickets').length === 1, 'more than one ticket');
  fake.goDeaf(true);
  await by('connection-lost').waitFor();
  await shot('lost');
  Object.assign(fake.data.live[0], { state: 'ended', ended_at_us: Date.now() * 1000, end_reason: 'done' });
  fake.goDeaf(false);
  await by('connection-lost').waitFor({ state: 'detached', timeout: 12000 });
  await row(2).waitFor({ state: 'detached' });
  for (const element of ['video', 'audio', 'canvas']) expect(await page.locator(element).count() === 0, `there is a ${element}`);
  await by('supervisor-tab-meetings').click();
  await page.locator('[data-testid^=past-meeting-]').first().waitFor();
  await shot('past');
  await by('past-to').fill('2020-01-01');
  await by('past-search').click();
  await by('error-summary').waitFor();
  await by('past-to').fill(new Date().toISOString().slice(0, 10));
  await by('past-search').click();
  await by('error-summary').waitFor({ state: 'detached' });
  await by(`past-open-${padded('meeting51')}`).click();
  await by('record-timeline').waitFor();
  await shot('record');
  expect(await by('record-step').count() >= 10, 'the timeline is short');
  expect(await page.locator('[data-act=code-same]').count() === 2, 'the record does not tell of the security code');
  expect(await page.locator('[data-testid=record-code] .hj-is-good').count() === 2, 'the seats do not tell of the security code');
  await page.goBack();
  const different = fake.data.past.find(({ end_reason: reason }) => reason === 'code-different');
  await by(`past-open-${different.id}`).click();
  await page.locator('[data-act=code-different]').waitFor();
  await shot('record-different');
  await by('supervisor-tab-clocks').click();
  await by('clock-count').waitFor();
  await shot('clocks');
  await by('supervisor-tab-audit').click();
  await by('audit-row').first().waitFor();
  await shot('audit', false);
  expect(await by('audit-row').count() === 50, 'the first page of the audit');
  await by('audit-more').click();
  await page.locator('[data-at="50"]').waitFor();
  expect(await page.evaluate(() => document.activeElement?.dataset.at) === '50', 'the focus is not on the first new entry');
  await by('supervisor-tab-live').click();
  await row(3).waitFor();
  expect(sent('POST', 'tickets').length <= 4, `going back to the live view took ${sent('POST', 'tickets').length} tickets`);
  await by('large-type').click();
  await shot('large-type');
}

for (const locale of ['zh', 'en']) {
  walkAs('desk', locale, 1280, desk);
  walkAs('admin', locale, 1280, admin);
  walkAs('supervisor', locale, 1280, supervisor);
  walkAs('supervisor', locale, 390, supervisor);
}
