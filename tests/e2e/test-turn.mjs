// SPDX-License-Identifier: Apache-2.0
// A lawyer whose network blocks UDP meets through coturn, which runs with the configuration that ships (src/data/turnserver.conf.in)
// and refuses whatever is not that: expired and forged names, and every peer that is not the relay.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { attachKiosk, frames, launch, signIn } from './browser.mjs';
import { end, meet } from './people.mjs';
import { startService, until } from './service.mjs';
import { credentials, TurnClient } from './turn-client.mjs';

const v4 = (text) => Buffer.from(text.split('.').map(Number));
const v6 = (hex) => Buffer.from(hex.padStart(32, '0'), 'hex');
const mapped = (text) => v6(`ffff${v4(text).toString('hex')}`);
const relay = () => v4(service.turn.peers.find((address) => !address.includes(':')));

let service, kioskBrowser, kiosk, desk, open;
const browsers = [];
const enter = (browser, account) => signIn(browser, service.url, account, service.password);
const now_s = () => Math.floor(Date.now() / 1000);

async function launchOwn(flags = []) {
  browsers.push(await launch(flags));
  return browsers.at(-1);
}

/** Keeps the page's connections where a test can ask them, and leaves one kind of TURN address, if one is named. */
function watchConnections(page, scheme = null) {
  return page.evaluate((only) => {
    window.connections = [];
    window.configurations = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration) {
        const servers = configuration.iceServers.map((one) => ({ ...one, urls: only ? one.urls.filter((url) => url.startsWith(only)) : one.urls }));
        super({ ...configuration, iceServers: servers });
        window.configurations.push(structuredClone(configuration));
        window.connections.push(this);
      }
    };
  }, scheme);
}

/** The path that the page's last connection uses, and what came over it. */
function path(page) {
  return page.evaluate(async () => {
    const report = await window.connections.at(-1).getStats();
    const all = [...report.values()];
    const transport = all.find((one) => one.type === 'transport');
    const pair = report.get(transport.selectedCandidatePairId);
    const local = pair && report.get(pair.localCandidateId);
    return {
      type: local?.candidateType, relay: local?.relayProtocol, url: local?.url, sent: pair?.bytesSent, received: pair?.bytesReceived,
      byUdp: all.filter((one) => one.type === 'local-candidate' && one.protocol === 'udp').map((one) => one.candidateType),
    };
  });
}

before(async () => {
  service = await startService('turn', ['--turn']);
  open = (secret, expires_s, options = {}) => TurnClient.open(options.tls ? service.turn.tls : service.turn.tcp, credentials(secret, expires_s), options);
  ({ browser: kioskBrowser, page: kiosk } = await until(() => attachKiosk(resolve(service.folder, 'kiosk-k1/profile')), 'the kiosk', 60));
  desk = await enter(await launchOwn(), 'desk');
});

after(async () => {
  await kioskBrowser?.close();
  for (const browser of browsers) await browser.close();
  await service?.stop();
});

/** UDP is out of the browser's reach; both ends see a moving picture over TURN. */
async function meetsThrough(account, client, scheme, protocol, { flags = [], meanwhile } = {}) {
  const browser = await launchOwn(['--webrtc-ip-handling-policy=disable_non_proxied_udp', '--force-webrtc-ip-handling-policy=disable_non_proxied_udp', ...flags]);
  const lawyer = await enter(browser, account);
  await watchConnections(lawyer, scheme);
  await meet(lawyer, desk, client);
  const first = await frames(kiosk);
  await until(async () => (await frames(kiosk)) > first + 15, 'a moving picture at the kiosk');
  const selected = await until(async () => {
    const one = await path(lawyer);
    return one.sent > 100_000 && one.received > 100_000 && one;
  }, 'a hundred kilobytes each way', 30);
  assert.equal(selected.type, 'relay');
  assert.equal(selected.relay, protocol);
  assert.match(selected.url, new RegExp(`^${scheme}`));
  assert.deepEqual([...new Set(selected.byUdp)], ['relay']);
  const [configuration] = await lawyer.evaluate(() => window.configurations);
  assert.equal(configuration.iceTransportPolicy, undefined);
  assert.equal(configuration.iceServers.length, 1);
  assert.match(configuration.iceServers[0].username, /^\d+:[0-9a-f]{20}$/);
  await meanwhile?.(lawyer);
  assert.ok(Number.parseInt(configuration.iceServers[0].username, 10) > now_s() + 3600);
  await end(lawyer);
  // The page's first question, before anybody has signed in, is answered with 401.
  assert.deepEqual(lawyer.problems.filter((one) => !one.includes('401')), []);
}

test('where UDP is blocked a lawyer meets over TURN by TCP, also after coturn was gone for a moment', () => meetsThrough('chen', '张三', 'turn:', 'tcp', {
  async meanwhile(lawyer) {
    await service.command('kill turnserver');
    await until(() => lawyer.evaluate(() => window.connections.length > 1 && window.connections.at(-1).connectionState === 'connected'), 'a new connection', 30);
    const first = await frames(lawyer);
    await until(async () => (await frames(lawyer)) > first + 15, 'the picture again', 30);
  },
}));

test('and over TURN by TLS', () => {
  const certificate = new X509Certificate(readFileSync(resolve(service.folder, 'tls/server.pem')));
  const key = createHash('sha256').update(certificate.publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
  return meetsThrough('chen', '张三', 'turns:', 'tls', { flags: [`--ignore-certificate-errors-spki-list=${key}`] });
});

test('whoever has UDP goes straight to the relay', async () => {
  const lawyer = await enter(await launchOwn(), 'chen');
  await watchConnections(lawyer);
  await meet(lawyer, desk, '张三');
  await until(async () => (await path(lawyer)).type !== 'relay', 'the short way');
  await end(lawyer);
});

test('the server proves itself by its certificate', async () => {
  const client = await open(service.turn.secret, now_s() + 60, { tls: true, ca: readFileSync(resolve(service.folder, 'tls/ca.pem')) });
  assert.equal(await client.allocate(), 0);
  client.close();
  await assert.rejects(open(service.turn.secret, now_s() + 60, { tls: true }), /certificate/);
});

test('an expired name and a forged one get nothing', async () => {
  const good = await open(service.turn.secret, now_s() + 60);
  assert.equal(await good.allocate(), 0);
  good.close();
  const expired = await open(service.turn.secret, now_s() - 1);
  assert.equal(await expired.allocate(), 401);
  const forged = await open('another secret than the server has', now_s() + 60);
  assert.equal(await forged.allocate(), 401);
  const stretched = await TurnClient.open(service.turn.tcp, { ...credentials(service.turn.secret, now_s() - 60), username: `${now_s() + 9000}:test` });
  assert.equal(await stretched.allocate(), 401);
  const nameless = await TurnClient.open(service.turn.tcp, { username: 'huijian', password: service.turn.secret });
  assert.equal(await nameless.allocate(), 401);
  for (const client of [expired, forged, stretched, nameless]) client.close();
});

test('an allocation lives on after its name has expired', async () => {
  const client = await open(service.turn.secret, now_s() + 2);
  assert.equal(await client.allocate(), 0);
  await new Promise((later) => { setTimeout(later, 3000); });
  assert.equal(await client.refresh(600), 0);
  assert.equal(await client.permit(relay()), 0);
  client.close();
});

test('V17.1.1 no address but the relay’s is a peer', async () => {
  const four = await open(service.turn.secret, now_s() + 60);
  assert.equal(await four.allocate(4), 0);
  assert.equal(await four.permit(relay()), 0);
  for (const address of ['127.0.0.2', '127.255.255.254', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', '169.254.169.254', '192.0.2.1', '198.18.0.1',
    '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '8.8.8.8']) {
    assert.equal(await four.permit(v4(address)), 403, address);
  }
  const six = await open(service.turn.secret, now_s() + 60);
  assert.equal(await six.allocate(6), 0);
  for (const address of [v6('1'), v6('0'), mapped('10.0.0.1'), mapped('127.0.0.2'), mapped('169.254.169.254'), v6('a9fea9fe'), v6('fe80'.padEnd(31, '0') + '1'),
    v6('fd00'.padEnd(31, '0') + '1'), v6('ff02'.padEnd(31, '0') + '1'), v6('0064ff9b0000000000000000' + '0a000001'), v6('2002' + '0a000001'.padEnd(28, '0')),
    v6('20010db8'.padEnd(31, '0') + '1')]) {
    assert.equal(await six.permit(address), 403, address.toString('hex'));
  }
  four.close();
  six.close();
});

test('nothing is sent to a peer that was refused', async () => {
  const socket = createSocket('udp4');
  let heard = 0;
  socket.on('message', () => { heard++; });
  await new Promise((bound) => { socket.bind(0, '127.0.0.2', bound); });
  const client = await open(service.turn.secret, now_s() + 60);
  assert.equal(await client.allocate(), 0);
  assert.equal(await client.permit(v4('127.0.0.2')), 403);
  for (let i = 0; i < 20; i++) client.send(v4('127.0.0.2'), socket.address().port, Buffer.from('hello'));
  assert.equal(await client.refresh(600), 0); // the server has read all before it
  await new Promise((later) => { setTimeout(later, 200); });
  assert.equal(heard, 0);
  client.close();
  socket.close();
});

test('credentials stand in no log', () => {
  const folder = resolve(service.folder, 'log');
  for (const name of readdirSync(folder).filter((one) => one !== 'turnserver.log')) {
    const text = readFileSync(resolve(folder, name), 'utf8');
    assert.ok(!text.includes(service.turn.secret), name);
    assert.doesNotMatch(text, /\b1\d{9}:[0-9a-f]{20}\b/, name);
  }
  assert.ok(!readFileSync(resolve(folder, 'turnserver.log'), 'utf8').includes(service.turn.secret));
});
