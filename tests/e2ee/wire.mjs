// SPDX-License-Identifier: Apache-2.0
// The agreement's messages as a hostile server reads and writes them (docs/e2ee.md section 3): fields that can be changed one by one.
import { createHash } from 'node:crypto';

export const COMMIT = 1, REVEAL = 2, KEY = 3;

const u = (value, size) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
};
const str = (text) => Buffer.concat([u(Buffer.byteLength(text), 1), Buffer.from(text)]);
export const label = (text) => Buffer.from(`${text}\0`);
export const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** A message as fields; only of what an honest end wrote. */
export function read(body) {
  const bytes = Buffer.from(body, 'base64url');
  let at = 0;
  const take = (size) => bytes.subarray(at, (at += size));
  const number = (size) => take(size).readUIntBE(0, size);
  const text = () => take(number(1)).toString();
  const message = { version: number(1), type: number(1), epoch: number(4), seat: text() };
  if (message.type === COMMIT) Object.assign(message, { roster: Buffer.from(take(32)), commitment: Buffer.from(take(32)) });
  if (message.type === REVEAL) {
    message.nonce = Buffer.from(take(32));
    message.keys = Array.from({ length: number(1) }, () => ({ suite: number(1), key: Buffer.from(take(number(2))) }));
    message.signature = Buffer.from(take(64));
  }
  if (message.type === KEY) Object.assign(message, { to: text(), suite: number(1), wrapped: Buffer.from(take(48)) });
  if (at !== bytes.length) throw new Error(`an honest message with ${bytes.length - at} bytes left over`);
  return message;
}

export const unsigned = (message) =>
  Buffer.concat([message.nonce, u(message.keys.length, 1), ...message.keys.flatMap(({ suite, key }) => [u(suite, 1), u(key.length, 2), key])]);
const rest = (message) => message.more ?? Buffer.alloc(0);
export const bodyOf = (message) => Buffer.concat([unsigned(message), message.signature, rest(message)]);

/** What commitment and signature cover. */
export const bound = (word, roster, message, body) =>
  Buffer.concat([label(`huijian-e2ee-v1 ${word}`), roster, u(message.epoch, 4), str(message.seat), body]);
export const commitmentOf = (roster, message) => sha256(bound('commit', roster, message, bodyOf(message)));

export function write(message) {
  const parts = [u(message.version, 1), u(message.type, 1), u(message.epoch, 4), str(message.seat)];
  if (message.type === COMMIT) parts.push(message.roster, message.commitment, rest(message));
  else if (message.nonce) parts.push(bodyOf(message));
  else if (message.wrapped) parts.push(str(message.to), u(message.suite, 1), message.wrapped, rest(message));
  return Buffer.concat(parts).toString('base64url');
}
