// SPDX-License-Identifier: Apache-2.0
// The device key of a lawyer's browser, in a real Chromium: made once, found again, never to be read out (docs/e2ee.md section 2).
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, test } from 'node:test';

import { openLoopback } from './loopback-page.mjs';

let page, stop;
before(async () => { ({ page, stop } = await openLoopback()); });
after(() => stop?.());

const keyOf = (account) => page.evaluate(async (name) => (await window.identity.openIdentity(name)).publicKey, account);

test('an account has one key, also when two ask at once and after the page was loaded anew', async () => {
  const keys = await page.evaluate(async () => Promise.all([1, 2, 3].map(async () => (await window.identity.openIdentity('first')).publicKey)));
  assert.equal(new Set(keys).size, 1);
  assert.equal(Buffer.from(keys[0], 'base64').length, 91);
  await page.reload();
  await page.waitForFunction(() => document.title === 'ready');
  assert.equal(await keyOf('first'), keys[0]);
  assert.notEqual(await keyOf('second'), keys[0]);
});

test('the private key cannot be read out of the browser', async () => {
  await keyOf('first');
  const told = await page.evaluate(async () => {
    const database = await new Promise((done) => { const open = indexedDB.open('huijian'); open.onsuccess = () => done(open.result); });
    const pair = await new Promise((done) => { const get = database.transaction('device-keys').objectStore('device-keys').get('first'); get.onsuccess = () => done(get.result); });
    database.close();
    const formats = await Promise.all(['pkcs8', 'jwk'].map((format) => crypto.subtle.exportKey(format, pair.privateKey).then(() => 'out', (error) => error.name)));
    return { formats, extractable: pair.privateKey.extractable };
  });
  assert.deepEqual(told, { formats: ['InvalidAccessError', 'InvalidAccessError'], extractable: false });
});

test('the proof is for this account and this key', async () => {
  const { key, proof } = await page.evaluate(async () => {
    const own = await window.identity.openIdentity('first');
    return { key: own.publicKey, proof: await window.identity.deviceProof(own, 'first') };
  });
  const spki = Buffer.from(key, 'base64');
  const publicKey = { key: createPublicKey({ key: spki, format: 'der', type: 'spki' }), dsaEncoding: 'ieee-p1363' };
  const statement = (account) => Buffer.concat([Buffer.from(`huijian-device-v1\0${account}\0`), spki]);
  assert.ok(verify('sha256', statement('first'), publicKey, Buffer.from(proof, 'base64url')));
  assert.ok(!verify('sha256', statement('second'), publicKey, Buffer.from(proof, 'base64url')));
});

test('a renewed key takes the place of the one before, a forgotten one is gone', async () => {
  const first = await keyOf('first');
  const renewed = await page.evaluate(async () => (await window.identity.renewIdentity('first')).publicKey);
  assert.notEqual(renewed, first);
  assert.equal(await keyOf('first'), renewed);
  await page.evaluate(() => window.identity.forgetIdentity('first'));
  assert.notEqual(await keyOf('first'), renewed);
});
