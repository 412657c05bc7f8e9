// SPDX-License-Identifier: Apache-2.0
// A hostile signalling server before real ends: a page in Chromium, and the native end. As long as it goes on no frame leaves the
// end, and the end says so. Once the server is honest the meeting begins.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { hook, launch, look, signIn } from '../e2e/browser.mjs';
import { bookEarliest, checkIn, join, seesPicture } from '../e2e/people.mjs';
import { startService, until } from '../e2e/service.mjs';
import { SERVER_IDENTITY } from './mutations.mjs';
import { Native, nativeKiosk } from './native.mjs';
import { changed, startProxy } from './proxy.mjs';
import { COMMIT, KEY, read, REVEAL, write } from './wire.mjs';

let service, browser, lawyer, desk, kiosk, proxy, booking, change;

const flipped = (bytes) => Buffer.from(bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));
/** `key` messages of one type to the end, changed. */
const keys = (type, how) => (message, way) =>
  way === 'to-end' && message.verb === 'key' && Buffer.from(message.body, 'base64url')[1] === type ? how(message) : undefined;
const body = (how) => (message) => ({ ...message, body: write(how(read(message.body))) });
const seats = (which) => (message, way, own) =>
  way === 'to-end' && message.verb === 'seats' ? { ...message, seats: message.seats.map((seat) => (which(seat.seat, own) ? { ...seat, identity: SERVER_IDENTITY } : seat)) } : undefined;

/** refuses: the end is given something that it must refuse; else it is only kept waiting. */
const ATTACKS = {
  'swaps the ephemeral keys': { refuses: true, change: keys(REVEAL, body((m) => ({ ...m, keys: m.keys.map(({ suite, key }) => ({ suite, key: flipped(key) })) }))) },
  'strips the better suite': { refuses: true, change: keys(REVEAL, body((m) => ({ ...m, keys: m.keys.slice(0, 1) }))) },
  'changes a signature': { refuses: true, change: keys(REVEAL, body((m) => ({ ...m, signature: flipped(m.signature) }))) },
  'offers another version': { refuses: true, change: keys(COMMIT, body((m) => ({ ...m, version: 0 }))) },
  'keeps the reveals back': { refuses: false, change: keys(REVEAL, () => null) },
  'puts its own identity into the roster': { refuses: false, change: seats((seat, ours) => seat !== ours) },
  'puts another identity into our own place': { refuses: true, change: seats((seat, ours) => seat === ours) },
};

/** Which seat the end has, from its own `join`: a page that is loaded anew may resume without one. */
const own = { page: null, native: null };
const under = (end, attack) => (message, way) => {
  if (way === 'to-end' && message.verb === 'join') own[end] = message.seat;
  return attack?.(message, way, own[end]);
};

/** What all connections of the page have sent and are fed with. */
const leaves = (page) => page.evaluate(async () => {
  const sum = { connections: window.connections.length, packets: 0, bytes: 0, enabled: 0 };
  for (const connection of window.connections) {
    for (const sender of connection.getSenders()) sum.enabled += sender.track?.enabled ? 1 : 0;
    (await connection.getStats()).forEach((one) => {
      if (one.type !== 'outbound-rtp') return;
      sum.packets += one.packetsSent ?? 0;
      sum.bytes += one.bytesSent ?? 0;
    });
  }
  return sum;
});

before(async () => {
  service = await startService('e2ee-hostile', ['--kiosks', '0']);
  proxy = await startProxy(service);
  proxy.change = (...words) => change?.(...words);
  change = under('native');
  kiosk = await nativeKiosk(service, 'kiosk', [], proxy.url);
  browser = await launch();
  lawyer = await signIn(browser, service.url, 'chen', service.password);
  await lawyer.addInitScript(() => {
    const Real = RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Real {
      constructor(...words) {
        super(...words);
        window.connections.push(this);
      }
    };
  });
  await lawyer.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => changed(lawyer.change, text, 'to-server').forEach((one) => server.send(one)));
    server.onMessage((text) => changed(lawyer.change, text, 'to-end').forEach((one) => socket.send(one)));
  });
  desk = await signIn(browser, service.url, 'desk', service.password);
  booking = await bookEarliest(lawyer, '张三');
  await checkIn(desk, booking);
  await kiosk.waitSaid('seated');
  await lawyer.reload(); // with the script and the route in place
  lawyer.change = under('page', ATTACKS['keeps the reveals back'].change);
  await join(lawyer, booking);
});

after(async () => {
  await browser?.close();
  await kiosk?.stop();
  proxy?.stop();
  await service?.stop();
});

test('a page: no frame leaves and the screen says so, whatever the server does', async (t) => {
  for (const [name, attack] of Object.entries(ATTACKS))
    await t.test(`the server ${name}`, async () => {
      lawyer.change = under('page', attack.change);
      await lawyer.reload();
      await lawyer.locator('[data-testid="code-panel"][data-state="agreeing"][data-long="true"], [data-testid="code-panel"][data-state="disturbed"]').waitFor({ timeout: 25000 });
      if (attack.refuses) await hook(lawyer, 'code-refusals').waitFor();
      const sent = await leaves(lawyer);
      assert.ok(sent.connections > 0, 'there is a connection that could');
      assert.deepEqual([sent.packets, sent.bytes, sent.enabled], [0, 0, 0], `${name}: ${JSON.stringify(sent)}`); // the encoder's frames end in the worker
      assert.equal(await hook(lawyer, 'security-code').count(), 0, 'no code is shown');
      assert.equal(await hook(lawyer, 'meeting-state').getAttribute('data-state'), 'waiting');
      assert.equal(await lawyer.locator('[data-showing="true"]').count(), 0, 'nobody is shown');
    });
  await look(lawyer, service.pictures, 'refused');
});

test('a page: once the server is honest the meeting begins', async () => {
  lawyer.change = null;
  await lawyer.reload();
  await seesPicture(lawyer);
  await until(async () => (await leaves(lawyer)).packets > 50, 'the page sends');
  assert.ok((await leaves(lawyer)).enabled === 2, 'the counting above sees what is sent');
  await kiosk.meets(1);
});

test('the native end: no frame leaves and it says so, whatever the server does', async (t) => {
  for (const [name, attack] of Object.entries(ATTACKS))
    await t.test(`the server ${name}`, async () => {
      await kiosk.stop();
      change = under('native', attack.change);
      kiosk = new Native(service, 'kiosk', 'kiosk', [], proxy.url);
      await kiosk.waitSaid('answered', {}, 0, 30);
      if (attack.refuses) await kiosk.waitSaid('key-refused');
      await new Promise((later) => setTimeout(later, 3000));
      assert.equal(kiosk.epoch, undefined, 'no epoch');
      const { sent, sealing_epoch: epoch } = kiosk.media;
      assert.deepEqual([epoch, sent.audio.sealed, sent.video.sealed], [0, 0, 0], JSON.stringify(sent));
      assert.ok(sent.audio.dropped > 50, `it would have had something to send: ${JSON.stringify(sent)}`);
      assert.deepEqual(kiosk.media.tracks.filter(({ pictures, samples }) => pictures || samples), [], 'nothing is shown');
    });
});

test('the native end: once the server is honest the meeting goes on', async () => {
  await kiosk.stop();
  change = null;
  kiosk = new Native(service, 'kiosk', 'kiosk', [], proxy.url);
  await kiosk.waitSaid('epoch', {}, 0, 30);
  await kiosk.meets(1);
  await seesPicture(lawyer);
});
