// SPDX-License-Identifier: Apache-2.0
// Debian's Firefox ESR, driven by Puppeteer over WebDriver BiDi, with its own moving test picture and tone.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import { ROOT } from './browser.mjs';

const { launch } = await import(createRequire(resolve(ROOT, 'web/package.json')).resolve('puppeteer-core'));

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  // Media stays on this machine: without these Firefox hides the loopback's addresses.
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'intl.accept_languages': 'zh-CN',
};

export async function launchFirefox() {
  const browser = await launch({
    browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true, acceptInsecureCerts: true, extraPrefsFirefox: PREFERENCES,
    defaultViewport: { width: 1280, height: 860 },
  });
  return browser;
}

/** The elements of a page, in whatever shadow they stand. */
export const hook = (page, id) => page.locator(`pierce/[data-testid="${id}"]`);

async function write(page, id, text) {
  await hook(page, id).click();
  await page.keyboard.type(text);
}

/** Somebody with a browser of their own, signed in. */
export async function signIn(browser, url, account, password) {
  const page = await browser.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()));
  await page.evaluateOnNewDocument(() => {
    window.connections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...words) {
        super(...words);
        window.connections.push(this);
      }
    };
  });
  await page.goto(url);
  await write(page, 'login-account', account);
  await write(page, 'login-password', password);
  await hook(page, 'login-submit').click();
  await page.waitForFunction(() => location.pathname.length > 1, { timeout: 15000 });
  return page;
}
