// SPDX-License-Identifier: Apache-2.0
// Builds and serves the loopback page, under the same content security policy for workers as the pages have.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ROOT, launch } from '../e2e/browser.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

async function build() {
  const require = createRequire(resolve(ROOT, 'web/package.json'));
  const vite = await import(pathToFileURL(require.resolve('vite')).href);
  const folder = resolve(ROOT, 'build/e2ee-loopback');
  await vite.build({
    configFile: false, logLevel: 'error', root: resolve(ROOT, 'tests/e2ee/loopback'), base: './', worker: { format: 'es' },
    resolve: { alias: { valibot: resolve(ROOT, 'web/node_modules/valibot') } },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  });
  return folder;
}

/** A browser with the page open; `stop` ends both. */
export async function openLoopback(flags = []) {
  const folder = await build();
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://page').pathname;
    try {
      const body = readFileSync(resolve(folder, `.${path === '/' ? '/index.html' : path}`));
      response.writeHead(200, {
        'Content-Type': TYPES[extname(path)] ?? 'text/html',
        'Content-Security-Policy': "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; media-src 'self' blob:",
      }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const browser = await launch(flags);
  const page = await (await browser.newContext({ permissions: ['camera', 'microphone'] })).newPage();
  page.problems = [];
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('404') && page.problems.push(message.text()));
  page.on('pageerror', (error) => page.problems.push(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.title === 'ready', null, { timeout: 15000 }).catch(() => { throw new Error(page.problems.join('\n') || 'the page did not start'); });
  return { page, stop: async () => { await browser.close(); server.close(); } };
}
