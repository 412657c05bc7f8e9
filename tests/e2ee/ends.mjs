// SPDX-License-Identifier: Apache-2.0
// Ends of a key agreement for a test that is the server between them. Every call answers with what it made the end say, in order:
// {say: send|epoch|refused|gone|alone|stopped, …}; keys in base64url.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

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

const STARTS = { C: startC };

export const startEnds = (languages) => Promise.all(languages.map((language) => STARTS[language]()));
