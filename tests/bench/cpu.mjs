// SPDX-License-Identifier: Apache-2.0
// Processor time of processes, from /proc: utime + stime of proc(5), in seconds.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function read(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name may hold anything; field 3 comes first here
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return { pid, parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS, command };
  } catch {
    return null; // it ended meanwhile
  }
}

/** All processes below this one, itself included. */
export function family(root) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => read(Number(pid))).filter(Boolean);
  const members = new Map(all.filter(({ pid }) => pid === root).map((one) => [one.pid, one]));
  for (let grown = -1; grown !== members.size;) {
    grown = members.size;
    for (const one of all) if (members.has(one.parent)) members.set(one.pid, one);
  }
  return [...members.values()];
}

/** Of those below root whose command line fits; a sum of what they have used since they began. */
export function seconds(root, fits = () => true) {
  return family(root).filter(({ command }) => fits(command)).reduce((sum, one) => sum + one.seconds, 0);
}

/** The process of that program below root. */
export function find(root, program) {
  const found = family(root).find(({ command }) => command[0].endsWith(`/${program}`) || command[0] === program);
  if (!found) throw new Error(`${program} does not run`);
  return found.pid;
}

export const isRenderer = (command) => command.includes('--type=renderer') || command[0].includes('--type=renderer');
