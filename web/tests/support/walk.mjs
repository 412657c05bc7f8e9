// SPDX-License-Identifier: Apache-2.0
// What the walks share. A walk goes through a page step by step, takes a picture at each (build/walks/PART) and collects what
// is wrong to its end, so that one run shows all: a missing hook, an error in the console, an axe finding, text too wide.
import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { axeFindings } from './axe.mjs';
import { openBrowser } from './browser.mjs';

const PICTURES = new URL('../../../build/walks/', import.meta.url).pathname;

async function emptyFolder(part, prefix) {
  const folder = join(PICTURES, part);
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) if (old.startsWith(prefix)) await rm(join(folder, old));
  return folder;
}

async function widerThanWindow(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return over > 0 ? [`${over} px wider than the window`] : [];
}

/**
 * One walk is one test. part: the folder of its pictures; options: `browser` for openBrowser(), `harmless` a pattern of console lines,
 * `inspect` (page) => faults beside axe. steps gets a Walk.
 */
export function walk(part, name, { browser: wanted = {}, harmless = /^$/, inspect = widerThanWindow }, steps) {
  test(name, async () => {
    const prefix = `${name.replaceAll(' ', '-')}-`;
    const folder = await emptyFolder(part, prefix);
    const faults = [];
    const closers = [];
    const { browser, close } = await openBrowser(wanted);
    const file = (what) => join(folder, `${prefix}${what}.png`);
    let shown = null;
    const w = {
      browser, faults, file,
      expect: (truth, text) => { if (!truth) faults.push(text); },
      /** Runs when the walk is over, however it ended. */
      after: (closer) => closers.unshift(closer),
      /** The page that is walked. */
      async open() {
        const page = shown = await browser.newPage();
        page.setDefaultTimeout(15_000);
        page.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !harmless.test(message.text())) faults.push(`console: ${message.text()}`); });
        page.on('pageerror', (error) => faults.push(`page: ${error.message}`));
        return page;
      },
      async shot(page, what, options = { fullPage: true }) {
        await page.waitForTimeout(250);
        await page.screenshot({ path: file(what), ...options });
        for (const fault of [...(await axeFindings(page)), ...(await inspect(page))]) faults.push(`${what}: ${fault}`);
      },
    };
    try {
      await steps(w);
    } catch (error) {
      await shown?.screenshot({ path: file('fault') }).catch(() => {});
      faults.push(error.stack.split('\n').slice(0, 8).join('\n'));
    } finally {
      for (const closer of closers) await closer();
      await close();
    }
    assert.equal(faults.join('\n'), '');
  });
}

/** Pictures in the order they are taken: 01-NAME, 02-NAME … */
export function numbered() {
  let count = 0;
  return (what) => `${String(++count).padStart(2, '0')}-${what}`;
}
