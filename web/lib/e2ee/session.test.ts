// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SeatView } from '../protocol';
import { NOTHING } from './end';
import type { FromWorker, Side, ToWorker } from './messages';
import { E2ee } from './session';
import type { E2eeOptions, E2eeView } from './types';

class FakeWorker {
  heard: ToWorker[] = [];
  ended = false;
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  onerror: (() => void) | null = null;
  postMessage(message: ToWorker): void {
    if (!this.ended) this.heard.push(structuredClone(message));
  }
  terminate(): void {
    this.ended = true;
  }
  say(message: FromWorker): void {
    this.onmessage?.({ data: message });
  }
}

class FakeTransform {
  static broken = false;
  constructor(readonly worker: FakeWorker, readonly side: Side) {
    if (FakeTransform.broken) throw new DOMException('no', 'InvalidStateError');
  }
}

const READY: E2eeView = { ...NOTHING, state: 'ready', epoch: 3, code: '012345' };

describe('the page\'s side of its encryption', () => {
  let worker: FakeWorker;
  let said: unknown[][];
  let e2ee: E2ee;
  let sign: E2eeOptions['identity']['sign'];
  const say = (...words: unknown[]) => void said.push(words);
  const sender = () => ({ transform: null }) as unknown as RTCRtpSender & { transform: FakeTransform | null };
  const receiver = () => ({ transform: null }) as unknown as RTCRtpReceiver & { transform: FakeTransform | null };

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('RTCRtpScriptTransform', FakeTransform);
    FakeTransform.broken = false;
    worker = new FakeWorker();
    said = [];
    sign = async () => new Uint8Array(64).fill(5);
    e2ee = new E2ee({
      identity: { publicKey: 'KEY', sign: (statement) => sign(statement) }, role: 'lawyer', worker: () => worker as unknown as Worker,
      send: (to, body) => { say('send', to, body); return true; },
      secured: (epoch) => say('secured', epoch), changed: (view) => say('changed', view),
      passing: (one, kind) => say('passing', one, kind), opened: (one, kind) => say('opened', one, kind),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test('starts its worker with the role and the public key, and nothing else of the identity', () => {
    expect(worker.heard).toEqual([{ do: 'start', role: 'lawyer', publicKey: 'KEY', revealed: [] }]);
    expect(e2ee.view.state).toBe('starting');
  });

  test('tells the worker the seats that are not left, with their keys alone', () => {
    const seat = (number: number, state: string) => ({ seat: `s${number}`, number, role: 'lawyer', name: { zh: '张', en: 'Zhang' }, state, mids: null, identity: `K${number}` }) as unknown as SeatView;
    e2ee.seats('m', { seat: 's0', number: 0 }, [seat(0, 'waiting'), seat(1, 'left'), seat(2, 'dropped')]);
    expect(worker.heard.at(-1)).toEqual({ do: 'seats', meeting: 'm', own: { seat: 's0', number: 0 }, seats: [
      { seat: 's0', number: 0, role: 'lawyer', identity: 'K0' }, { seat: 's2', number: 2, role: 'lawyer', identity: 'K2' }] });
  });

  test('a sender is protected once the worker holds its transform, and not a moment earlier', async () => {
    const one = sender();
    let done = false;
    const protecting = e2ee.protectSender(one, 'video').then(() => { done = true; });
    // In the same task: Chromium lets frames pass by a transform that comes later.
    expect(one.transform?.side).toEqual({ side: 'send', kind: 'video', id: 1 });
    await vi.advanceTimersByTimeAsync(2999);
    expect(done).toBe(false);
    worker.say({ say: 'attached', id: 1 });
    await protecting;
    worker.say({ say: 'passing', id: 1 });
    expect(said).toEqual([['passing', one, 'video']]);
  });

  test('a receiver tells its slot, and is opened when the worker has opened a frame', async () => {
    const one = receiver();
    const protecting = e2ee.protectReceiver(one, 'audio', 2);
    expect(one.transform?.side).toEqual({ side: 'receive', kind: 'audio', id: 1, slot: 2 });
    worker.say({ say: 'attached', id: 1 });
    await protecting;
    worker.say({ say: 'opened', id: 1 });
    expect(said).toEqual([['opened', one, 'audio']]);
  });

  test('a transform that the worker never gets is refused after three seconds, and stays where it is', async () => {
    const one = sender();
    const protecting = expect(e2ee.protectSender(one, 'video')).rejects.toThrow('not attached');
    await vi.advanceTimersByTimeAsync(3000);
    await protecting;
    expect(one.transform).not.toBeNull();
    worker.say({ say: 'attached', id: 1 });
    worker.say({ say: 'passing', id: 1 });
    expect(said).toEqual([]);
  });

  test('where no transform can be made nothing is protected', async () => {
    FakeTransform.broken = true;
    await expect(e2ee.protectSender(sender(), 'audio')).rejects.toThrow('no');
    vi.stubGlobal('RTCRtpScriptTransform', undefined);
    await expect(e2ee.protectReceiver(receiver(), 'audio', 0)).rejects.toThrow();
  });

  test('passes on what the worker sends, has its statements signed, and says when they are not', async () => {
    worker.say({ say: 'send', to: 's1', body: 'AQ' });
    worker.say({ say: 'secured', epoch: 3 });
    expect(said).toEqual([['send', 's1', 'AQ'], ['secured', 3]]);
    worker.say({ say: 'sign', id: 7, statement: new Uint8Array(3) });
    await vi.advanceTimersByTimeAsync(0);
    expect(worker.heard.at(-1)).toEqual({ do: 'signed', id: 7, signature: new Uint8Array(64).fill(5) });
    sign = async () => { throw new Error('removed'); };
    worker.say({ say: 'sign', id: 8, statement: new Uint8Array(3) });
    await vi.advanceTimersByTimeAsync(0);
    expect(worker.heard.at(-1)).toEqual({ do: 'signed', id: 8, signature: null });
    e2ee.received('s1', 'Ag');
    e2ee.reconnected();
    expect(worker.heard.slice(-2)).toEqual([{ do: 'received', from: 's1', body: 'Ag' }, { do: 'repeat' }]);
  });

  test('same is for the epoch whose code was on the screen', () => {
    e2ee.judge('same');
    expect(worker.heard.length).toBe(1);
    worker.say({ say: 'view', view: READY });
    e2ee.judge('same');
    expect(worker.heard.at(-1)).toEqual({ do: 'judge', verdict: 'same', epoch: 3 });
    expect(e2ee.view).toMatchObject({ verdict: 'same', changed: false, state: 'ready' });
  });

  test('different ends the worker in the same turn, and nothing that it says is heard any more', async () => {
    worker.say({ say: 'view', view: READY });
    e2ee.judge('different');
    expect(worker.ended).toBe(true);
    expect(e2ee.view).toMatchObject({ state: 'stopped', verdict: 'different' });
    said = [];
    worker.say({ say: 'view', view: READY });
    worker.say({ say: 'secured', epoch: 4 });
    worker.say({ say: 'send', to: null, body: 'AQ' });
    expect(said).toEqual([]);
    await expect(e2ee.protectSender(sender(), 'video')).rejects.toThrow('stopped');
  });

  test('what was being protected when all was stopped is refused at once', async () => {
    const protecting = expect(e2ee.protectSender(sender(), 'video')).rejects.toThrow('stopped');
    e2ee.stop();
    await protecting;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('without its worker everything is stopped', () => {
    worker.onerror?.();
    expect(e2ee.view).toMatchObject({ state: 'stopped', refusal: 'worker' });
    expect(worker.ended).toBe(true);
  });
});
