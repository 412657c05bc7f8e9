// SPDX-License-Identifier: Apache-2.0
// The lawyer on a bad network, the kiosk on a good one (DESIGN.md 13, *bad network* and *relay dies*): figures of getStats() at both ends.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { ask, attachKiosk, hook, launch, signIn } from './browser.mjs';
import { between, detourContext, startNetwork, stats, throughNetwork, told, watchPage } from './network.mjs';
import { meet, seesPicture } from './people.mjs';
import { startService, until } from './service.mjs';

const SEED = 4;
const pause = (ms) => new Promise((later) => setTimeout(later, ms));
let service, network, near, far, lawyer, desk, kiosk, kioskBrowser, booking;
const ends = () => ({ lawyer, kiosk });

/** What both ends saw in the time. */
async function measure(seconds) {
  const starts = {}, seen = {};
  for (const [name, page] of Object.entries(ends())) starts[name] = await stats(page);
  await pause(seconds * 1000);
  for (const [name, page] of Object.entries(ends())) seen[name] = between(starts[name], await stats(page));
  return seen;
}

function tell(t, what, seen) {
  for (const [name, figures] of Object.entries(seen)) t.diagnostic(`${what}, ${name}: ${told(figures)}`);
}

/** A perfect link again, and the call at rest on it. */
async function calm(seconds = 3) {
  await network.ask('heal');
  await network.set('both loss 0', 'both delay 0', 'both jitter 0', 'both reorder 0', 'both rate 0');
  await seesPicture(lawyer);
  await seesPicture(kiosk);
  await pause(seconds * 1000);
}

/** Watches for decoded frames; the answer waits for the next one after now and tells when it was, in ms since the epoch. */
async function nextFrame(page) {
  await page.evaluate(() => {
    window.nextFrame = null;
    const seen = () => {
      const video = document.querySelector('video[data-seat]');
      return video?.srcObject ? `${video.srcObject.id} ${video.getVideoPlaybackQuality().totalVideoFrames}` : null;
    };
    const start = seen();
    const look = () => {
      const now = seen();
      if (now !== null && now !== start && !now.endsWith(' 0')) window.nextFrame = Date.now();
      else setTimeout(look, 10);
    };
    look();
  });
  return (seconds) => until(() => page.evaluate(() => window.nextFrame), 'a new frame', seconds);
}

/** Milliseconds from now to the next frame at both ends, whatever it takes up to the limit. */
async function resumption(from, waits, seconds) {
  const all = await Promise.all(waits.map((wait) => wait(seconds).then((at) => at - from, (error) => String(error))));
  return { lawyer_ms: all[0], kiosk_ms: all[1] };
}

function assertBack(back, what) {
  for (const [end, ms] of Object.entries(back)) assert.ok(ms <= 5000, `${what}: ${end} ${ms}`);
}

before(async () => {
  service = await startService('network');
  network = startNetwork(SEED);
  near = await launch();
  far = await launch([await throughNetwork(network, service.url)]);
  ({ browser: kioskBrowser, page: kiosk } = await attachKiosk(resolve(service.folder, 'kiosk-k1/profile')));
  await watchPage(kiosk);
  desk = await signIn(near, service.url, 'desk', service.password);
  lawyer = await signIn(far, service.url, 'chen', service.password, { prepare: (context) => detourContext(context, network) });
  booking = await meet(lawyer, desk, '张三');
  await seesPicture(kiosk);
  await pause(3000);
});

afterEach(() => calm());

after(async () => {
  await kioskBrowser?.close();
  await far?.close();
  await near?.close();
  await network?.stop();
  await service?.stop();
});

const isSmooth = (seen) => Object.values(seen).every((figures) => figures.fps > 10 && figures.frozen < 0.01 && figures.concealed < 0.02);

/** What else runs on the machine makes freezes too: where the first look finds some, the second one counts. */
test('with 5 % loss each way and 100 ms there is hardly a freeze and the sound is whole', async (t) => {
  await network.set('both delay 50ms', 'both loss 5');
  await pause(5000);
  let start = await network.report();
  let seen = await measure(32);
  tell(t, '5 % loss, 100 ms', seen);
  if (!isSmooth(seen)) {
    start = await network.report();
    seen = await measure(32);
    tell(t, '5 % loss, 100 ms, once more', seen);
  }
  const end = await network.report();
  for (const way of ['up', 'down']) {
    const lost = end[way].lost - start[way].lost, passed = end[way].passed - start[way].passed;
    t.diagnostic(`link ${way}: ${(100 * lost / (lost + passed)).toFixed(2)} % of ${lost + passed} packets lost`);
    assert.ok(lost > 30 && lost / (lost + passed) > 0.03, 'the proxy is in the way');
  }
  for (const [name, figures] of Object.entries(seen)) {
    assert.ok(figures.fps > 10, `${name}: ${figures.fps} frames a second`);
    assert.ok(figures.frozen < 0.01, `${name}: frozen for ${figures.frozen} of the time`);
    assert.ok(figures.concealed < 0.02, `${name}: ${figures.concealed} of the sound concealed`);
  }
});

/** Asserts what is promised; the return is not held yet. A todo that fails is told, and does not count as passed. */
const OPEN = 'not held yet: docs/promises.md';

test('when the link narrows to 300 kbit/s the sound stays, the picture shrinks and comes back', { todo: OPEN }, async (t) => {
  await network.set('both delay 20ms', 'both rate 2000000', 'both queue 300ms');
  await pause(8000);
  const wide = await measure(4);
  await network.set('both rate 300000');
  const fall = await measure(6);
  const narrow = await measure(14);
  await network.set('both rate 2000000');
  await pause(12000);
  const again = await measure(5);
  tell(t, '2 Mbit/s', wide);
  tell(t, 'first 6 s of 300 kbit/s', fall);
  tell(t, '300 kbit/s', narrow);
  tell(t, '2 Mbit/s again', again);
  for (const [name, figures] of Object.entries(narrow)) {
    assert.ok(figures.concealed < 0.03, `${name}: ${figures.concealed} of the sound concealed`);
    assert.ok(figures.fps > 3, `${name}: ${figures.fps} frames a second`);
    assert.ok(figures.sentKbps < 300, `${name} sends ${figures.sentKbps} kbit/s of video`);
  }
  for (const name of ['lawyer', 'kiosk']) {
    const low = narrow[name].sentKbps, high = again[name].sentKbps, before = wide[name].sentKbps;
    assert.ok(high > 1.5 * low && high > 0.5 * before, `${name} sends ${before}, ${low}, then ${high} kbit/s`);
  }
});

test('after the media was cut for 30 s the picture is back within 5 s', async (t) => {
  await network.ask('cut udp');
  await pause(30000);
  const waits = [await nextFrame(lawyer), await nextFrame(kiosk)];
  await network.ask('heal udp');
  const back = await resumption(Date.now(), waits, 30);
  t.diagnostic(`30 s without media: ${told(back)}; ${told(await stats(lawyer))}`);
  assertBack(back, 'media');
});

test('after everything was cut for 30 s the picture is back within 5 s', async (t) => {
  await network.ask('cut');
  await pause(30000);
  const waits = [await nextFrame(lawyer), await nextFrame(kiosk)];
  await network.ask('heal');
  const back = await resumption(Date.now(), waits, 60);
  t.diagnostic(`30 s without network: ${told(back)}; ${told(await stats(lawyer))}`);
  assertBack(back, 'all');
  const { body } = await ask(desk, 'GET', `bookings/${booking.id}`);
  assert.equal(body.meeting.state, 'live');
});

test('after the relay was killed the picture is back within 5 s', async (t) => {
  const waits = [await nextFrame(lawyer), await nextFrame(kiosk)];
  await service.command('kill huijian-media');
  await pause(300); // what was under way has arrived
  const from = Date.now() - 300;
  waits.splice(0, 2, await nextFrame(lawyer), await nextFrame(kiosk));
  const back = await resumption(from, waits, 30);
  t.diagnostic(`relay killed: ${told(back)}`);
  assertBack(back, 'relay');
});
