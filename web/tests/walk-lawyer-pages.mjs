// SPDX-License-Identifier: Apache-2.0
// Walks through what a lawyer does around meetings, over the pretend server, in both languages, wide and narrow: a second lawyer,
// the own devices, a browser that cannot encrypt, and the page behind "How do I know?".
import { startFakeServer } from './support/fake-server.mjs';
import { numbered, walk } from './support/walk.mjs';

const COLLEAGUE = '14401201510123452';

async function participants({ page, by, shot, fake, expect }) {
  await page.goto(`${fake.url}/lawyer/`);
  await by('client-authority1aaaaaaaaaaaaaaaa').getByTestId('client-open').click();
  await by('book-earliest').click();
  await by('booking-confirmed').waitFor();
  const [booking] = fake.data.bookings;
  const refused = async (licence, shows) => {
    await by('participant-licence').fill(licence);
    await by('participant-add').click();
    await page.locator(shows).waitFor();
  };
  await refused('1440', '.hj-summary');
  await refused(booking.lawyer.licence, '.hj-summary');
  await refused('14401201510129999', '#licence-error');
  await shot('licence-unknown');
  await refused('14401201510123453', '[data-testid=finding-licence-valid]');
  await shot('not-eligible');
  await refused('14401201510123454', '#licence-error');
  expect(await page.locator('[data-testid=finding-licence-valid]').count() === 0, 'the findings of another lawyer still stand there');
  expect(booking.participants.length === 0, 'somebody takes part who was refused');
  // As people write it down.
  await by('participant-licence').fill('1440 1201 5101 23452');
  await by('participant-add').click();
  const added = by('participant-lawyer2aaaaaaaaaaaaaaaaaaa');
  await added.waitFor();
  expect(booking.participants[0]?.lawyer.licence === COLLEAGUE, 'the second lawyer did not arrive');
  expect(await by('participant-add').count() === 0, 'a third lawyer may be asked for');
  await shot('second-lawyer');
  await added.getByTestId('participant-remove').click();
  await by('participant-remove-confirm').waitFor();
  await shot('remove');
  await by('participant-remove-confirm').click();
  await added.waitFor({ state: 'detached' });
  await by('participant-add').waitFor();
  expect(booking.participants.length === 0, 'the second lawyer was not removed');
}

async function guest({ page, by, shot, fake, expect }) {
  const id = fake.invite();
  await page.goto(`${fake.url}/lawyer/#/bookings`);
  const row = by(`booking-${id}`);
  await row.getByTestId('booking-guest').waitFor();
  expect(await row.getByTestId('booking-cancel').count() === 0, 'a guest may cancel');
  await shot('guest-list');
  await row.getByTestId('booking-open').click();
  await by('participants').waitFor();
  expect(await by('participant-add').count() === 0, 'a guest may add somebody');
  await shot('guest');
  await by('participant-remove').click();
  await by('participant-remove-confirm').waitFor();
  await shot('guest-leaves');
  await by('participant-remove-confirm').click();
  await row.waitFor({ state: 'detached' });
  expect(fake.data.bookings.every((one) => one.id !== id), 'the guest did not leave');
}

async function devices({ page, by, shot, fake, expect }) {
  await page.goto(`${fake.url}/lawyer/#/clients`);
  await by('menu-devices').click();
  await by('device-own').waitFor();
  const own = () => fake.data.devices.filter(({ public_key: key, state }) => key && state === 'active');
  expect(own().length === 1 && /^Chrome \d+ · /.test(own()[0].name), `registered as ${JSON.stringify(fake.data.devices)}`);
  await shot('devices');
  await page.reload();
  await by('device-own').waitFor();
  expect(own().length === 1, 'a reload registered another key');
  await by('device-device1aaaaaaaaaaaaaaaaaaa').getByTestId('device-remove').click();
  await by('device-remove-confirm').waitFor();
  await shot('remove-device');
  await by('device-remove-confirm').click();
  const gone = fake.data.devices.find(({ id }) => id.startsWith('device1'));
  await by('devices-said').filter({ hasText: gone.fingerprint.slice(0, 4).toUpperCase() }).waitFor();
  await page.locator('[data-testid=device-device1aaaaaaaaaaaaaaaaaaa][data-state=removed]').waitFor();
  const [first] = own();
  await by(`device-${first.id}`).getByTestId('device-remove').click();
  await by('device-remove-confirm').waitFor();
  await shot('remove-own-device');
  await by('device-remove-confirm').click();
  await by('devices-empty').waitFor();
  await shot('devices-empty');
  await page.reload();
  await by('device-own').waitFor();
  expect(own().length === 1 && own()[0].public_key !== first.public_key, 'a key that its owner removed is used again');
}

async function unfitBrowser({ page, by, shot, fake, expect }) {
  const [booking] = fake.data.bookings;
  await page.addInitScript(() => { delete globalThis.RTCRtpScriptTransform; });
  await page.goto(`${fake.url}/lawyer/#/bookings`);
  await page.reload();
  await by('browser-unfit').waitFor();
  await shot('browser-unfit');
  await by(`booking-${booking.id}`).getByTestId('booking-device-check').click();
  await page.locator('[data-testid=device-encryption][data-result=failed]').waitFor();
  await page.locator('[data-testid=device-connection][data-result=ok]').waitFor();
  expect(/141.*117.*15\.4/s.test(await by('browser-versions').innerText()), 'which browsers work is not told');
  await shot('device-check-unfit');
  await by('device-finish').click();
  await page.waitForURL(/bookings/);
  expect(booking.device_check?.connection === 'failed' && /no encryption/.test(booking.device_check.browser), `stored ${JSON.stringify(booking.device_check)}`);
}

async function how({ page, by, shot, fake, expect }) {
  await page.goto(`${fake.url}/how/`);
  for (const part of ['protects', 'check', 'others', 'unsolved']) await page.locator(`section[data-testid=how-${part}]`).waitFor();
  await shot('how');
  await page.goto(`${fake.url}/lawyer/#/devices`);
  await by('device-own').waitFor();
  expect(await by('how-link').getAttribute('target') === '_blank', 'reading on leaves the page');
}

async function differed({ page, by, shot, fake, expect }) {
  const [booking] = fake.data.bookings;
  Object.assign(booking, { state: 'NOT_HELD', meeting: { id: 'differed' } });
  fake.meeting.state = 'ended';
  fake.meeting.course = { admitted_at_us: null, ended_at_us: Date.now() * 1000, end_reason: 'code-different', ended_by: 'kiosk' };
  await page.goto(`${fake.url}/lawyer/#/bookings`);
  const row = by(`booking-${booking.id}`);
  await row.getByTestId('codes-differed').waitFor();
  await shot('differed-list');
  await row.getByTestId('booking-open').click();
  await by('booking-differed').waitFor();
  expect(/四十八小时期限仍在计算|48 hours run on/.test(await by('booking-differed').innerText()), 'that the 48 hours run on is not told');
  await shot('differed');
}

for (const locale of ['zh', 'en']) {
  for (const width of [1280, 390]) {
    const browser = { viewport: { width, height: width > 600 ? 900 : 844 }, locale: locale === 'zh' ? 'zh-CN' : 'en-GB' };
    walk('lawyer', `around ${locale} ${width}`, { browser, harmless: /status of 4\d\d/ }, async (w) => {
      const fake = await startFakeServer({ role: 'lawyer' });
      w.after(() => fake.close());
      const page = await w.open();
      const number = numbered();
      const hands = { page, fake, expect: w.expect, by: (id) => page.getByTestId(id), shot: (what) => w.shot(page, number(what)) };
      for (const part of [participants, guest, devices, unfitBrowser, how, differed]) await part(hands);
    });
  }
}
