// SPDX-License-Identifier: Apache-2.0
// The whole service for a test file, in build/e2e/NAME; stopped with stop().
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT } from './browser.mjs';

export async function startService(name, options = []) {
  const folder = resolve(ROOT, 'build/e2e', name);
  const programs = process.env.HJ_PROGRAMS ?? resolve(ROOT, 'build/program');
  const child = spawn('python3', [resolve(ROOT, 'tests/e2e/serve.py'), folder, programs, ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error('the service did not come up');
  const service = JSON.parse(first.value);
  return {
    ...service,
    pictures: resolve(ROOT, 'build/e2e/pictures', name),
    async command(text) {
      child.stdin.write(`${text}\n`);
      const { value } = await lines.next();
      if (value !== 'done') throw new Error(`${text}: ${value}`);
    },
    stop: () =>
      new Promise((stopped) => {
        child.on('exit', stopped);
        child.stdin.end();
      }),
  };
}

/** Until the condition answers something true; the answer. */
export async function until(condition, what, seconds = 15) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error(`${what}: not within ${seconds} s (last: ${last})`);
}
