// SPDX-License-Identifier: Apache-2.0
// Every route answers as docs/openapi.yaml says; answers.py asks, here its lines become tests.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';

import { ROOT } from './browser.mjs';

const programs = process.env.HJ_PROGRAMS ?? resolve(ROOT, 'build/program');
const done = spawnSync('python3', [resolve(ROOT, 'tests/e2e/answers.py'), resolve(ROOT, 'build/e2e/answers'), programs], {
  encoding: 'utf8',
  timeout: 240000,
});
const lines = done.stdout.split('\n');

for (const [n, line] of lines.entries()) {
  const found = /^(not )?ok \d+ - (.+)$/.exec(line);
  if (!found) continue;
  const faults = [];
  for (let next = n + 1; lines[next]?.startsWith('# '); next++) faults.push(lines[next].slice(2));
  test(found[2], () => assert.deepEqual(faults, []));
}

test('every question was asked', () => {
  assert.equal(done.stderr, '');
  assert.match(done.stdout, /^1\.\.\d+$/m);
});
