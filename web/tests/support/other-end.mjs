// SPDX-License-Identifier: Apache-2.0
// Opens the page of other-end.ts, built and served for this run on loopback.
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };
let built = null;

/** The folder of the built page; made once for all walks of this process. */
async function folder() {
  const outDir = mkdtempSync(join(tmpdir(), 'huijian-other-end-'));
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
  await build({
    configFile: false, root: import.meta.dirname, base: './', logLevel: 'warn', publicDir: false, worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, rollupOptions: { input: join(import.meta.dirname, 'other-end.html') } },
  });
  return outDir;
}

async function serve(root) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    try {
      const file = await readFile(join(root, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(file);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `http://localhost:${server.address().port}/other-end.html`, close: () => { server.closeAllConnections(); server.close(); } };
}

/**
 * The other ends of a walk. onKey (from, to, body): what one of them says, for the walk to pass on. seat: whose media it is.
 */
export async function openOtherEnd(w, { seat, onKey }) {
  const site = await serve(await (built ??= folder()));
  w.after(site.close);
  const page = await w.browser.newPage();
  page.on('pageerror', (error) => w.faults.push(`other end: ${error.message}`));
  await page.exposeFunction('sendKey', onKey);
  await page.goto(site.url);
  await page.waitForFunction(() => globalThis.otherEnd !== undefined);
  // At the end of a walk the browser closes while the page walked still talks.
  const call = (name) => (...args) => page.evaluate(([act, some]) => globalThis.otherEnd[act](...some), [name, args])
    .catch((error) => { if (!page.isClosed()) throw error; });
  const answer = call('answer');
  return {
    add: call('add'), remove: call('remove'), roster: call('roster'), received: call('received'), view: call('view'), send: call('send'),
    answer: (sdp, plain = false) => answer(sdp, seat, plain),
    /** Waits until the keys of that end hold; its view. */
    async ready(which = seat) {
      await page.waitForFunction((one) => globalThis.otherEnd.view(one).state === 'ready', which, { timeout: 15_000 });
      return call('view')(which);
    },
  };
}
