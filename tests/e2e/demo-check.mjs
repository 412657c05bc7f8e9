// SPDX-License-Identifier: Apache-2.0
// ./dev demo --check: a lawyer in a real browser books the running slot, meets the client at the kiosk and ends; a supervisor
// follows; two lawyers are refused. Prints what was seen, each on its own line, and fails when something was not.
import { request } from 'node:http';
import { resolve } from 'node:path';

import { ask, attachKiosk, frames, hook, launch, loudness, picture, signIn, watchFirstFrame } from './browser.mjs';

const { url, password, folder, out, api } = JSON.parse(process.argv[2]);
const problems = [];

function say(what, value, good) {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}: ${value}`);
  if (!good) problems.push(what);
}

/** On the machine itself, past nginx, the service tells its counters. */
function healthHere() {
  return new Promise((found, failed) => {
    request({ socketPath: api, path: '/api/healthz' }, async (answer) => {
      let text = '';
      for await (const part of answer) text += part;
      found(JSON.parse(text));
    }).on('error', failed).end();
  });
}

async function bookRunningSlot(page) {
  await page.locator('[data-testid^="client-"]:has-text("张三") [data-testid="client-open"]').click();
  await hook(page, 'eligibility').waitFor();
  await picture(page, out, 'lawyer-eligibility');
  await hook(page, 'book-earliest').click();
  await hook(page, 'booking-confirmed').waitFor({ timeout: 10000 });
  await picture(page, out, 'lawyer-booked');
  const { body } = await ask(page, 'GET', 'bookings');
  return body.bookings.find((booking) => booking.state === 'CONFIRMED' || booking.state === 'CHECKED_IN');
}

async function meet(lawyer, kiosk, booking) {
  await hook(lawyer, 'menu-bookings').click();
  await hook(lawyer, `booking-${booking.id}`).waitFor();
  await picture(lawyer, out, 'lawyer-bookings');
  const seen = [await watchFirstFrame(lawyer), await watchFirstFrame(kiosk)];
  const clicked = Date.now();
  await hook(lawyer, `booking-${booking.id}`).locator('[data-testid="booking-join"]').click();
  const [here, there] = await Promise.race([
    Promise.all(seen.map((first) => first())),
    new Promise((_, give) => setTimeout(() => give(new Error('no picture within 30 s')), 30000)),
  ]);
  return { clicked, here, there };
}

async function refused(browser, account) {
  const page = await signIn(browser, url, account, password);
  await page.locator('[data-testid="client-open"]').first().click();
  await hook(page, 'eligibility').waitFor();
  const shown = await page.locator('[data-testid^="finding-"]').allInnerTexts();
  const { body } = await ask(page, 'GET', 'cases');
  const answer = await ask(page, 'POST', 'bookings', { authority: body.clients[0].authority, slot: null });
  const codes = (answer.body.findings ?? []).filter((finding) => finding.severity === 'deny').map((finding) => finding.code);
  await picture(page, out, `refused-${account}`);
  await page.context().close();
  return { status: answer.status, codes, shown: shown.length };
}

async function run(browser) {
  const supervisor = await signIn(browser, url, 'supervisor', password);
  const lawyer = await signIn(browser, url, 'chen', password);
  const { browser: kioskBrowser, page: kiosk } = await attachKiosk(resolve(folder, 'kiosk-k1/profile'));
  await picture(kiosk, out, 'kiosk-idle');

  const booking = await bookRunningSlot(lawyer);
  say('booked', `${booking?.id} in ${booking?.room?.name?.zh}`, Boolean(booking?.room));
  const { clicked, here, there } = await meet(lawyer, kiosk, booking);
  const live = await ask(supervisor, 'GET', 'meetings?state=live');
  const meeting = live.body.meetings.find((one) => one.booking === booking.id);
  const admitted = meeting.admitted_at_us / 1000;
  say('time to first remote frame, lawyer', `${here - clicked} ms after joining, ${Math.round(here - admitted)} ms after admission`, here > clicked);
  say('time to first remote frame, kiosk', `${Math.round(there - admitted)} ms after admission`, there > clicked);

  const codes = await Promise.all([lawyer, kiosk].map((page) => hook(page, 'security-code').first().getAttribute('data-code', { timeout: 5000 })));
  say('security code, on both screens', codes.join(' and '), /^\d{6}$/.test(codes[0]) && codes[0] === codes[1]);
  for (const page of [lawyer, kiosk]) await hook(page, 'code-same').click();
  const before = [await frames(lawyer), await frames(kiosk)];
  await new Promise((later) => setTimeout(later, 10000));
  const after = [await frames(lawyer), await frames(kiosk)];
  say('frames decoded by the lawyer over 10 s', after[0] - before[0], after[0] - before[0] > 100);
  say('frames decoded by the kiosk over 10 s', after[1] - before[1], after[1] - before[1] > 100);
  const sound = [await loudness(lawyer), await loudness(kiosk)];
  say('sound heard by the lawyer (RMS)', sound[0].toFixed(4), sound[0] > 0.001);
  say('sound heard by the kiosk (RMS)', sound[1].toFixed(4), sound[1] > 0.001);
  await picture(lawyer, out, 'lawyer-meeting');
  await picture(kiosk, out, 'kiosk-meeting');

  await hook(supervisor, `live-meeting-${meeting.id}`).waitFor({ timeout: 5000 }).catch(() => {});
  const shown = await hook(supervisor, `live-meeting-${meeting.id}`).isVisible();
  await picture(supervisor, out, 'supervisor-live');
  say('supervisor sees it live', shown ? 'yes, metadata only' : 'no', shown);
  const { media } = await healthHere();
  say('packets relayed', `${media.packets_in} in, ${media.packets_out} out`, media.packets_out > 1000);

  await hook(lawyer, 'meeting-end').click();
  await hook(lawyer, 'meeting-end-reason-done').click();
  await hook(lawyer, 'meeting-end-confirm').click();
  await hook(lawyer, 'meeting-summary').waitFor({ timeout: 10000 });
  await picture(lawyer, out, 'lawyer-summary');
  await new Promise((later) => setTimeout(later, 1000));
  await picture(kiosk, out, 'kiosk-ended');
  const { body: record } = await ask(supervisor, 'GET', `meetings/${meeting.id}`);
  for (const act of ['book', 'check-in', 'join', 'secured', 'admit', 'verify', 'end']) {
    const rows = record.record.filter((row) => row.act === act);
    say(`recorded ${act}`, rows.map((row) => `${row.role} at ${new Date(row.at_us / 1000).toISOString()}`).join(', '), rows.length > 0);
  }
  for (const seat of record.seats)
    say(`recorded seat of the ${seat.role}`, `joined ${new Date(seat.joined_at_us / 1000).toISOString()}, left ${seat.left_at_us ? new Date(seat.left_at_us / 1000).toISOString() : 'never'}`, seat.state === 'left');
  const judged = record.seats.map((seat) => seat.code);
  say('recorded of the code', judged.join(', '), judged.every((code) => code === 'same'));
  say('minutes delivered', (record.delivered_us / 60e6).toFixed(2), record.delivered_us > 10e6);
  say('48-hour clock', record.clock.state, record.clock.state === 'met');

  const suspended = await refused(browser, 'lin');
  say('suspended lawyer refused', `${suspended.status}, ${suspended.codes}`, suspended.status === 422 && suspended.codes.includes('licence-suspended') && suspended.shown > 0);
  const without = await refused(browser, 'he');
  say('lawyer without authority refused', `${without.status}, ${without.codes}`, without.status === 422 && without.codes.includes('authority-revoked') && without.shown > 0);
  const noise = [...lawyer.problems, ...supervisor.problems].filter((text) => !/status of (401|422)/.test(text));
  say('errors in the pages', noise.length ? noise.join(' | ') : 'none', noise.length === 0);
  await kioskBrowser.close();
}

const browser = await launch();
try {
  await run(browser);
} catch (error) {
  say('the check itself', error.stack, false);
  for (const context of browser.contexts())
    for (const [n, page] of context.pages().entries()) await picture(page, out, `failed-${browser.contexts().indexOf(context)}-${n}`).catch(() => {});
} finally {
  await browser.close();
}
console.log(problems.length === 0 ? 'The meeting was held as it should be.' : `Not as it should be: ${problems.join('; ')}`);
process.exit(problems.length === 0 ? 0 : 1);
