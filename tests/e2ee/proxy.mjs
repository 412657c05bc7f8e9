// SPDX-License-Identifier: Apache-2.0
// A server that is not honest, between real ends and the service: it ends TLS with the service's own certificate and may change
// each signalling message on its way.
import { readFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:https';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import { ROOT } from '../e2e/browser.mjs';

const { WebSocket, WebSocketServer } = createRequire(resolve(ROOT, 'web/package.json'))('ws');

/** What a message becomes: itself unless `change` answers another one, a list, or null (dropped). */
export function changed(change, text, way) {
  const message = JSON.parse(text);
  const answer = change?.(message, way);
  return (answer === undefined ? [message] : answer === null ? [] : [answer].flat()).map((one) => JSON.stringify(one));
}

/** proxy.change (message, 'to-end' or 'to-server') is looked up for each message. */
export async function startProxy(service) {
  const tls = (name) => readFileSync(resolve(service.folder, 'tls', name));
  const target = new URL(service.secure);
  const proxy = { change: null };
  const forward = (headers) => ({ ...headers, host: target.host, ...(headers.origin ? { origin: service.secure } : {}) });
  const server = createServer({ cert: tls('server.pem'), key: tls('server.key') }, (request, response) => {
    const onward = ask({ host: target.hostname, port: target.port, method: request.method, path: request.url, headers: forward(request.headers), ca: tls('ca.pem') },
      (answer) => answer.pipe(response.writeHead(answer.statusCode, answer.headers)));
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] });
  server.on('upgrade', (request, raw, head) => sockets.handleUpgrade(request, raw, head, (end) => {
    const protocol = request.headers['sec-websocket-protocol'];
    const onward = new WebSocket(`${service.secure.replace('https', 'wss')}${request.url}`, protocol, { ca: tls('ca.pem'), origin: service.secure });
    const waiting = [];
    const toServer = (text) => (onward.readyState === WebSocket.OPEN ? onward.send(text) : waiting.push(text));
    onward.on('open', () => waiting.splice(0).forEach((text) => onward.send(text)));
    onward.on('message', (data) => changed(proxy.change, data, 'to-end').forEach((text) => end.send(text)));
    end.on('message', (data) => changed(proxy.change, data, 'to-server').forEach(toServer));
    for (const [one, other] of [[end, onward], [onward, end]]) {
      one.on('close', () => other.close());
      one.on('error', () => other.close());
    }
  }));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  proxy.url = `https://localhost:${server.address().port}`;
  proxy.stop = () => {
    for (const client of sockets.clients) client.terminate();
    server.close();
    server.closeAllConnections();
  };
  return proxy;
}
