// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium, driven by Playwright: people's pages, and the kiosk's browser that already runs.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { axeFindings } from '../../web/tests/support/axe.mjs';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { chromium } = createRequire(resolve(ROOT, 'web/package.json'))('playwright-core');

export const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--autoplay-policy=no-user-gesture-required',
];

/** camera: whether there is one (Chromium's moving test picture and tone). */
export function launch(flags = [], camera = true) {
  const own = camera ? FLAGS : FLAGS.filter((flag) => flag !== '--use-fake-device-for-media-stream');
  return chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: [...own, ...flags] });
}

/** The page that a kiosk's browser shows; profile: its --user-data-dir. */
export async function attachKiosk(profile) {
  const place = resolve(profile, 'DevToolsActivePort');
  for (let i = 0; i < 150 && !existsSync(place); i++) await new Promise((later) => setTimeout(later, 100)); // it has just been started
  const [port] = readFileSync(place, 'utf8').split('\n');
  const connect = () => chromium.connectOverCDP(`http://127.0.0.1:${port}`, { timeout: 60000 });
  const browser = await connect().catch(connect); // a browser that has just started may be slow to answer
  return { browser, page: browser.contexts()[0].pages().find((page) => page.url().startsWith('http://127.0.0.1:')) };
}

export const hook = (page, id) => page.locator(`[data-testid="${id}"]`);

/** Somebody with a browser profile of their own, signed in; prepare: called with the context before its page opens. */
export async function signIn(browser, url, account, password, { prepare, ...options } = {}) {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 860 }, ignoreHTTPSErrors: true, ...options });
  await prepare?.(context);
  const page = await context.newPage();
  page.problems = [];
  page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()));
  page.on('pageerror', (error) => page.problems.push(String(error)));
  await page.goto(url);
  await hook(page, 'login-account').fill(account);
  await hook(page, 'login-password').fill(password);
  await hook(page, 'login-submit').click();
  await page.waitForURL((to) => to.pathname.length > 1, { timeout: 15000 });
  return page;
}

/** What a signed-in page can ask of the REST interface. */
export function ask(page, method, path, body) {
  return page.evaluate(
    async ([verb, where, data]) => {
      const answer = await fetch(`/api/${where}`, {
        method: verb,
        headers: { 'X-Huijian': '1', ...(data ? { 'Content-Type': 'application/json' } : {}) },
        ...(data ? { body: JSON.stringify(data) } : {}),
      });
      const text = await answer.text();
      return { status: answer.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body],
  );
}

/** Decoded frames of the first remote picture; 0 without one. */
export function frames(page) {
  return page.evaluate(() => {
    const video = document.querySelector('video[data-seat]');
    return video ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
  });
}

/** Starts to watch for the first remote frame; the answer is the wall time in ms at which it was there. */
export async function watchFirstFrame(page) {
  await page.evaluate(() => {
    window.firstFrame = new Promise((found) => {
      const look = () => {
        const video = document.querySelector('video[data-seat]');
        if (video && video.getVideoPlaybackQuality().totalVideoFrames > 0) found(Date.now());
        else setTimeout(look, 5);
      };
      look();
    });
  });
  return () => page.evaluate(() => window.firstFrame);
}

/** Root mean square of the remote sound over a second, 0 to 1. */
export function loudness(page) {
  return page.evaluate(async () => {
    const element = document.querySelector('audio[data-sound-of], video[data-seat]');
    if (!element?.srcObject?.getAudioTracks().length) return 0;
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(element.srcObject).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    for (let i = 0; i < 40; i++) {
      await new Promise((later) => setTimeout(later, 50));
      analyser.getFloatTimeDomainData(samples);
      loudest = Math.max(loudest, Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length));
    }
    await context.close();
    return loudest;
  });
}

export async function picture(page, folder, name) {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: resolve(folder, `${name}.png`) });
}

/** A picture for people, and what axe holds against the page: nothing serious. */
export async function look(page, folder, name) {
  await picture(page, folder, name);
  assert.deepEqual(await axeFindings(page, ['serious', 'critical']), [], name);
}
