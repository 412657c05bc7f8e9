// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { UnguardedError } from '../lib/leg';
import { makePeer, OPUS, turn } from './support/fake-connection';

describe('what a peer sends', () => {
  it('is nothing, not even an offer, without an encryption', async () => {
    const { peer, connections } = makePeer(null);
    await expect(peer.offer()).rejects.toBeInstanceOf(UnguardedError);
    expect(connections).toHaveLength(0);
  });

  it('is attached and offered only when the worker holds every transform', async () => {
    const { peer, guard, connections, senders, send } = makePeer();
    guard.prompt = false;
    await send();
    const offered = peer.offer();
    await turn();
    await send();
    expect(guard.log).toEqual(['protect audio', 'protect video']);
    expect(guard.receivers.map(({ kind, slot }) => [kind, slot])).toEqual([0, 1, 2, 3].flatMap((slot) => [['audio', slot], ['video', slot]]));
    expect(senders().flatMap((one) => one.attached)).toEqual([]);
    expect(connections[0]!.offers).toBe(0);
    guard.release();
    await offered;
    expect(senders().map((one) => one.track !== null)).toEqual([true, true]);
  });

  it('never has a track attached when the worker does not come: the connection is closed, the next one tries again', async () => {
    const { peer, guard, connections, audio, video, senders, send } = makePeer();
    guard.prompt = false;
    await send();
    const offered = peer.offer();
    await turn();
    guard.refuse();
    await expect(offered).rejects.toBeInstanceOf(UnguardedError);
    await send();
    expect(senders().flatMap((one) => one.attached)).toEqual([]);
    expect(connections[0]!.closed).toBe(true);
    expect([...audio.clones, ...video.clones]).toEqual([]);
    expect(peer.state).toBe('new');
    guard.prompt = true;
    await peer.offer();
    expect(senders().map((one) => one.track)).toEqual([audio.clones[0], video.clones[0]]);
  });

  it('leaves the connection before in place while a new one cannot be guarded', async () => {
    const { peer, guard, connections, send } = makePeer();
    await send();
    await peer.offer();
    await peer.answer(OPUS);
    guard.protectSender = () => { throw new Error('no worker'); };
    await expect(peer.offer()).rejects.toBeInstanceOf(UnguardedError);
    await expect(peer.offer()).rejects.toBeInstanceOf(UnguardedError);
    expect(connections.map((one) => one.closed)).toEqual([false, true, true]);
  });

  it('is black and silent until frames pass the worker, each kind by itself', async () => {
    const { peer, audio, video, senders, send } = makePeer();
    await send();
    await peer.offer();
    expect(senders().flatMap((one) => one.attached)).toEqual([[audio.clones[0], false], [video.clones[0], false]]);
    peer.passing(senders()[0] as unknown as RTCRtpSender);
    expect([audio.clones[0]!.enabled, video.clones[0]!.enabled]).toEqual([true, false]);
    peer.passing({} as RTCRtpSender);
    expect(video.clones[0]!.enabled).toBe(false);
    peer.passing(senders()[1] as unknown as RTCRtpSender);
    expect(video.clones[0]!.enabled).toBe(true);
    expect([audio.enabled, video.enabled]).toEqual([true, true]);
  });

  it('begins small, so that the encoder drops nothing, and grows once frames pass the worker', async () => {
    const { peer, connections, senders, send, pass } = makePeer();
    await peer.offer();
    await send();
    expect(connections[0]!.made[1]!.init.sendEncodings![0]!.scaleResolutionDownBy).toBe(4);
    expect(connections[0]!.made[0]!.init.sendEncodings![0]!.scaleResolutionDownBy).toBeUndefined();
    peer.follow(2_000_000, null);
    await turn();
    expect(senders()[1]!.scales).toEqual([]);
    pass();
    peer.follow(2_000_000, null);
    await turn();
    expect(senders()[1]!.scales).toEqual([1]);
    expect(senders()[0]!.scales).toEqual([]);
  });

  it('begins black and silent again on a new connection', async () => {
    const { peer, audio, video, send, pass } = makePeer();
    await send();
    await peer.offer();
    pass();
    await peer.offer();
    expect([audio.clones[1]!.enabled, video.clones[1]!.enabled]).toEqual([false, false]);
    expect([audio.clones[0]!.enabled, audio.clones[0]!.stopped]).toEqual([true, false]);
    await peer.answer(OPUS);
    expect([audio.clones[0]!.enabled, audio.clones[0]!.stopped]).toEqual([false, true]);
  });

  it('is black and silent in the waiting room, also after a return there, on whatever connection', async () => {
    const { peer, audio, video, send, pass } = makePeer();
    const enabled = () => [...audio.clones, ...video.clones].filter((one) => !one.stopped).map((one) => one.enabled);
    peer.setLive(false);
    await send();
    await peer.offer();
    pass();
    await peer.answer(OPUS);
    expect(enabled()).toEqual([false, false]);
    peer.setLive(true);
    expect(enabled()).toEqual([true, true]);
    await send();
    expect(enabled()).toEqual([true, true]);
    await peer.offer();
    pass();
    expect(enabled()).toEqual([true, true, true, true]);
    peer.setLive(false);
    expect(enabled()).toEqual([false, false, false, false]);
    await peer.answer(OPUS);
    await peer.offer();
    pass();
    await send();
    peer.setMuted(true);
    peer.setMuted(false);
    expect(enabled().some((one) => one)).toBe(false);
  });

  it('is nothing any more once the encryption was given up: taken off at once, on this connection and the next', async () => {
    const { peer, audio, video, senders, send, pass } = makePeer();
    await send();
    await peer.offer();
    pass();
    peer.silence();
    expect([...audio.clones, ...video.clones].map((one) => [one.enabled, one.stopped])).toEqual([[false, true], [false, true]]);
    await turn();
    expect(senders(0).map((one) => one.track)).toEqual([null, null]);
    await send();
    peer.setLive(true);
    await peer.offer();
    pass();
    expect(senders(1).flatMap((one) => one.attached).every(([track]) => track === null)).toBe(true);
    expect(audio.clones).toHaveLength(1);
  });

  it('is nothing either when the encryption is given up while a track is being attached', async () => {
    const { peer, audio, video, senders, send, pass } = makePeer();
    await peer.offer();
    pass();
    const sending = send();
    peer.silence();
    await sending;
    await turn();
    expect(senders(0).map((one) => one.track)).toEqual([null, null]);
    expect([...audio.clones, ...video.clones].every((one) => one.stopped && !one.enabled)).toBe(true);
  });

  it('is silent while muted, before and after frames pass, and goes on afterwards', async () => {
    const { peer, audio, video, send, pass } = makePeer();
    peer.setMuted(true);
    await send();
    await peer.offer();
    pass();
    expect([audio.clones[0]!.enabled, video.clones[0]!.enabled]).toEqual([false, true]);
    peer.setMuted(false);
    expect(audio.clones[0]!.enabled).toBe(true);
    peer.setMuted(true);
    await peer.offer();
    pass();
    expect(audio.clones[1]!.enabled).toBe(false);
  });

  it('is no picture while the camera is off, and the same again when it is on', async () => {
    const { peer, audio, video, senders, send, pass } = makePeer();
    await send();
    await peer.offer();
    pass();
    await send(audio, null);
    expect(senders()[1]!.track).toBeNull();
    expect(video.clones[0]!.stopped).toBe(true);
    await send();
    expect(senders()[1]!.track).toBe(video.clones[1]);
    expect(video.clones[1]!.enabled).toBe(true);
  });

  it('is in the end what was asked for last', async () => {
    const { peer, audio, video, senders, send } = makePeer();
    await peer.offer();
    await Promise.all([send(), send(audio, null), send()]);
    expect(senders()[1]!.track).toBe(video.clones.at(-1));
    expect(video.clones.filter((one) => !one.stopped)).toHaveLength(1);
    expect(audio.clones.filter((one) => !one.stopped)).toHaveLength(1);
  });

  it('stops when it cannot be attached, and says that the connection failed', async () => {
    const { peer, connections, states, video, senders, send } = makePeer();
    await peer.offer();
    senders()[1]!.fails = true;
    await send();
    expect(connections[0]!.closed).toBe(true);
    expect(states).toEqual(['failed']);
    expect(video.clones.every((one) => one.stopped)).toBe(true);
  });

  it('stops at the end, clones and all, and nothing begins any more', async () => {
    const { peer, audio, video, senders, send, pass } = makePeer();
    await send();
    await peer.offer();
    pass();
    peer.close();
    expect([...audio.clones, ...video.clones].map((one) => [one.enabled, one.stopped])).toEqual([[false, true], [false, true]]);
    pass(0);
    await send();
    expect(senders(0).flatMap((one) => one.attached)).toHaveLength(2);
    expect([...audio.clones, ...video.clones].every((one) => !one.enabled)).toBe(true);
    await expect(peer.offer()).rejects.toBeInstanceOf(UnguardedError);
  });

  it('does not begin when the end comes while the worker is waited for', async () => {
    const { peer, guard, senders, send } = makePeer();
    guard.prompt = false;
    await send();
    const offered = peer.offer();
    await turn();
    peer.close();
    guard.release();
    await expect(offered).rejects.toThrow();
    expect(senders().flatMap((one) => one.attached)).toEqual([]);
  });
});
