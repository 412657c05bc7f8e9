// SPDX-License-Identifier: Apache-2.0
// What must be nowhere but at the ends, and where it is looked for: running processes, files, what passed on the wire.
import { execFile, spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { ROOT } from '../e2e/browser.mjs';
import { PROGRAMS } from './native.mjs';

const run = promisify(execFile);
const asRoot = process.getuid() === 0 ? [] : ['sudo', '-n'];
const privileged = (...words) => [...asRoot, ...words];

/** The process that runs this program with this word among its arguments. */
export function processOf(program, word) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (words[0].endsWith(`/${program}`) && words.some((one) => one.includes(word))) return Number(pid);
    } catch {
      // gone meanwhile
    }
  }
  throw new Error(`no process ${program} with ${word}`);
}

/** The memory of a process as a file. It stands still for that time. */
export async function memoryOf(pid, folder, name) {
  mkdirSync(folder, { recursive: true });
  const file = resolve(folder, name);
  const [program, ...words] = privileged('python3', resolve(ROOT, 'tests/e2ee/memory.py'), String(pid), file);
  await run(program, words);
  return file;
}

/** Captures the loopback interface; stop() answers with the file and how many frames are in it. */
export async function capture(folder, ports) {
  mkdirSync(folder, { recursive: true });
  const file = resolve(folder, 'capture');
  const [program, ...words] = privileged('python3', resolve(ROOT, 'tests/e2ee/capture.py'), file, ...ports.map(String));
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== 'ready') throw new Error('no capture: the suite e2ee needs root or CAP_NET_RAW (tests/e2ee/capture.py)');
  return {
    async stop() {
      child.stdin.end();
      const [frames, dropped] = (await lines.next()).value.split(' ').map(Number);
      return { file, frames, dropped };
    },
  };
}

/** Every regular file below a folder, but for what belongs to the ends. */
export function filesBelow(folder, leaveOut) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = resolve(folder, entry.name);
    if (leaveOut.test(entry.name)) return [];
    if (entry.isDirectory()) return filesBelow(path, leaveOut);
    return entry.isFile() ? [path] : [];
  });
}

/** What else a process has open and may have unlinked. */
export const openFilesOf = (pid) => readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
  try {
    const path = `/proc/${pid}/fd/${fd}`;
    return statSync(path).isFile() && / \(deleted\)$/.test(readlinkSync(path)) ? [path] : [];
  } catch {
    return [];
  }
});

const hex = (bytes) => Buffer.from(bytes).toString('hex');

/** Keys as bytes and as text in every usual writing. */
export function keyNeedles(keys) {
  const needles = new Set();
  for (const key of keys)
    for (const part of ['base_key', 'key', 'salt']) {
      const bytes = Buffer.from(key[part], 'hex');
      needles.add(`${part} whole ${key[part]}`);
      for (const text of [key[part], key[part].toUpperCase(), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')])
        needles.add(`${part} whole ${hex(Buffer.from(text))}`);
    }
  return [...needles];
}

export const clearSize = (kind, frame) => (kind === 'audio' ? 0 : frame[0] & 1 ? 1 : 10);

/** Any 16 bytes of these encoded frames behind their clear part. */
export const frameNeedles = (name, kind, frames) =>
  frames.map((frame) => frame.subarray(clearSize(kind, frame))).filter((rest) => rest.length >= 16).map((rest) => `${name} window ${hex(rest)}`);

/** The beginnings of these frames as SFrame ciphertext, for every counter that they may have had: RFC 9605 section 4.4.3 with
 * AES-GCM, whose first block of key stream is AES of nonce ‖ 2. */
export function sealedNeedles(name, kind, frames, { key, salt }, counters) {
  const streams = Array.from({ length: counters }, (_, counter) => {
    const nonce = Buffer.from(salt, 'hex');
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ counter) >>> 0, 8);
    return createCipheriv('aes-128-ecb', Buffer.from(key, 'hex'), null).setAutoPadding(false).update(Buffer.concat([nonce, Buffer.from([0, 0, 0, 2])]));
  });
  return frames.map((frame) => frame.subarray(clearSize(kind, frame))).filter((rest) => rest.length >= 16)
    .flatMap((rest) => streams.map((stream) => `${name} whole ${hex(stream.map((byte, i) => byte ^ rest[i]))}`));
}

/** A second of a sine of GStreamer's audiotestsrc (volume 0.8, 48 kHz, 16 bit), as it is before the encoder. */
export function toneNeedle(name, hz) {
  const samples = Buffer.alloc(96);
  for (let i = 0; i < 48; i++) samples.writeInt16LE(Math.trunc(Math.sin((2 * Math.PI * hz * i) / 48000) * 0.8 * 32767), i * 2);
  return `${name} window ${hex(samples)}`;
}

/** Borders of two neighbouring bars of SMPTE colour bars at 75 %, in the luma plane of an I420 picture. */
export function barNeedles(name) {
  const needles = [];
  for (const [left, right] of [[180, 162], [162, 131], [131, 112], [112, 84], [84, 65], [65, 35]])
    for (const a of [left - 1, left, left + 1])
      for (const b of [right - 1, right, right + 1]) needles.push(`${name} whole ${hex(Buffer.concat([Buffer.alloc(16, a), Buffer.alloc(16, b)]))}`);
  return needles;
}

/** How often each class of needles is in each file: {file: {hits, first, bytes}}. */
export async function search(folder, needles, files) {
  const list = resolve(folder, 'needles');
  writeFileSync(list, needles.join('\n'), { mode: 0o600 });
  const [program, ...words] = privileged(resolve(PROGRAMS, 'tests/e2ee/huijian-search'), list, ...files);
  const { stdout } = await run(program, words, { maxBuffer: 1 << 26 });
  rmSync(list);
  return Object.fromEntries(stdout.trim().split('\n').map((line) => JSON.parse(line)).map(({ file, ...found }) => [file, found]));
}

export const libraries = async (program) => (await run('ldd', [program])).stdout;
export const mapsOf = (pid) => readFileSync(`/proc/${pid}/maps`, 'utf8');
