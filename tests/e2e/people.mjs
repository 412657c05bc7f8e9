// SPDX-License-Identifier: Apache-2.0
// What people do on the pages, step by step.
import { ask, frames, hook } from './browser.mjs';
import { until } from './service.mjs';

export const goTo = (page, menu) => hook(page, menu).click();

export async function openClient(page, name) {
  await goTo(page, 'menu-clients');
  await page.locator(`[data-testid^="client-"]:has-text("${name}") [data-testid="client-open"]`).first().click();
  await hook(page, 'eligibility').waitFor();
}

/** Books the earliest slot of the client; the booking as the server has it, in one of the states. */
export async function bookEarliest(page, name, states = ['CONFIRMED', 'CHECKED_IN']) {
  await openClient(page, name);
  await hook(page, 'book-earliest').click();
  await hook(page, 'booking-confirmed').waitFor();
  const id = await hook(page, 'booking-reference').innerText();
  const { body } = await ask(page, 'GET', `bookings/${id}`);
  if (!states.includes(body.state)) throw new Error(`the booking is ${body.state}`);
  return body;
}

export async function checkIn(desk, booking) {
  await hook(desk, `desk-row-${booking.id}`).waitFor({ timeout: 15000 });
  await hook(desk, `desk-row-${booking.id}`).locator('[data-testid="desk-check-in"]').click();
  await hook(desk, 'desk-identity').check();
  await hook(desk, 'desk-check-in-submit').click();
}

export async function join(page, booking) {
  await goTo(page, 'menu-bookings');
  await hook(page, `booking-${booking.id}`).locator('[data-testid="booking-join"]').click();
}

/** Until the remote picture moves. */
export async function seesPicture(page, seconds = 30) {
  const before = await until(() => frames(page), 'a remote picture', seconds);
  await until(async () => (await frames(page)) > before + 5, 'a moving picture');
}

export async function end(page, reason = 'done') {
  await hook(page, 'meeting-end').click();
  await hook(page, `meeting-end-reason-${reason}`).click();
  await hook(page, 'meeting-end-confirm').click();
  await hook(page, 'meeting-summary').waitFor();
}

/** Books, is checked in through the desk's REST interface, joins and sees the kiosk. */
export async function meet(lawyer, desk, client) {
  const booking = await bookEarliest(lawyer, client);
  const answer = await ask(desk, 'POST', `bookings/${booking.id}/check-in`, { identity_confirmed: true });
  if (answer.status !== 200) throw new Error(`check-in: ${JSON.stringify(answer.body)}`);
  await join(lawyer, booking);
  await seesPicture(lawyer);
  return booking;
}
