// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { End, numberInSlot } from './end';
import { GONE_MS } from './key-ring';
import type { FromWorker, ToWorker } from './messages';
import { newIdentity } from './net.fixture';
import type { RosterSeat } from './roster';
import type { E2eeView, Identity } from './types';
import { slotOf } from '../protocol';

const ROLES = ['kiosk', 'lawyer', 'lawyer'];
const realTimeout = setTimeout;
const FRAME = Uint8Array.from([0x31, 1, 2, 3]);

interface Side {
  end: End;
  identity: Identity;
  said: FromWorker[];
  view: E2eeView;
}

describe('an end in its worker', () => {
  let now = 0;
  let sides: Side[];
  let signs = true;
  let work: Promise<unknown>[] = [];
  const give = (side: Side, message: ToWorker) => void work.push(side.end.take(message).then(() => undefined));

  /** Until nobody has anything more to do; what waits for a signature goes on waiting. */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet++) {
      await new Promise((later) => realTimeout(later, 4));
      const late = new Promise((later) => realTimeout(later, 60, 'late'));
      for (; work.length > 0; quiet = 0) if ((await Promise.race([work.shift(), late])) === 'late') break;
    }
  }

  async function sit(): Promise<Side> {
    const number = sides.length;
    const side: Side = { end: null as never, identity: await newIdentity(), said: [], view: null as never };
    side.end = new End((message) => {
      side.said.push(message);
      if (message.say === 'view') side.view = message.view;
      if (message.say === 'send') sides.forEach((other, reader) => {
        if (other !== side && (message.to === null || message.to === `seat-${reader}`)) give(other, { do: 'received', from: `seat-${number}`, body: message.body });
      });
      if (message.say === 'sign' && signs) void side.identity.sign(message.statement).then((signature) => give(side, { do: 'signed', id: message.id, signature }));
    }, () => now);
    sides.push(side);
    give(side, { do: 'start', role: ROLES[number]!, publicKey: side.identity.publicKey });
    return side;
  }

  const seats = (numbers: number[]): RosterSeat[] => numbers.map((number) => (
    { seat: `seat-${number}`, number, role: ROLES[number]!, identity: sides[number]!.identity.publicKey }));
  async function told(...numbers: number[]): Promise<void> {
    for (const number of numbers) give(sides[number]!, { do: 'seats', meeting: 'meeting', own: { seat: `seat-${number}`, number }, seats: seats(numbers) });
    await settle();
  }
  async function passes(from: number, to: number): Promise<boolean> {
    const sealed = await sides[from]!.end.seal('video', FRAME);
    return sealed !== null && (await sides[to]!.end.open('video', slotOf(from, to), sealed)) !== null;
  }

  beforeEach(async () => {
    now = 1_000_000;
    signs = true;
    sides = [];
    work = [];
    await sit();
    await sit();
  });
  afterEach(() => { vi.useRealTimers(); });

  test('finds the seat of a slot as the protocol gives it', () => {
    for (let reader = 0; reader < 5; reader++) for (let seat = 0; seat < 5; seat++) if (seat !== reader) expect(numberInSlot(slotOf(seat, reader), reader)).toBe(seat);
  });

  test('alone it seals nothing; with another it is ready, says so once, and frames pass', async () => {
    await told(0);
    expect(sides[0]!.view).toMatchObject({ state: 'alone', epoch: 0, code: null, agreeing_since: null });
    expect(await sides[0]!.end.seal('video', FRAME)).toBeNull();
    await told(0, 1);
    const [a, b] = sides.map(({ view }) => view);
    expect(a).toMatchObject({ state: 'ready', epoch: 1, verdict: null, changed: false, agreeing_since: null, refused: 0, dropped: 0 });
    expect(a!.code).toMatch(/^[0-9]{6}$/);
    expect(b).toMatchObject({ state: 'ready', epoch: 1, code: a!.code });
    for (const { said } of sides) expect(said.filter(({ say }) => say === 'secured')).toEqual([{ say: 'secured', epoch: 1 }]);
    expect(await passes(0, 1)).toBe(true);
    expect(await passes(1, 0)).toBe(true);
  });

  test('a roster that is refused is told, and since when; alone again it is alone', async () => {
    const wrong = seats([0, 1]).map((seat) => (seat.number === 0 ? { ...seat, identity: sides[1]!.identity.publicKey } : seat));
    const own = { seat: 'seat-0', number: 0 };
    give(sides[0]!, { do: 'seats', meeting: 'meeting', own, seats: wrong });
    await settle();
    expect(sides[0]!.view).toMatchObject({ state: 'agreeing', agreeing_since: now, refused: 1, refusal: 'roster', epoch: 0 });
    for (let i = 0; i < 2; i++) {
      await told(0);
      expect(sides[0]!.view).toMatchObject({ state: 'alone', agreeing_since: null });
      give(sides[0]!, { do: 'seats', meeting: 'meeting', own, seats: wrong });
      await settle();
      expect(sides[0]!.view).toMatchObject({ state: 'agreeing', agreeing_since: now });
    }
    await told(0, 1);
    expect(sides[0]!.view).toMatchObject({ state: 'ready', agreeing_since: null });
    give(sides[0]!, { do: 'seats', meeting: 'meeting', own, seats: wrong });
    await settle();
    // Who has keys must be whom the page shows: nothing goes on under the roster before.
    expect(sides[0]!.view).toMatchObject({ state: 'agreeing', code: null, agreeing_since: now, refused: 4 });
    now += GONE_MS;
    expect(await passes(0, 1)).toBe(false);
  });

  test('no key is in anything that it says', async () => {
    await told(0, 1);
    const base = new Set<string>();
    const { importKey } = crypto.subtle;
    const spy = vi.spyOn(crypto.subtle, 'importKey').mockImplementation(function (this: SubtleCrypto, ...all: unknown[]) {
      if (all[0] === 'raw' && (all[1] as Uint8Array).length === 32) base.add(Buffer.from(all[1] as Uint8Array).toString('hex'));
      return (importKey as (...args: unknown[]) => Promise<CryptoKey>).apply(crypto.subtle, all) as never;
    });
    await sit();
    await told(0, 1, 2);
    spy.mockRestore();
    expect(base.size).toBeGreaterThan(5);
    const text = JSON.stringify(sides.flatMap(({ said }) => said), (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value));
    const bodies = sides.flatMap(({ said }) => said).map((one) => (one.say === 'send' ? Buffer.from(one.body, 'base64url').toString('hex') : ''));
    // Public X25519 keys are raw keys of 32 bytes too.
    const secret = [...base].filter((key) => !bodies.some((body) => body.slice(0, 4) === '0102' && body.includes(key)));
    expect(secret.length).toBeGreaterThan(5);
    for (const key of secret) expect(text.includes(key) || bodies.some((body) => body.includes(key))).toBe(false);
  });

  test('drops what does not come from the seat of the slot, and counts it', async () => {
    await sit();
    await told(0, 1, 2);
    const sealed = (await sides[1]!.end.seal('video', FRAME))!;
    expect(await sides[0]!.end.open('video', slotOf(2, 0), sealed)).toBeNull();
    expect(await sides[0]!.end.open('audio', slotOf(1, 0), sealed)).toBeNull();
    expect(await sides[0]!.end.open('video', slotOf(1, 0), FRAME)).toBeNull();
    expect(await sides[0]!.end.open('video', slotOf(1, 0), sealed)).toEqual(FRAME);
    expect(await sides[0]!.end.open('video', slotOf(1, 0), sealed)).toBeNull();
    sides[0]!.end.tell();
    expect(sides[0]!.view).toMatchObject({ dropped: 4, dropped_at: now });
  });

  test('a tick is for one epoch: a new one clears it and says that the code has changed', async () => {
    await told(0, 1);
    void sides[0]!.end.take({ do: 'judge', verdict: 'same', epoch: 1 });
    expect(sides[0]!.view).toMatchObject({ verdict: 'same', changed: false });
    const { code } = sides[0]!.view;
    await sit();
    await told(0, 1, 2);
    expect(sides[0]!.view).toMatchObject({ state: 'ready', verdict: null, changed: true });
    expect(sides[0]!.view.code).not.toBe(code);
    expect(sides[1]!.view).toMatchObject({ verdict: null, changed: false });
    void sides[0]!.end.take({ do: 'judge', verdict: 'same', epoch: sides[0]!.view.epoch });
    expect(sides[0]!.view).toMatchObject({ verdict: 'same', changed: false });
  });

  test('a tick for the code before does not become one for the new code', async () => {
    await told(0, 1);
    await sit();
    await told(0, 1, 2);
    void sides[0]!.end.take({ do: 'judge', verdict: 'same', epoch: 1 });
    expect(sides[0]!.view).toMatchObject({ verdict: null, changed: true });
  });

  test('different codes: nothing is sealed or opened any more, whatever comes', async () => {
    await told(0, 1);
    const sealed = (await sides[1]!.end.seal('video', FRAME))!;
    void sides[0]!.end.take({ do: 'judge', verdict: 'different', epoch: 1 });
    expect(sides[0]!.view).toMatchObject({ state: 'stopped', verdict: 'different' });
    const words = () => sides[0]!.said.filter(({ say }) => say !== 'view').length;
    const before = words();
    expect(await sides[0]!.end.seal('video', FRAME)).toBeNull();
    expect(await sides[0]!.end.open('video', slotOf(1, 0), sealed)).toBeNull();
    await sit();
    await told(0, 1, 2);
    for (let i = 0; i < 4; i++) {
      now += 2000;
      for (const { end } of sides) work.push(end.tick());
      await settle();
    }
    expect(await sides[0]!.end.seal('video', FRAME)).toBeNull();
    expect(sides[0]!.view.state).toBe('stopped');
    expect(words()).toBe(before);
  });

  test('who goes while the keys are derived: they are not taken up, and not told as held', async () => {
    const { deriveBits } = crypto.subtle;
    let gone = false;
    const spy = vi.spyOn(crypto.subtle, 'deriveBits').mockImplementation(function (...all: unknown[]) {
      // The salt of a frame key: the first of the kiosk's or of the lawyer's.
      if (all[2] === 96 && !gone) {
        gone = true;
        for (const number of [0, 1]) give(sides[number]!, { do: 'seats', meeting: 'meeting', own: { seat: `seat-${number}`, number }, seats: seats([number]) });
      }
      return (deriveBits as (...args: unknown[]) => Promise<ArrayBuffer>).apply(crypto.subtle, all) as never;
    });
    await told(0, 1);
    spy.mockRestore();
    expect(gone).toBe(true);
    for (const { end, said, view } of sides) {
      expect(said.some(({ say }) => say === 'secured')).toBe(false);
      expect(await end.seal('video', FRAME)).toBeNull();
      expect(view.state).toBe('alone');
    }
  });

  test('different codes in the middle of a round: its keys are not taken up', async () => {
    await told(0, 1);
    await sit();
    // Everything is under way when the person says so.
    for (const number of [0, 1, 2]) give(sides[number]!, { do: 'seats', meeting: 'meeting', own: { seat: `seat-${number}`, number }, seats: seats([0, 1, 2]) });
    for (let i = 0; i < 3; i++) await new Promise((later) => setImmediate(later));
    void sides[0]!.end.take({ do: 'judge', verdict: 'different', epoch: 1 });
    await settle();
    expect(await sides[0]!.end.seal('video', FRAME)).toBeNull();
    expect(sides[0]!.view.state).toBe('stopped');
  });

  test('who has gone: what they could read stops within a second, theirs opens no more, a new epoch goes on', async () => {
    await sit();
    await told(0, 1, 2);
    const theirs = (await sides[2]!.end.seal('video', FRAME))!;
    signs = false;
    await told(0, 1);
    expect(await sides[0]!.end.open('video', slotOf(2, 0), theirs)).toBeNull();
    expect(await passes(0, 1)).toBe(true);
    now += 1000;
    expect(await sides[0]!.end.seal('video', FRAME)).toBeNull();
    void sides[0]!.end.tick();
    expect(sides[0]!.view).toMatchObject({ state: 'agreeing', code: null, verdict: null });
    expect(sides[0]!.view.agreeing_since).toBe(1_000_000);
  });

  test('a signature that does not come is given up and asked for again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    signs = false;
    await told(0, 1);
    vi.advanceTimersByTime(5000);
    await settle();
    expect(sides[0]!.view).toMatchObject({ state: 'agreeing', refused: 1, refusal: 'sign' });
    signs = true;
    for (let i = 0; i < 3; i++) {
      now += 2000;
      for (const { end } of sides) work.push(end.tick());
      await settle();
    }
    expect(sides.map(({ view }) => view.state)).toEqual(['ready', 'ready']);
    expect(sides[0]!.view.code).toBe(sides[1]!.view.code);
  });
});
