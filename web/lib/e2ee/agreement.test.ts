// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { Net, type Message } from './net.fixture';
import { REPEAT_MS, REVEALS_MAX } from './agreement';

describe('an agreement', () => {
  test('two ends have one code and each other\'s keys', async () => {
    const net = new Net();
    await net.join('kiosk');
    expect(net.ends.get('kiosk')!.alone).toBe(1);
    await net.join('lawyer');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.last('kiosk').suite).toBe(2);
  });

  test('an end without X25519 brings all to the floor', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer', { highest: 1 });
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.last('kiosk').suite).toBe(1);
  });

  test('each join and leave has an epoch, keys and a code of its own', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    const first = net.last('kiosk');
    await net.join('second');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer', 'second');
    const second = net.last('kiosk');
    await net.leave('second');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.ends.get('kiosk')!.gone).toEqual([2]);
    const third = net.last('kiosk');
    expect(new Set([first, second, third].map(({ code }) => code)).size).toBe(3);
    expect(new Set([first, second, third].map(({ own }) => Buffer.from(own.baseKey).toString('hex'))).size).toBe(3);
    expect([first, second, third].map(({ epoch }) => epoch)).toEqual([...[first, second, third].map(({ epoch }) => epoch)].sort((a, b) => a - b));
  });

  test('a page that was loaded anew gets a new epoch', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    const before = net.last('kiosk').epoch;
    await net.reload('lawyer');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.last('kiosk').epoch).toBeGreaterThan(before);
  });

  test('what was lost is said again', async () => {
    for (let lost = 0; lost < 8; lost++) {
      const net = new Net();
      await net.join('kiosk');
      let count = 0;
      net.pass = (message) => (count++ === lost ? [] : [message]);
      await net.join('lawyer');
      await net.run();
      for (let i = 0; i < 4; i++) await net.tick(REPEAT_MS);
      net.expectAgreed('kiosk', 'lawyer');
    }
  });

  test('in any order, with losses and copies, all who are there come to agree', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const net = new Net(seed);
      const random = net.random;
      net.pass = (message) => (random() < 0.1 ? [] : random() < 0.15 ? [message, message] : [message]);
      for (const name of ['kiosk', 'lawyer', 'second'] as const) {
        await net.join(name);
        await net.shuffle(Math.floor(random() * 12));
      }
      if (random() < 0.5) await net.reload('lawyer');
      await net.shuffle(Math.floor(random() * 12));
      const left = random() < 0.5;
      if (left) await net.leave('second');
      net.pass = (message) => [message];
      for (let i = 0; i < 6; i++) {
        await net.shuffle(1000);
        await net.tick(REPEAT_MS);
      }
      net.expectAgreed('kiosk', 'lawyer', ...(left ? [] : ['second' as const]));
      net.expectConsistent();
    }
  }, 60_000);

  test('an end reveals so often and no more', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    for (let i = 0; i < REVEALS_MAX + 3; i++) {
      await net.reload('lawyer');
      await net.run();
    }
    expect(net.ends.get('kiosk')!.stopped).toBe('disturbed');
    expect(net.ends.get('kiosk')!.epochs.length).toBe(REVEALS_MAX);
  });

  test('nobody reveals before all have committed, nobody sends a key before all have revealed', async () => {
    for (const missing of [1, 2]) {
      const net = new Net();
      await net.join('kiosk');
      await net.join('lawyer');
      net.queue.length = 0;
      const said: number[] = [];
      net.pass = (message) => {
        const type = Buffer.from(message.body, 'base64url')[1]!;
        if (message.from === 'kiosk') said.push(type);
        return message.from === 'second' && message.to === 'kiosk' && type === missing ? [] : [message];
      };
      await net.join('second');
      await net.run();
      for (let i = 0; i < 3; i++) await net.tick(REPEAT_MS);
      expect(Math.max(...said)).toBe(missing);
      expect(net.ends.get('kiosk')!.epochs).toEqual([]);
    }
  });

  test('who has gone is told at once, even while a signature is waited for', async () => {
    const net = new Net();
    for (const name of ['kiosk', 'lawyer', 'second'] as const) await net.join(name);
    await net.run();
    const kiosk = net.ends.get('kiosk')!;
    const { sign } = kiosk.identity;
    let answer = () => undefined as void;
    kiosk.identity.sign = (statement) => new Promise((resolve) => { answer = () => void sign(statement).then(resolve); });
    net.ends.delete('second');
    void net.tellRosters();
    await Promise.resolve();
    expect(kiosk.gone).toEqual([2]);
    net.ends.delete('lawyer');
    void net.tellRosters();
    expect(kiosk.gone).toEqual([2, 1]);
    for (let i = 0; i < 20; i++) {
      await new Promise((later) => setTimeout(later));
      answer();
    }
    expect(kiosk.alone).toBe(2);
  });

  test('who left and came back unchanged is agreed with anew', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    const before = net.last('kiosk').epoch;
    const { agreement } = net.ends.get('kiosk')!;
    const seats = (['kiosk', 'lawyer'] as const).map((name, number) => (
      { seat: `seat-${name}`, number, role: name, identity: net.ends.get(name)!.identity.publicKey }));
    // The kiosk is told of both changes before it has worked on the first.
    await Promise.all([seats.slice(0, 1), seats].map((told) => agreement.setRoster('meeting', { seat: 'seat-kiosk', number: 0 }, told, net.now)));
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.last('kiosk').epoch).toBeGreaterThan(before);
    expect(net.ends.get('kiosk')!.gone).toEqual([1]);
  });

  test('after a roster that is refused only when its keys are looked at, the one before is agreed on anew', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    const { epoch } = net.last('kiosk');
    const kiosk = net.ends.get('kiosk')!;
    const offCurve = Buffer.from(net.ends.get('lawyer')!.identity.publicKey, 'base64');
    offCurve[90]! ^= 1;
    net.roster = (seats) => seats.map((seat) => (seat.seat === 'seat-lawyer' ? { ...seat, identity: offCurve.toString('base64') } : seat));
    await net.tellRosters();
    expect([kiosk.refused, [...new Set(kiosk.gone)]]).toEqual([['roster'], [1]]);
    expect(kiosk.agreement.agreeing_since).not.toBeNull();
    net.roster = (seats) => seats;
    await net.tellRosters();
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(net.last('kiosk').epoch).toBeGreaterThan(epoch);
  });

  test('a refused roster hides nobody: all others are gone until a sound one comes, the same one too', async () => {
    const net = new Net();
    for (const name of ['kiosk', 'lawyer', 'second'] as const) await net.join(name);
    await net.run();
    net.expectAgreed('kiosk', 'lawyer', 'second');
    const before = net.last('kiosk').epoch;
    // Each is told a roster without the second that it must refuse; drawn, it would hide who has keys.
    net.roster = (seats, reader) => seats.filter(({ seat }) => seat !== 'seat-second').map((seat) => (seat.seat === `seat-${reader}` ? { ...seat, role: 'x' } : seat));
    await net.tellRosters();
    await net.run();
    const kiosk = net.ends.get('kiosk')!;
    expect([...kiosk.gone].sort()).toEqual([1, 2]);
    expect(kiosk.agreement.agreeing_since).not.toBeNull();
    net.roster = (seats) => seats;
    await net.tellRosters();
    await net.run();
    net.expectAgreed('kiosk', 'lawyer', 'second');
    expect(net.last('kiosk').epoch).toBeGreaterThan(before);
  });

  test('reveals of the page before count', async () => {
    const net = new Net();
    const reveals = Array.from({ length: REVEALS_MAX - 1 }, () => net.now - 1000);
    await net.join('kiosk');
    await net.join('lawyer', { reveals });
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
    expect(reveals.length).toBe(REVEALS_MAX);
    await net.reload('lawyer', { reveals });
    await net.run();
    expect(net.ends.get('lawyer')!.stopped).toBe('disturbed');
  });

  test('a late copy of a commit is not a lost state: no new round begins', async () => {
    const net = new Net();
    const commits: Message[] = [];
    net.pass = (message) => {
      if (message.from === 'lawyer' && Buffer.from(message.body, 'base64url')[1] === 1) commits.push(message);
      return [message];
    };
    await net.join('kiosk');
    await net.join('lawyer');
    await net.run();
    await net.reload('lawyer');
    await net.run();
    const { epoch } = net.last('kiosk');
    // Some of them of an end that is not any more.
    for (let i = 0; i < 3; i++) {
      net.queue.push(...commits);
      net.now += 2000;
      await net.run();
    }
    expect([net.last('kiosk').epoch, net.last('lawyer').epoch]).toEqual([epoch, epoch]);
    net.expectAgreed('kiosk', 'lawyer');
  });

  test('it tells since when nobody agrees, over all the rounds that came to nothing', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    const since = net.now;
    net.pass = (message) => (Buffer.from(message.body, 'base64url')[1] === 3 ? [] : [message]);
    for (let i = 0; i < 4; i++) {
      await net.tick(REPEAT_MS);
      await net.reload('lawyer');
      await net.run();
    }
    expect(net.ends.get('kiosk')!.agreement.agreeing_since).toBe(since);
    net.pass = (message) => [message];
    await net.tick(REPEAT_MS);
    net.expectAgreed('kiosk', 'lawyer');
  });

  test('stopped while its share is made, it sends none', async () => {
    const net = new Net();
    await net.join('kiosk');
    net.ends.get('kiosk')!.agreement.stop();
    await net.join('lawyer');
    const { agreement } = net.ends.get('lawyer')!;
    net.queue.length = 0;
    const telling = net.reload('lawyer');
    await Promise.resolve();
    net.ends.get('lawyer')!.agreement.stop();
    agreement.stop();
    await telling;
    expect(net.queue).toEqual([]);
  });

  test('no epoch begins with somebody of whom we know that they have gone', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    const kiosk = net.ends.get('kiosk')!;
    const own = { seat: 'seat-kiosk', number: 0 };
    const leave = () => void kiosk.agreement.setRoster('meeting', own, [{ ...own, role: 'kiosk', identity: kiosk.identity.publicKey }], net.now);
    // With the very message that would complete the round.
    net.pass = (message) => {
      if (message.to === 'kiosk' && Buffer.from(message.body, 'base64url')[1] === 3) queueMicrotask(leave);
      return [message];
    };
    await net.run();
    expect(net.ends.get('lawyer')!.epochs.length).toBe(1);
    expect(kiosk.epochs).toEqual([]);
    expect(kiosk.gone).toEqual([1]);
  });

  test('stopped, it says nothing any more, whatever was under way', async () => {
    for (let after = 0; after < 7; after++) {
      const net = new Net();
      await net.join('kiosk');
      await net.join('lawyer');
      const kiosk = net.ends.get('kiosk')!;
      let count = 0;
      net.pass = (message) => {
        if (message.to === 'kiosk' && count++ === after) queueMicrotask(() => kiosk.agreement.stop());
        return [message];
      };
      await net.run();
      const said = net.queue.length;
      const epochs = kiosk.epochs.length;
      await net.tick(REPEAT_MS);
      expect([net.queue.length, kiosk.epochs.length, kiosk.refused]).toEqual([said, epochs, []]);
    }
  });

  test('an end that is not signed for tries again, and agrees once it is', async () => {
    const net = new Net();
    await net.join('kiosk');
    const kiosk = net.ends.get('kiosk')!;
    const { sign } = kiosk.identity;
    kiosk.identity.sign = () => Promise.reject(new Error('the agent is away'));
    await net.join('lawyer');
    await net.run();
    expect([kiosk.refused, kiosk.epochs]).toEqual([['sign'], []]);
    expect(kiosk.agreement.agreeing_since).not.toBeNull();
    kiosk.identity.sign = sign;
    await net.tick(REPEAT_MS);
    await net.tick(REPEAT_MS);
    net.expectAgreed('kiosk', 'lawyer');
  });

  test('more than can be worked on is not taken, nor is what is too long', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    const kiosk = net.ends.get('kiosk')!;
    await Promise.all(Array.from({ length: 400 }, () => kiosk.agreement.receive('seat-lawyer', 'AAAA', net.now)));
    expect(kiosk.refused.filter((word) => word === 'flood').length).toBe(400 - 256);
    await kiosk.agreement.receive('seat-lawyer', 'A'.repeat(2052), net.now);
    expect(kiosk.refused.at(-1)).toBe('malformed');
    await net.run();
    net.expectAgreed('kiosk', 'lawyer');
  });

  test('after the last epoch there is none', async () => {
    const net = new Net();
    await net.join('kiosk');
    await net.join('lawyer');
    const last = (body: string) => {
      const bytes = Buffer.from(body, 'base64url');
      bytes.writeUInt32BE(0xffffffff, 2);
      return bytes.toString('base64url');
    };
    net.pass = (message) => [{ ...message, body: last(message.body) }];
    await net.run();
    net.pass = (message) => [message];
    await net.reload('lawyer');
    await net.run();
    for (let i = 0; i < 3; i++) await net.tick(REPEAT_MS);
    expect([...net.ends.values()].some(({ stopped }) => stopped === 'disturbed')).toBe(true);
  });
});
