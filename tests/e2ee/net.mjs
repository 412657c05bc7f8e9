// SPDX-License-Identifier: Apache-2.0
// The server between ends of a key agreement, honest unless told otherwise: messages wait in a queue; time is the test's.
import assert from 'node:assert/strict';

export const SEATS = ['seat-kiosk', 'seat-lawyer', 'seat-second', 'seat-third'];
const ROLES = ['kiosk', 'lawyer', 'lawyer', 'lawyer'];
const SECOND = 1e6;

/** What a hostile server may say to a seat instead of a roster (seats), and which messages arrive instead of one. */
/** Type and epoch, of whatever bytes. */
function head(body) {
  const bytes = Buffer.from(body, 'base64url');
  return bytes.length < 6 ? '' : `${bytes[1]} of ${bytes.readUInt32BE(2)}`;
}

const HONEST = { roster: (seats) => seats, pass: (message) => [message] };

export class Net {
  constructor(ends) {
    this.ends = ends;
    this.now = 1000 * SECOND;
    this.begin();
  }

  begin() {
    this.queue = [];
    this.server = HONEST;
    this.meeting = 'meeting';
    this.present = new Set();
    this.state = this.ends.map(() => ({ epochs: [], refused: 0, words: [], alone: 0, stopped: null, gone: [], roster: [], given: new Set(), holds: true }));
    this.delivered = 0;
  }

  number(seat) {
    return SEATS.indexOf(seat);
  }

  hear(number, said) {
    const state = this.state[number];
    for (const line of said) {
      if (line.say === 'refused' && line.from === null && line.reason !== 'sign') state.holds = false;
      if (line.say === 'send' || line.say === 'epoch') assert.ok(state.holds, `seat ${number} says ${line.say} after a roster that it refused`);
      if (line.say === 'send') this.inTurn(number, line.body);
      if (line.say === 'send') this.queue.push({ from: number, to: line.to === null ? null : this.number(line.to), body: line.body });
      if (line.say === 'epoch') state.epochs.push(line);
      if (line.say === 'refused') (state.refused++, state.words.push(line.reason));
      if (line.say === 'alone') state.alone++;
      if (line.say === 'gone') state.gone.push(line.number);
      if (line.say === 'stopped') state.stopped = line.reason;
    }
  }

  /** Nobody reveals before it holds a commit of every other seat of its roster, nor sends keys before it holds all reveals. */
  inTurn(number, body) {
    const [type, , epoch] = head(body).split(' ');
    const { roster, given } = this.state[number];
    if (type === '1') return;
    for (const seat of roster.filter((one) => one !== SEATS[number]))
      assert.ok(given.has(`${seat} ${type - 1} of ${epoch}`), `seat ${number} sends ${type} of epoch ${epoch} without ${type - 1} of ${seat}`);
  }

  async rosters() {
    const seats = [...this.present].sort().map((n) => ({ seat: SEATS[n], number: n, role: ROLES[n], identity: this.ends[n].identity }));
    for (const n of this.present) {
      const given = this.server.roster(structuredClone(seats), n, this);
      this.state[n].holds = true;
      this.state[n].roster = (given.seats ?? given).map((one) => one.seat);
      this.hear(n, await this.ends[n].roster(given.meeting ?? this.meeting, { seat: SEATS[n], number: n }, given.seats ?? given, this.now));
    }
  }

  async join(number, highest = 2) {
    await this.ends[number].fresh(ROLES[number], highest);
    this.present.add(number);
    await this.rosters();
  }

  async leave(number) {
    this.present.delete(number);
    await this.rosters();
  }

  /** The page is loaded anew: the same seat and identity, and nothing of what was agreed. */
  async reload(number, highest = 2) {
    await this.ends[number].fresh(ROLES[number], highest);
    await this.rosters();
  }

  async give(from, to, body) {
    if (++this.delivered > 20000) throw new Error('the messages have no end');
    const seat = typeof from === 'number' ? SEATS[from] : from;
    this.state[to].given.add(`${seat} ${head(body)}`);
    this.hear(to, await this.ends[to].receive(seat, body, this.now));
  }

  /** Delivers until nothing is on its way. */
  async run() {
    while (this.queue.length > 0) {
      const { from, to, body } = this.queue.shift();
      for (const n of [...this.present].filter((one) => one !== from && (to === null || to === one)))
        for (const message of this.server.pass({ from, to: n, body }, this)) await this.give(message.from, message.to, message.body);
    }
  }

  async wait(seconds) {
    await this.run();
    for (let i = 0; i < seconds * 2; i++) {
      this.now += SECOND / 2;
      for (const n of this.present) this.hear(n, await this.ends[n].tick(this.now));
      await this.run();
    }
  }

  last(number) {
    return this.state[number].epochs.at(-1);
  }

  /** Everybody present has the same last epoch, suite and code, and everybody else's very key. */
  agreed(what = '') {
    const present = [...this.present];
    const first = this.last(present[0]);
    assert.ok(first, `${what}: no epoch`);
    for (const n of present) {
      const epoch = this.last(n);
      assert.ok(epoch, `${what}: seat ${n} has no epoch`);
      assert.deepEqual([epoch.epoch, epoch.suite, epoch.code], [first.epoch, first.suite, first.code], `${what}: seat ${n}`);
      const members = Object.fromEntries(epoch.members.map((one) => [one.number, one.key]));
      const keys = Object.fromEntries(present.filter((m) => m !== n).map((m) => [m, this.last(m).own]));
      assert.deepEqual(members, keys, `${what}: the keys of seat ${n}`);
    }
    return first;
  }

  /** Whatever was completed under one number by two ends was the same epoch: no two codes, no two suites, no wrong key. */
  consistent(what) {
    const byEpoch = new Map();
    for (const [n, { epochs }] of this.state.entries())
      for (const epoch of epochs) byEpoch.set(epoch.epoch, [...(byEpoch.get(epoch.epoch) ?? []), { n, epoch }]);
    for (const all of byEpoch.values())
      for (const a of all)
        for (const b of all) {
          if (a.n === b.n) continue;
          assert.equal(a.epoch.code, b.epoch.code, `${what}: two codes in epoch ${a.epoch.epoch}`);
          assert.equal(a.epoch.members.find((one) => one.number === b.n)?.key, b.epoch.own, `${what}: a key in epoch ${a.epoch.epoch}`);
        }
  }
}
