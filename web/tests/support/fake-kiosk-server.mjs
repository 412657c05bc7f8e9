// SPDX-License-Identifier: Apache-2.0
// The server as a kiosk's agent sees it: enrolment, and signalling that says what the walk tells it to. The signature is
// verified with Node's own crypto, a third implementation beside the agent's and huijiand's.
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

export const KIOSK = 'k'.repeat(26);
export const BOOKING = 'b'.repeat(26);
export const MEETING = 'm'.repeat(26);
export const SEAT = 's'.repeat(26);
export const LAWYER_SEAT = 'l'.repeat(26);

export async function startFakeKioskServer({ onOffer, onKey = () => undefined }) {
  let publicKey = null;
  let socket = null;
  let origin = '';
  const waiting = [];
  const got = [];
  const server = {
    verified: 0, resumed: 0, seen: [], up: true, url: '', approved: true, forgets: false,
    /** The kiosk's key, as rosters name it. */
    identity: '',
    say: (message) => socket?.send(JSON.stringify(message)),
    /** The next message of that verb. */
    next: (verb) => new Promise((resolve) => {
      const index = got.findIndex((one) => one.verb === verb);
      if (index >= 0) resolve(got.splice(index, 1)[0]);
      else waiting.push({ verb, resolve });
    }),
    drop: () => socket?.terminate(),
    close: () => { socket?.terminate(); http.close(); },
  };

  const http = createServer((request, response) => {
    if (request.url === '/favicon.svg') {
      response.writeHead(200, { 'content-type': 'image/svg+xml' }).end('<svg xmlns="http://www.w3.org/2000/svg"/>');
      return;
    }
    if (request.url !== '/api/kiosks/enrol') {
      response.writeHead(404).end();
      return;
    }
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      server.identity = JSON.parse(body).public_key;
      publicKey = createPublicKey({ key: Buffer.from(server.identity, 'base64'), format: 'der', type: 'spki' });
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({
        kiosk: KIOSK, name: { zh: '一号终端', en: 'Kiosk 1' }, room: { zh: '第三律师会见室', en: 'Lawyer room 3' },
        centre: { zh: '示例看守所', en: 'Example centre' }, origin,
      }));
    });
  });

  function hello(message, nonce) {
    if (message.resume && server.forgets) return { verb: 'error', re: message.id, code: 'token', title: { zh: '席位已失效', en: 'the seat is gone' } };
    if (message.resume) {
      server.resumed++;
      return { verb: 'hello', v: 1, re: message.id, you: { kind: 'kiosk', id: KIOSK, name: 'k' }, resumed: true };
    }
    const text = Buffer.concat([Buffer.from('huijian-kiosk-hello-v1\0'), nonce, Buffer.from(`${KIOSK}\0${origin}`)]);
    const good = verify('sha256', text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(message.signature, 'base64url'));
    if (!good) return { verb: 'error', re: message.id, code: 'token', title: 'no' };
    if (!server.approved) return { verb: 'error', re: message.id, code: 'unapproved', title: { zh: '本终端还没有获得批准', en: 'this kiosk is not approved yet' } };
    server.verified++;
    return { verb: 'hello', v: 1, re: message.id, you: { kind: 'kiosk', id: KIOSK, name: 'k' }, resumed: false };
  }

  async function take(message) {
    if (message.verb === 'key') {
      onKey(message.to ?? null, message.body);
      return;
    }
    if (message.verb === 'verify' && server.deaf !== true) server.say({ verb: 'verify', re: message.id });
    if (message.verb === 'offer') {
      server.say({ verb: 'answer', re: message.id, sdp: await onOffer(message.sdp) });
      return;
    }
    const index = waiting.findIndex((one) => one.verb === message.verb);
    if (index >= 0) waiting.splice(index, 1)[0].resolve(message);
    else got.push(message);
  }

  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'huijian.v1', maxPayload: 65536 });
  http.on('upgrade', (request, raw, head) => {
    if (!server.up || request.url !== '/ws' || request.headers.origin !== origin) {
      raw.destroy();
      return;
    }
    sockets.handleUpgrade(request, raw, head, (open) => {
      socket = open;
      const nonce = randomBytes(32);
      open.send(JSON.stringify({ verb: 'hello', v: 1, nonce: nonce.toString('base64url'), origin }));
      open.on('message', (data) => {
        const message = JSON.parse(data.toString());
        server.seen.push(message.verb);
        if (message.verb === 'hello') open.send(JSON.stringify(hello(message, nonce)));
        else void take(message);
      });
    });
  });
  await new Promise((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  origin = server.url = `http://127.0.0.1:${http.address().port}`;
  return server;
}
