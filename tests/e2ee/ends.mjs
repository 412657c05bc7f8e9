// SPDX-License-Identifier: Apache-2.0
// Ends of a key agreement for a test that is the server between them. Every call answers with what it made the end say, in order:
// {say: send|epoch|refused|gone|alone|stopped, …}; keys in base64url.
import { spawn } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

import { ROOT } from '../e2e/browser.mjs';

const programs = process.env.HJ_PROGRAMS ?? resolve(ROOT, 'build/test');

/** The native end: tests/peer/agree.c. */
export async function startC() {
  const child = spawn(resolve(programs, 'tests/peer/huijian-agree'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('huijian-agree is gone');
    return JSON.parse(value);
  };
  const { identity } = await next();
  const command = async (words) => {
    child.stdin.write(`${JSON.stringify(words)}\n`);
    const said = [];
    for (let line = await next(); line.say !== 'done'; line = await next()) {
      if (line.say === 'no such command') throw new Error(JSON.stringify(words));
      said.push(line);
    }
    return said;
  };
  return {
    language: 'C',
    identity,
    fresh: (role, highest = 2) => command({ do: 'new', role }).then(() => command({ do: 'offer', highest })),
    roster: (meeting, own, seats, at_us) => command({ do: 'roster', meeting, seat: own.seat, number: own.number, seats, at_us }),
    receive: (from, body, at_us) => command({ do: 'receive', from, body, at_us }),
    tick: (at_us) => command({ do: 'tick', at_us }),
    stop: () => child.stdin.end(),
  };
}

let modules;
/** A module of web/ in TypeScript, through Vite. */
export async function loadTypeScript(path) {
  modules ??= import(pathToFileURL(createRequire(resolve(ROOT, 'web/package.json')).resolve('vite')).href).then(({ createServer }) =>
    createServer({ root: resolve(ROOT, 'web'), configFile: false, logLevel: 'error', appType: 'custom',
      optimizeDeps: { noDiscovery: true }, server: { middlewareMode: true, watch: null, hmr: false, ws: false } }));
  return (await modules).ssrLoadModule(path);
}

export async function closeTypeScript() {
  await (await modules)?.close();
  modules = undefined;
}

/** The pages' end: web/lib/e2ee/agreement.ts. */
export async function startTypeScript() {
  const { Agreement } = await loadTypeScript('/lib/e2ee/agreement.ts');
  const pair = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const publicKey = Buffer.from(await webcrypto.subtle.exportKey('spki', pair.publicKey)).toString('base64');
  const identity = {
    publicKey,
    sign: async (statement) => new Uint8Array(await webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, statement)),
  };
  const text = (key) => Buffer.from(key).toString('base64url');
  let said = [];
  const port = {
    send: (to, body) => said.push({ say: 'send', to, body }),
    epoch: ({ epoch, suite, code, own, members }) =>
      void said.push({ say: 'epoch', epoch, suite, code, own: text(own.baseKey), members: members.map(({ number, seat, baseKey }) => ({ number, seat, key: text(baseKey) })) }),
    gone: (number) => said.push({ say: 'gone', number }),
    alone: () => said.push({ say: 'alone' }),
    refused: (reason, from) => said.push({ say: 'refused', reason, from }),
    stopped: (reason) => said.push({ say: 'stopped', reason }),
  };
  let agreement;
  const told = async (settled) => {
    await settled;
    return said.splice(0);
  };
  return {
    language: 'TypeScript',
    identity: publicKey,
    fresh: (role, highest = 2) => {
      agreement?.stop();
      agreement = new Agreement({ role, identity, port, highest });
      return told();
    },
    roster: (meeting, own, seats, at_us) => told(agreement.setRoster(meeting, own, seats, at_us / 1000)),
    receive: (from, body, at_us) => told(agreement.receive(from, body, at_us / 1000)),
    tick: (at_us) => told(agreement.tick(at_us / 1000)),
    stop: () => agreement?.stop(),
  };
}

const STARTS = { C: startC, TypeScript: startTypeScript };

export const startEnds = (languages) => Promise.all(languages.map((language) => STARTS[language]()));

export async function stopEnds(ends) {
  for (const end of ends ?? []) end.stop();
  await closeTypeScript();
}
