// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
// The table of a hostile server (tests/e2ee/mutations.mjs) against the pages' end alone; against both implementations together
// it runs in tests/e2ee/test-hostile.mjs.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { Agreement } from './agreement';
import { toBase64url } from './bytes';
import { newIdentity } from './net.fixture';

interface Mutation {
  group: string;
  name: string;
  ends: number;
}

const at = (file: string) => pathToFileURL(resolve(import.meta.dirname, '../../../tests/e2ee', file)).href;
const { MUTATIONS } = (await import(/* @vite-ignore */ at('mutations.mjs'))) as { MUTATIONS: Mutation[] };
const { attack } = (await import(/* @vite-ignore */ at('hostile.mjs'))) as { attack: (net: unknown, mutation: Mutation, victims: number[]) => Promise<void> };
const { Net } = (await import(/* @vite-ignore */ at('net.mjs'))) as { Net: new (ends: unknown[]) => unknown };

/** As tests/e2ee/ends.mjs makes one. */
async function newEnd() {
  const identity = await newIdentity();
  let said: unknown[] = [];
  let agreement: Agreement | null = null;
  const told = async (settled?: Promise<void>) => {
    await settled;
    return said.splice(0);
  };
  const port = {
    send: (to: string | null, body: string) => void said.push({ say: 'send', to, body }),
    epoch: ({ epoch, suite, code, own, members }: import('./agreement').Epoch) => void said.push({
      say: 'epoch', epoch, suite, code, own: toBase64url(own.baseKey), members: members.map(({ number, seat, baseKey }) => ({ number, seat, key: toBase64url(baseKey) })) }),
    gone: (number: number) => void said.push({ say: 'gone', number }),
    alone: () => void said.push({ say: 'alone' }),
    refused: (reason: string, from: string | null) => void said.push({ say: 'refused', reason, from }),
    stopped: (reason: string) => void said.push({ say: 'stopped', reason }),
  };
  return {
    language: 'TypeScript',
    identity: identity.publicKey,
    fresh: (role: string) => {
      agreement?.stop();
      said = [];
      agreement = new Agreement({ role, identity, port });
      return told();
    },
    roster: (meeting: string, own: { seat: string; number: number }, seats: never[], at_us: number) => told(agreement!.setRoster(meeting, own, seats, at_us / 1000)),
    receive: (from: string, body: string, at_us: number) => told(agreement!.receive(from, body, at_us / 1000)),
    tick: (at_us: number) => told(agreement!.tick(at_us / 1000)),
    stop: () => agreement?.stop(),
  };
}

describe('a hostile server', () => {
  let net: unknown;
  beforeAll(async () => { net = new Net(await Promise.all([newEnd(), newEnd(), newEnd()])); });

  test('has a table of what it may do', () => expect(MUTATIONS.length).toBeGreaterThanOrEqual(30));
  for (const mutation of MUTATIONS) {
    test(`${mutation.group}: ${mutation.name}`, async () => {
      for (const victims of [[0], [...Array(mutation.ends).keys()]]) await attack(net, mutation, victims);
    });
  }
});
