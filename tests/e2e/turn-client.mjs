// SPDX-License-Identifier: Apache-2.0
// As much of a TURN client (RFC 8656) as it takes to ask a server for what it must refuse: allocations over TCP or TLS with
// long-term credentials, permissions, refreshes.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

const COOKIE = 0x2112a442;
const METHODS = { allocate: 0x003, refresh: 0x004, send: 0x006, permit: 0x008 };
const USERNAME = 0x0006, INTEGRITY = 0x0008, ERROR = 0x0009, LIFETIME = 0x000d, PEER = 0x0012, DATA = 0x0013, REALM = 0x0014, NONCE = 0x0015;
const FAMILY = 0x0017, TRANSPORT = 0x0019;

/** Name and password as huijiand makes them, for a secret; expires_s: unix seconds. */
export function credentials(secret, expires_s, word = 'test') {
  const username = `${expires_s}:${word}`;
  return { username, password: createHmac('sha1', secret).update(username).digest('base64') };
}

function attribute(type, value) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

/** address: 4 or 16 bytes. */
function xorAddress(address, port, id) {
  const mask = Buffer.concat([Buffer.from('2112a442', 'hex'), id]);
  const head = Buffer.from([0, address.length === 4 ? 1 : 2, 0, 0]);
  head.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  return Buffer.concat([head, Buffer.from(address.map((byte, i) => byte ^ mask[i]))]);
}

export class TurnClient {
  constructor(socket, { username, password }) {
    Object.assign(this, { socket, username, password, rest: Buffer.alloc(0), waiting: new Map() });
    socket.on('data', (bytes) => this.take(bytes));
    socket.on('close', () => { for (const { reject } of this.waiting.values()) reject(new Error('closed')); });
    socket.on('error', () => undefined);
  }

  /** tls: the server must prove itself by a certificate for localhost, of this CA or of the system's. */
  static open(port, who, { tls = false, ca } = {}) {
    return new Promise((resolve, reject) => {
      const socket = tls ? connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca }) : connectTcp({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once(tls ? 'secureConnect' : 'connect', () => resolve(new TurnClient(socket, who)));
    });
  }

  take(bytes) {
    this.rest = Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= 20 && this.rest.length >= 20 + this.rest.readUInt16BE(2)) {
      const message = this.rest.subarray(0, 20 + this.rest.readUInt16BE(2));
      this.rest = this.rest.subarray(message.length);
      const key = message.subarray(8, 20).toString('hex');
      this.waiting.get(key)?.resolve(message);
      this.waiting.delete(key);
    }
  }

  build(method, id, attributes) {
    const head = Buffer.alloc(20);
    head.writeUInt16BE(METHODS[method], 0);
    head.writeUInt32BE(COOKIE, 4);
    id.copy(head, 8);
    const signed = this.nonce
      ? [...attributes, attribute(USERNAME, Buffer.from(this.username)), attribute(REALM, this.realm), attribute(NONCE, this.nonce)]
      : attributes;
    const body = Buffer.concat(signed);
    if (!this.nonce) {
      head.writeUInt16BE(body.length, 2);
      return Buffer.concat([head, body]);
    }
    head.writeUInt16BE(body.length + 24, 2);
    const key = createHash('md5').update(`${this.username}:${this.realm}:${this.password}`).digest();
    const text = Buffer.concat([head, body]);
    return Buffer.concat([text, attribute(INTEGRITY, createHmac('sha1', key).update(text).digest())]);
  }

  /** The error code of the answer; 0: granted. A stale nonce is renewed once. */
  async ask(method, make, again = true) {
    const id = randomBytes(12);
    const answer = new Promise((resolve, reject) => this.waiting.set(id.toString('hex'), { resolve, reject }));
    this.socket.write(this.build(method, id, make(id)));
    const message = await answer;
    const found = new Map();
    for (let at = 20; at + 4 <= message.length;) {
      const size = message.readUInt16BE(at + 2);
      found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + size));
      at += 4 + size + ((4 - (size % 4)) % 4);
    }
    if (!found.has(ERROR)) return 0;
    const code = found.get(ERROR)[2] * 100 + found.get(ERROR)[3];
    const challenged = (code === 401 && !this.nonce) || code === 438;
    if (!challenged || !again) return code;
    this.realm = found.get(REALM) ?? this.realm;
    this.nonce = found.get(NONCE);
    return this.ask(method, make, false);
  }

  allocate(family = 4) {
    return this.ask('allocate', () => [
      attribute(TRANSPORT, Buffer.from([17, 0, 0, 0])), attribute(FAMILY, Buffer.from([family === 4 ? 1 : 2, 0, 0, 0])),
    ]);
  }

  /** May packets go there? */
  permit(address) {
    return this.ask('permit', (id) => [attribute(PEER, xorAddress(address, 0, id))]);
  }

  refresh(seconds) {
    const lifetime = Buffer.alloc(4);
    lifetime.writeUInt32BE(seconds);
    return this.ask('refresh', () => [attribute(LIFETIME, lifetime)]);
  }

  /** An indication: nothing answers it. */
  send(address, port, data) {
    const id = randomBytes(12);
    const body = Buffer.concat([attribute(PEER, xorAddress(address, port, id)), attribute(DATA, data)]);
    const head = Buffer.alloc(20);
    head.writeUInt16BE(METHODS.send | 0x0010, 0);
    head.writeUInt16BE(body.length, 2);
    head.writeUInt32BE(COOKIE, 4);
    id.copy(head, 8);
    this.socket.write(Buffer.concat([head, body]));
  }

  close() {
    this.socket.destroy();
  }
}
