// SPDX-License-Identifier: Apache-2.0
// Walks through the lawyer's page over the pretend server, in both languages, wide and narrow; pictures go to build/web-shots.
// It is also a check: the walk fails when a hook is gone, the CSP is violated or axe finds a fault. `npm run shots`.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { openBrowser, openRelayPage } from './support/browser.mjs';
import { startFakeServer } from './support/fake-server.mjs';

const out = new URL('../../build/web-shots/', import.meta.url).pathname;
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const faults = [];
await mkdir(out, { recursive: true });

async function walk(locale, width) {
  const name = `${locale}-${width}`;
  const { browser, close } = await openBrowser({ viewport: { width, height: width > 600 ? 900 : 844 }, locale: locale === 'zh' ? 'zh-CN' : 'en-GB' });
  let answer;
  const fake = await startFakeServer({ slotTakenOnce: true, onOffer: (sdp) => answer(sdp) });
  answer = await openRelayPage(browser, fake.url);
  const page = await browser.newPage();
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !/status of 40\d/.test(message.text())) faults.push(`${name} console: ${message.text()}`); });
  page.on('pageerror', (error) => faults.push(`${name} page: ${error.message}`));
  const by = (id) => page.getByTestId(id);
  let count = 0;
  const shot = async (what) => {
    await page.waitForTimeout(250);
    await page.screenshot({ path: `${out}${name}-${String(++count).padStart(2, '0')}-${what}.png`, fullPage: true });
    // The CSP forbids injected script tags; the debugger's evaluate is outside of it.
    await page.evaluate(axe);
    const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    for (const one of result.violations) faults.push(`${name} ${what} axe ${one.impact} ${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(' | ')}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) faults.push(`${name} ${what}: ${overflow} px wider than the window`);
  };

  await page.goto(fake.url);
  await shot('sign-in');
  await by('login-submit').click();
  await shot('sign-in-empty');
  await by('login-account').fill('lawyer');
  await by('login-password').fill('secret-enough');
  await by('login-submit').click();
  await by('clients').waitFor();
  await shot('clients');
  await by('client-authority4aaaaaaaaaaaaaaaa').getByTestId('client-open').click();
  await by('finding-licence-valid').waitFor();
  await shot('refused');
  await page.goto(`${fake.url}/lawyer/#/clients`);
  await by('client-authority1aaaaaaaaaaaaaaaa').getByTestId('client-open').click();
  await by('book-earliest').waitFor();
  await page.locator('[data-testid^=slot-]').nth(2).click();
  await shot('book');
  await by('book-slot').click();
  await by('booking-refused').waitFor();
  await shot('taken');
  await by('book-earliest').click();
  await by('booking-confirmed').waitFor();
  await shot('booked');
  await by('menu-clients').click();
  await by('client-authority2aaaaaaaaaaaaaaaa').getByTestId('client-open').click();
  await by('book-without-slot').click();
  await by('booking-confirmed').waitFor();
  await by('menu-bookings').click();
  const [booking] = fake.data.bookings;
  await by(`booking-${booking.id}`).waitFor();
  await shot('bookings');
  await by(`booking-${fake.data.bookings[1].id}`).getByTestId('booking-cancel').click();
  await by('cancel-reason').waitFor();
  await shot('cancel');
  await by('cancel-confirm').click();
  await page.locator('[data-state=CANCELLED]').waitFor();
  await by(`booking-${booking.id}`).getByTestId('booking-device-check').click();
  await page.locator('[data-testid=device-microphone][data-result=ok]').waitFor();
  await by('device-speaker-play').click();
  await by('device-speaker-yes').click();
  await shot('device-check');
  await by('device-finish').click();
  await by('booking-join').click();
  await page.locator('[data-testid=waiting-state][data-state=to-check]').waitFor();
  await shot('waiting');
  fake.checkIn();
  fake.kioskJoins();
  await page.locator('[data-testid=waiting-state][data-state=ready]').waitFor();
  await shot('ready');
  fake.admit();
  await page.locator('.tile[data-showing=true]').waitFor();
  await page.waitForTimeout(4500);
  await shot('meeting');
  const state = await page.evaluate(() => {
    const video = document.querySelector('video[data-seat]');
    const sound = document.querySelector('audio[data-sound-of]');
    return { width: video.videoWidth, at: video.currentTime, soundAt: sound.currentTime, soundPaused: sound.paused };
  });
  if (!(state.width > 0 && state.at > 0 && state.soundAt > 0 && !state.soundPaused)) faults.push(`${name} media: ${JSON.stringify(state)}`);
  await page.keyboard.press('Alt+a');
  await page.locator('[data-testid=meeting-mute][aria-pressed=true]').waitFor();
  await page.keyboard.press('Alt+v');
  fake.kioskJoins('admitted', 2, 'lawyer', '林若溪');
  await shot('three');
  fake.dropSockets();
  await page.waitForFunction(() => true);
  await page.waitForTimeout(100);
  for (let i = 0; i < 50 && fake.sockets() === 0; i++) await page.waitForTimeout(100);
  if (fake.sockets() !== 1) faults.push(`${name}: did not resume`);
  const still = await page.locator('.tile[data-showing=true]').count();
  if (still < 1) faults.push(`${name}: picture gone after the socket dropped`);
  await page.reload({ waitUntil: 'domcontentloaded' });
  await page.locator('.tile[data-showing=true]').first().waitFor();
  await by('meeting-end').click();
  await page.locator('wa-dialog[open] [data-testid=meeting-end-confirm]').waitFor();
  await shot('end');
  await by('meeting-end-confirm').click();
  await by('meeting-summary').waitFor();
  await shot('summary');
  await by('large-type').click();
  await by('summary-bookings').click();
  await by(`booking-${booking.id}`).waitFor();
  await shot('large-type');
  await fake.close();
  await close();
}

/** What a lawyer's browser fetches before the page works, compressed. */
async function weigh() {
  const root = new URL('../../build/web/', import.meta.url).pathname;
  const html = await readFile(`${root}lawyer/index.html`, 'utf8');
  if (/<style|style=|<script(?![^>]*src=)|\son\w+=/.test(html)) faults.push('lawyer/index.html holds inline script or style');
  const assets = new Set([...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((found) => found[1]));
  let sum = 0;
  for (const asset of assets) sum += gzipSync(await readFile(root + asset)).length;
  console.log(`lawyer page: ${Math.round(sum / 1000)} kB compressed`);
  if (sum > 150_000) faults.push(`lawyer page: ${sum} bytes, more than 150 kB`);
}

await weigh();
const only = process.argv[2];
for (const locale of ['zh', 'en']) {
  for (const width of [1280, 390]) {
    if (only && only !== `${locale}-${width}`) continue;
    await walk(locale, width);
    console.log(`walked ${locale} ${width}`);
  }
}
for (const fault of faults) console.log(fault);
console.log(`${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
