// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Agreement, type Epoch } from './agreement';
import { codeInput, codeOfHash, securityCode } from './code';
import { series } from './code-attack.fixture';
import { newIdentity } from './net.fixture';

describe('the security code', () => {
  test('is six digits of the first eight bytes, with leading zeros', async () => {
    const hash = (hex: string) => Uint8Array.from(Buffer.from(hex.padEnd(64, 'f'), 'hex'));
    expect(codeOfHash(hash('0000000000000007'))).toBe('000007');
    expect(codeOfHash(hash('00000000000f4240'))).toBe('000000');
    // 2^64 - 1 = 18446744073709551615
    expect(codeOfHash(hash('ffffffffffffffff'))).toBe('551615');
    const transcript = new Uint8Array(32).fill(9);
    const expected = createHash('sha256').update('huijian-e2ee-v1 code\0').update(transcript).digest().readBigUInt64BE() % 1_000_000n;
    expect(await securityCode(transcript)).toBe(String(expected).padStart(6, '0'));
    expect(Buffer.from(codeInput(transcript)).toString('latin1').slice(0, 21)).toBe('huijian-e2ee-v1 code\0');
  });

  test('is as good as chance to who stands between and fixes his values first', () => {
    // One in 10⁶ a round. The long series is tests/soak/test-code.mjs.
    for (const attack of ['inTurn', 'atOnce'] as const) expect(series(attack, 3000, 1)).toMatchObject({ equal: 0, near: expect.toSatisfy((near: number) => near > 0 && near < 12), refused: 0 });
  });

  test('who looks for a value that fits after the reveals is refused by each end', () => {
    expect(series('search', 12, 2)).toMatchObject({ equal: 0 });
    expect(series('search', 12, 2).refused).toBeGreaterThan(8);
  });

  test('without commitments the same attacker wins', () => {
    expect(series('search', 12, 2, false).equal).toBeGreaterThan(8);
  });

  test('who runs whole agreements with both ends, each with a device of his own, is let in and shows in the code', async () => {
    const [kiosk, lawyer, toKiosk, toLawyer] = await Promise.all([newIdentity(), newIdentity(), newIdentity(), newIdentity()]);
    const seats = ['seat-kiosk', 'seat-lawyer'];
    const start = (identity: Awaited<ReturnType<typeof newIdentity>>, number: number, give: (body: string) => void) => {
      const epochs: Epoch[] = [];
      const agreement = new Agreement({ identity, role: number === 0 ? 'kiosk' : 'lawyer', port: {
        send: (_to, body) => give(body), epoch: (epoch) => void epochs.push(epoch), gone: () => undefined, alone: () => undefined,
        refused: (reason) => { throw new Error(reason); }, stopped: () => undefined } });
      return { agreement, epochs, number, identity };
    };
    const pair = async (keys: [typeof kiosk, typeof kiosk], meeting: string) => {
      const queue: (() => Promise<void>)[] = [];
      const ends = [0, 1].map((number) => start(keys[number]!, number, (body) => queue.push(() => ends[1 - number]!.agreement.receive(seats[number]!, body, 0))));
      const roster = [0, 1].map((number) => ({ seat: seats[number]!, number, role: number === 0 ? 'kiosk' : 'lawyer', identity: keys[number]!.publicKey }));
      for (const { agreement, number } of ends) await agreement.setRoster(meeting, { seat: seats[number]!, number }, roster, 0);
      while (queue.length > 0) await queue.shift()!();
      expect(ends.map(({ epochs }) => epochs.length)).toEqual([1, 1]);
      expect(ends[0]!.epochs[0]!.code).toBe(ends[1]!.epochs[0]!.code);
      return ends[0]!.epochs[0]!.code;
    };
    let same = 0;
    for (let i = 0; i < 60; i++) if ((await pair([kiosk, toKiosk], 'meeting')) === (await pair([toLawyer, lawyer], 'meeting'))) same++;
    expect(same).toBe(0);
  }, 30_000);
});
