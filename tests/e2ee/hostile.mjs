// SPDX-License-Identifier: Apache-2.0
// Does one thing of the table in mutations.mjs to one end or to both, and holds what comes of it against what must.
import assert from 'node:assert/strict';

import { SEATS } from './net.mjs';

/** The server of a mutation: honest to everybody but the victims. */
function hostileServer(mutation, victims, before) {
  const seen = [];
  const memories = new Map();
  const memory = (message) => memories.get(`${message.from}-${message.to}`) ?? memories.set(`${message.from}-${message.to}`, {}).get(`${message.from}-${message.to}`);
  return {
    roster: (seats, to, net) => (mutation.roster && victims.includes(to) ? mutation.roster(seats, to, net) : seats),
    pass: (message, net) => {
      seen.push(message);
      if (!mutation.pass || !victims.includes(message.to)) return [message];
      return mutation.pass(message, { net, seen, before, memory: memory(message), names: SEATS });
    },
  };
}

/** An honest server that keeps what it passes on. */
function keepingServer(kept) {
  return { roster: (seats) => seats, pass: (message) => (kept.push(message), [message]) };
}

async function start(net, mutation, victims) {
  const everybody = [...Array(mutation.ends).keys()];
  const before = [];
  if (!mutation.after) {
    net.server = hostileServer(mutation, victims, before);
    for (const n of everybody) await net.join(n);
    return;
  }
  net.server = keepingServer(before);
  for (const n of everybody) await net.join(n);
  await net.run();
  net.agreed('before');
  for (const state of net.state) Object.assign(state, { epochs: [], refused: 0, words: [], gone: [] });
  net.server = hostileServer(mutation, victims, before);
  const first = mutation.after === 'reload-victim' ? victims[0] : everybody.find((n) => !victims.includes(n)) ?? 1;
  if (mutation.after === 'rosters') {
    await net.rosters();
  } else if (mutation.after === 'return') {
    await net.leave(first);
    await net.join(first);
  } else {
    await net.reload(first);
  }
}

const OUTCOMES = {
  refused: (state) => state.refused > 0 && state.epochs.length === 0,
  stalled: (state) => state.refused === 0 && state.epochs.length === 0 && state.stopped === null,
  stops: (state) => state.stopped !== null && state.epochs.length === 0,
  honest: (state) => state.epochs.length > 0 && state.stopped === null,
  // Done to both ends it depends on which is first; what must not be is an epoch that is not honest.
  any: (state) => state.epochs.length === 0,
};

export async function attack(net, mutation, victims) {
  const what = `${mutation.name} (to ${victims.map((n) => net.ends[n].language)})`;
  const expect = victims.length > 1 && mutation.both ? mutation.both : mutation.expect;
  net.begin();
  await start(net, mutation, victims);
  await net.wait(mutation.seconds ?? 7);
  for (const n of victims) {
    const { epochs, refused, words, stopped } = net.state[n];
    const told = JSON.stringify({ epochs: epochs.length, refused, words: [...new Set(words)], stopped });
    assert.ok(OUTCOMES[expect](net.state[n]), `${what}: not ${expect}, but ${told}`);
    if (mutation.gone) assert.deepEqual([...new Set(net.state[n].gone)].sort(), [...net.present].filter((m) => m !== n).sort(), `${what}: gone`);
    if (mutation.refuses) assert.ok(refused > 0, `${what}: nothing was refused`);
  }
  net.consistent(what);
  if (expect === 'honest') net.agreed(what);
  await recover(net, what);
}

/** Once the server is honest again they agree: what was refused was not refused because nothing works. */
async function recover(net, what) {
  if (net.state.some(({ stopped }) => stopped !== null)) return;
  net.server = { roster: (seats) => seats, pass: (message) => [message] };
  await net.rosters();
  await net.wait(8);
  if (net.state.some(({ stopped }) => stopped !== null)) return;
  net.agreed(`${what}, afterwards`);
  net.consistent(what);
}
