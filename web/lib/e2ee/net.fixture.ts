// SPDX-License-Identifier: Apache-2.0
// For tests: ends of a key agreement and the server between them, honest unless a test says otherwise. Time is the test's.
import { webcrypto } from 'node:crypto';
import { expect } from 'vitest';
import { Agreement, type Epoch, type RosterSeat } from './agreement';
import { toBase64, type Bytes } from './bytes';
import type { Identity } from './types';

export type Name = 'kiosk' | 'lawyer' | 'second';
export const NAMES: readonly Name[] = ['kiosk', 'lawyer', 'second'];
const ROLES: Record<Name, string> = { kiosk: 'kiosk', lawyer: 'lawyer', second: 'lawyer' };

export interface Message {
  from: Name;
  to: Name;
  body: string;
}

export interface TestEnd {
  agreement: Agreement;
  identity: Identity;
  epochs: Epoch[];
  refused: string[];
  gone: number[];
  alone: number;
  stopped: string | null;
}

export async function newIdentity(): Promise<Identity> {
  const pair = (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])) as unknown as CryptoKeyPair;
  return {
    publicKey: toBase64(new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey))),
    sign: async (statement) => new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, statement as Bytes)),
  };
}

export class Net {
  readonly ends = new Map<Name, TestEnd>();
  readonly queue: Message[] = [];
  /** Every epoch that ever held, also of ends that were loaded anew since. */
  readonly held: { name: Name; epoch: Epoch }[] = [];
  readonly random: () => number;
  now = 1_000_000;
  meeting = 'meeting';
  pass: (message: Message) => (Omit<Message, 'from'> & { from: string })[] = (message) => [message];
  /** What that end is told instead of the roster. */
  roster: (seats: RosterSeat[], reader: Name) => RosterSeat[] = (seats) => seats;

  constructor(seed = 1) {
    let state = seed;
    this.random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  }

  private start(name: Name, identity: Identity, highest?: number, reveals?: number[]): void {
    const end: TestEnd = { identity, epochs: [], refused: [], gone: [], alone: 0, stopped: null, agreement: null as never };
    end.agreement = new Agreement({
      role: ROLES[name], identity, highest, revealed: reveals,
      port: {
        send: (to, body) => {
          for (const reader of this.ends.keys()) if (reader !== name && (to === null || to === `seat-${reader}`)) this.queue.push({ from: name, to: reader, body });
        },
        epoch: (epoch) => {
          end.epochs.push(epoch);
          this.held.push({ name, epoch });
        },
        revealed: (at_ms) => void reveals?.splice(0, reveals.length, ...at_ms),
        gone: (number) => void end.gone.push(number),
        alone: () => void end.alone++,
        refused: (reason) => void end.refused.push(reason),
        stopped: (reason) => void (end.stopped = reason),
      },
    });
    this.ends.set(name, end);
  }

  async tellRosters(): Promise<void> {
    const seats = NAMES.filter((name) => this.ends.has(name)).map((name) => (
      { seat: `seat-${name}`, number: NAMES.indexOf(name), role: ROLES[name], identity: this.ends.get(name)!.identity.publicKey }));
    for (const [name, end] of this.ends) {
      await end.agreement.setRoster(this.meeting, { seat: `seat-${name}`, number: NAMES.indexOf(name) }, this.roster(structuredClone(seats), name), this.now);
    }
  }

  async join(name: Name, { highest, reveals }: { highest?: number; reveals?: number[] } = {}): Promise<void> {
    this.start(name, await newIdentity(), highest, reveals);
    await this.tellRosters();
  }

  async leave(name: Name): Promise<void> {
    this.ends.delete(name);
    await this.tellRosters();
  }

  /** The same device, and nothing of what was agreed. */
  async reload(name: Name, { reveals }: { reveals?: number[] } = {}): Promise<void> {
    this.start(name, this.ends.get(name)!.identity, undefined, reveals);
    await this.tellRosters();
  }

  private async deliver(message: Message): Promise<void> {
    for (const { from, to, body } of this.pass(message)) {
      await this.ends.get(to)?.agreement.receive(NAMES.includes(from as Name) ? `seat-${from}` : from, body, this.now);
    }
  }

  async run(): Promise<void> {
    for (let count = 0; this.queue.length > 0; count++) {
      if (count > 5000) throw new Error('the messages have no end');
      await this.deliver(this.queue.shift()!);
    }
  }

  /** Delivers so many in any order. */
  async shuffle(count: number): Promise<void> {
    for (let i = 0; i < count && this.queue.length > 0; i++) {
      const [message] = this.queue.splice(Math.floor(this.random() * this.queue.length), 1);
      await this.deliver(message!);
    }
  }

  async tick(after_ms: number): Promise<void> {
    this.now += after_ms;
    for (const end of this.ends.values()) await end.agreement.tick(this.now);
    await this.run();
  }

  last(name: Name): Epoch {
    return this.ends.get(name)!.epochs.at(-1)!;
  }

  /** Whoever held an epoch with the same others held the same one: its code, its suite, their keys. */
  expectConsistent(): void {
    const others = ({ epoch }: { epoch: Epoch }, name: Name) => epoch.members.find(({ seat }) => seat === `seat-${name}`);
    for (const a of this.held) {
      for (const b of this.held) {
        const both = others(a, b.name) && others(b, a.name);
        if (a === b || !both || a.epoch.epoch !== b.epoch.epoch || a.epoch.members.length !== b.epoch.members.length) continue;
        expect([a.epoch.code, a.epoch.suite]).toEqual([b.epoch.code, b.epoch.suite]);
        expect(others(a, b.name)!.baseKey).toEqual(b.epoch.own.baseKey);
      }
    }
  }

  /** They hold the same epoch and code, and each has the others' base keys. */
  expectAgreed(...names: Name[]): void {
    for (const name of names) {
      expect(this.last(name), name).toBeDefined();
      expect([this.last(name).epoch, this.last(name).code, this.last(name).suite]).toEqual([this.last(names[0]!).epoch, this.last(names[0]!).code, this.last(names[0]!).suite]);
      expect(this.ends.get(name)!.agreement.agreeing_since).toBeNull();
      const members = Object.fromEntries(this.last(name).members.map(({ seat, baseKey }) => [seat, baseKey]));
      const others = names.filter((other) => other !== name);
      expect(Object.keys(members).sort()).toEqual(others.map((other) => `seat-${other}`).sort());
      for (const other of others) expect(members[`seat-${other}`]).toEqual(this.last(other).own.baseKey);
    }
  }
}
