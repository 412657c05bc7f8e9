// SPDX-License-Identifier: Apache-2.0
// A meeting between a page and the native end, with a test picture and a tone from both. Everything that the servers hold, write
// and pass on is searched for keys, for encoded frames and for the raw canaries: none. The same search finds them at the end.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { hook, launch, signIn } from '../e2e/browser.mjs';
import { bookEarliest, checkIn, join, seesPicture } from '../e2e/people.mjs';
import { startService, until } from '../e2e/service.mjs';
import { barNeedles, capture, memoryOf, filesBelow, frameNeedles, keyNeedles, libraries, mapsOf, openFilesOf, processOf, sealedNeedles, search, toneNeedle } from './canary.mjs';
import { nativeKiosk, PROGRAMS } from './native.mjs';

const CODECS = /(vpx|opus|openh264|x264|x265|avcodec|aom|dav1d|SvtAv1|theora|speex|vorbis|mp3|faac|fdk|gsm|ilbc|webp|sbc|lc3)[^/]*\.so|libgst(vpx|opus|rtp|coreelements|playback|audio|video|webrtc|app)\S*\.so/gi;
const PLUGINS = /\/gstreamer-1\.0\/\S+/g;
const SECRET = ['base_key', 'key', 'salt', 'sent-audio', 'sent-video', 'opened-audio', 'opened-video', 'raw-tone', 'raw-picture'];

let service, browser, lawyer, desk, kiosk, wire, folder, pids, found, places;
const memory = { media: [], huijiand: [] };

/** What the servers have in memory now: what is only passed on does not stay long. */
async function remember() {
  for (const [name, pid] of Object.entries(pids)) memory[name].push(await memoryOf(pid, folder, `${name}-${memory[name].length}`));
}

/** Waits for an epoch after the given one; looks at the servers at once. */
async function nextEpoch(before) {
  const { epoch } = await until(() => kiosk.epoch?.epoch > before && kiosk.epoch, `an epoch after ${before}`, 30);
  await remember();
  return epoch;
}

before(async () => {
  service = await startService('e2ee-canary', ['--kiosks', '0']);
  folder = resolve(service.folder, 'dump-canary');
  pids = { media: processOf('huijian-media', service.folder), huijiand: processOf('huijiand', service.folder) };
  kiosk = await nativeKiosk(service, 'kiosk', ['--tone-frequency', '1000', '--pattern', 'smpte75']);
  browser = await launch();
  lawyer = await signIn(browser, service.url, 'chen', service.password);
  desk = await signIn(browser, service.url, 'desk', service.password);
  const booking = await bookEarliest(lawyer, '张三');
  await checkIn(desk, booking);
  wire = await capture(folder, [new URL(service.url).port, new URL(service.secure).port, mediaPort()]);
  await join(lawyer, booking);
  const epoch = await nextEpoch(0);
  await seesPicture(lawyer);
  await kiosk.meets(1, 30);
  await lawyer.reload();
  await nextEpoch(epoch);
  await seesPicture(lawyer);
  await kiosk.meets(1, 60);
  await remember();
});

const mediaPort = () => readFileSync(resolve(service.folder, 'media.conf'), 'utf8').match(/^port=(\d+)/m)[1];

after(async () => {
  await browser?.close();
  await kiosk?.stop();
  await service?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test('what must not be found is gathered at the native end', async () => {
  memory.kiosk = [await memoryOf(kiosk.child.pid, folder, 'kiosk')];
  const { file, frames, dropped } = await wire.stop();
  assert.ok(frames > 2000, `${frames} frames on the wire`);
  assert.equal(dropped, 0, 'the capture is whole');
  const keys = kiosk.keys();
  const epochs = [...new Set(keys.map((one) => one.epoch))];
  assert.ok(epochs.length >= 2, `epochs ${epochs}`);
  for (const epoch of epochs) assert.equal(keys.filter((one) => one.epoch === epoch).length, 4, 'both directions, sound and picture');
  const own = (kind) => keys.findLast((one) => one.number === kiosk.number && one.kind === kind);
  const sent = { audio: kiosk.frames('sent-audio'), video: kiosk.frames('sent-video') };
  const opened = { audio: kiosk.frames('opened-1-audio'), video: kiosk.frames('opened-1-video') };
  for (const frames of [...Object.values(sent), ...Object.values(opened)]) assert.ok(frames.length > 60, `${frames.length} frames`);
  const needles = [
    ...keyNeedles(keys),
    ...['audio', 'video'].flatMap((kind) => [
      ...frameNeedles(`sent-${kind}`, kind, sent[kind]), ...frameNeedles(`opened-${kind}`, kind, opened[kind]),
      ...sealedNeedles('sealed', kind, sent[kind].slice(-100), own(kind), sent[kind].length),
    ]),
    toneNeedle('raw-tone', 1000), ...barNeedles('raw-picture'),
    `identity whole ${Buffer.from(kiosk.said('enrolled').identity).toString('hex')}`,
  ];
  const ofEnds = /^(dump-|peer-|kiosk-)/;
  places = { wire: file, files: [...filesBelow(service.folder, ofEnds), ...Object.values(pids).flatMap(openFilesOf)] };
  found = await search(folder, needles, [...Object.values(memory).flat(), file, ...places.files]);
  for (const path of [...Object.values(memory).flat(), file]) console.log(`${basename(path)}: ${found[path].bytes} bytes, ${JSON.stringify(found[path].hits)}`);
});

const told = (path) => JSON.stringify({ path, ...found[path] });
const hits = (path, what) => found[path].hits[what];

function nothingIn(paths) {
  for (const path of paths) for (const secret of SECRET) assert.equal(hits(path, secret), 0, `${secret}: ${told(path)}`);
}

test('the search finds keys, frames and canaries in the memory of the native end', () => {
  for (const secret of SECRET) assert.ok(hits(memory.kiosk[0], secret) > 0, `${secret}: ${told(memory.kiosk[0])}`);
});

test('the search finds what the relay and huijiand do have: sealed frames and public keys', () => {
  assert.ok(hits(memory.media.at(-1), 'sealed') > 0, told(memory.media.at(-1)));
  for (const path of [memory.huijiand.at(-1), places.wire]) assert.ok(hits(path, 'identity') > 0, told(path));
  assert.ok(places.files.some((path) => hits(path, 'identity') > 0), 'the database has the identity');
  assert.equal(hits(places.wire, 'sealed'), 0, 'frames are encrypted hop by hop too');
});

test('the memory of huijian-media has no key, no frame and no canary, at no time', () => nothingIn(memory.media));
test('the memory of huijiand has no key, no frame and no canary, at no time', () => nothingIn(memory.huijiand));
test('what passed on the wire has no key, no frame and no canary', () => nothingIn([places.wire]));

test('database, logs and every other file of the servers have no key, no frame and no canary', () => {
  const names = places.files.map((path) => path.slice(service.folder.length + 1));
  for (const wanted of [/^state\/.*\.db$|^state\/.*sqlite/, /-wal$/, /^log\/huijiand\.log$/, /^log\/huijian-media\.log$/]) assert.ok(names.some((name) => wanted.test(name)), `${wanted} in ${names}`);
  nothingIn(places.files);
});

test('huijian-media links and loads no codec and no plug-in of GStreamer; the native end does', async () => {
  for (const text of [await libraries(resolve(PROGRAMS, 'media/huijian-media')), mapsOf(pids.media)]) {
    assert.deepEqual(text.match(CODECS), null);
    assert.deepEqual(text.match(PLUGINS), null);
    assert.match(text, /libgstreamer-1\.0/, 'it is the right list');
  }
  const native = mapsOf(kiosk.child.pid);
  for (const one of [/libvpx\.so/, /libopus\.so/, /libgstvpx\.so/, /libgstopus\.so/]) assert.match(native, one);
  assert.ok(native.match(CODECS).length > 3 && native.match(PLUGINS).length > 3);
});
