// SPDX-License-Identifier: Apache-2.0
// A third reading of docs/e2ee.md, for the other side: an end in the hands of whoever wants in. It does everything right but what a
// test tells it to do wrong (spoil), with a device of its own.
import { createCipheriv, createHash, createPrivateKey, createPublicKey, createECDH, diffieHellman, generateKeyPairSync, hkdfSync, randomBytes, sign } from 'node:crypto';

import { bodyOf, bound, COMMIT, commitmentOf, KEY, label, read, REVEAL, sha256, unsigned, write } from './wire.mjs';

const device = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const IDENTITY = createPublicKey(device.privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const u16 = (value) => Buffer.from([value >> 8, value & 255]);
const u32 = (value) => Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
const str = (text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);

export function rosterHash(meeting, seats) {
  const rows = [...seats].sort((a, b) => a.number - b.number).flatMap((seat) => {
    const identity = Buffer.from(seat.identity, 'base64');
    return [Buffer.from([seat.number]), str(seat.seat), str(seat.role), u16(identity.length), identity];
  });
  return sha256(label('huijian-e2ee-v1 roster'), str(meeting), Buffer.from([seats.length]), ...rows);
}

export class Impostor {
  /** seats: the two of the roster, by number; own: the seat that it plays. */
  constructor(roster, seats, own, epoch, spoil = (body) => body) {
    Object.assign(this, { roster, seats, own, epoch });
    this.p256 = createECDH('prime256v1');
    this.p256.generateKeys();
    this.x25519 = generateKeyPairSync('x25519');
    const keys = [
      { suite: 1, key: this.p256.getPublicKey() },
      { suite: 2, key: this.x25519.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32) },
    ];
    this.body = spoil({ version: 1, type: REVEAL, epoch, seat: own, nonce: randomBytes(32), keys });
    const statement = bound('reveal', roster, this.body, unsigned(this.body));
    this.body.signature ??= sign('sha256', statement, { key: device.privateKey, dsaEncoding: 'ieee-p1363' });
    this.baseKey = randomBytes(32);
  }

  commit() {
    return write({ version: 1, type: COMMIT, epoch: this.epoch, seat: this.own, roster: this.roster, commitment: commitmentOf(this.roster, this.body) });
  }

  reveal() {
    return write(this.body);
  }

  secret(suite, key) {
    if (suite === 1) return this.p256.computeSecret(key);
    const publicKey = createPublicKey({ key: Buffer.concat([X25519_SPKI, key]), format: 'der', type: 'spki' });
    return diffieHellman({ privateKey: this.x25519.privateKey, publicKey });
  }

  /** Its base key for the other seat, whose reveal this is. */
  key(reveal) {
    const theirs = read(reveal);
    const offers = (body, suite) => body.keys.find((one) => one.suite === suite);
    const suite = offers(theirs, 2) && offers(this.body, 2) ? 2 : 1;
    const bodies = this.seats.map((seat) => bodyOf(seat === this.own ? this.body : theirs));
    this.transcript = sha256(label('huijian-e2ee-v1 transcript'), this.roster, u32(this.epoch), Buffer.from([suite]), ...bodies.flatMap((body) => [u16(body.length), body]));
    const info = Buffer.concat([label('huijian-e2ee-v1 wrap'), str(this.own), str(theirs.seat)]);
    const key = hkdfSync('sha256', this.secret(suite, offers(theirs, suite).key), this.transcript, info, 32);
    const head = Buffer.concat([Buffer.from([1, KEY]), u32(this.epoch), str(this.own), str(theirs.seat), Buffer.from([suite])]);
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), Buffer.alloc(12)).setAAD(head);
    const wrapped = Buffer.concat([cipher.update(this.baseKey), cipher.final(), cipher.getAuthTag()]);
    return Buffer.concat([head, wrapped]).toString('base64url');
  }

  code() {
    const number = createHash('sha256').update(label('huijian-e2ee-v1 code')).update(this.transcript).digest().readBigUInt64BE(0);
    return String(number % 1000000n).padStart(6, '0');
  }
}
