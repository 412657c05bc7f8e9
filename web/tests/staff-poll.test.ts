// SPDX-License-Identifier: Apache-2.0
import type { ReactiveControllerHost } from 'lit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Poll } from '../staff/poll';

const host = () => ({ addController: vi.fn(), requestUpdate: vi.fn() }) as unknown as ReactiveControllerHost;
let visible: DocumentVisibilityState = 'visible';

function show(state: DocumentVisibilityState): void {
  visible = state;
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
  visible = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visible);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('polling', () => {
  test('asks at once and then every five seconds, until it is taken away', async () => {
    const ask = vi.fn(async () => undefined);
    const poll = new Poll(host(), ask);
    poll.hostConnected();
    await vi.advanceTimersByTimeAsync(10_100);
    expect(ask).toHaveBeenCalledTimes(3);
    poll.hostDisconnected();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  test('rests while nobody looks, and asks at once when somebody does', async () => {
    const ask = vi.fn(async () => undefined);
    const poll = new Poll(host(), ask);
    poll.hostConnected();
    await vi.advanceTimersByTimeAsync(1);
    show('hidden');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
    show('visible');
    await vi.advanceTimersByTimeAsync(1);
    expect(ask).toHaveBeenCalledTimes(2);
    poll.hostDisconnected();
  });

  test('does not double a question under way, but asks once more after it', async () => {
    let answer: () => void = () => undefined;
    const ask = vi.fn(() => new Promise<void>((resolve) => { answer = resolve; }));
    const poll = new Poll(host(), ask);
    poll.hostConnected();
    void poll.now();
    void poll.now();
    expect(ask).toHaveBeenCalledTimes(1);
    answer();
    await vi.advanceTimersByTimeAsync(1);
    expect(ask).toHaveBeenCalledTimes(2);
    poll.hostDisconnected();
  });

  test('goes on after a failure, keeps the time of the last answer, and forgets the failure with the next answer', async () => {
    let down = false;
    const failed = vi.fn();
    const poll = new Poll(host(), async () => { if (down) throw new Error('down'); }, failed);
    poll.hostConnected();
    await vi.advanceTimersByTimeAsync(1);
    const { answeredAt } = poll;
    down = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(poll.failing).toBeInstanceOf(Error);
    expect(poll.answeredAt).toBe(answeredAt);
    expect(failed).toHaveBeenCalledTimes(1);
    down = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(poll.failing).toBeNull();
    poll.hostDisconnected();
  });
});
