// SPDX-License-Identifier: Apache-2.0
// The HTTP half of a pretend huijiand: the built pages with the strict CSP of the real nginx, and /api by a function.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' data:; img-src 'self' data:; " +
  "media-src 'self' blob:; font-src 'self'; base-uri 'none'; worker-src 'self'; form-action 'none'; frame-ancestors 'none'";
const HEAD = { 'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const BUILT = new URL('../../../build/web/', import.meta.url).pathname;

export const now = () => Date.now() * 1000;

/** An answer of /api that refuses. */
export function problem(status, code, title, more = {}) {
  return { status, type: 'application/problem+json', body: { type: `urn:huijian:problem:${code}`, title, status, code, ...more } };
}

async function answerApi(request, url, response, route) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const refused = request.method !== 'GET' && request.headers['x-huijian'] !== '1';
  const answer = refused ? problem(403, 'invalid', 'X-Huijian') : await route(request, url.pathname.slice(5), url.searchParams, text ? JSON.parse(text) : {});
  response.writeHead(answer.status, { ...HEAD, 'Content-Type': answer.type ?? 'application/json' });
  response.end(answer.body ? JSON.stringify(answer.body) : undefined);
}

/** route: (request, path below /api/, query, body) => {status, body?, type?}, or a promise of it. Loopback only. */
export function servePages(route, root = BUILT) {
  return createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname.startsWith('/api/')) return answerApi(request, url, response, route);
    const path = normalize(url.pathname.endsWith('/') ? `${url.pathname}index.html` : url.pathname);
    try {
      const file = await readFile(join(root, path));
      response.writeHead(200, { ...HEAD, 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' });
      return response.end(file);
    } catch {
      return response.writeHead(404, HEAD).end();
    }
  });
}

/** Listens on a port of the kernel's choice, or the given one; its address. */
export async function listen(server, port = 0) {
  await new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  return `http://localhost:${server.address().port}`;
}

export async function shut(server, wss) {
  for (const socket of wss.clients) socket.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => { server.close(resolve); });
}
