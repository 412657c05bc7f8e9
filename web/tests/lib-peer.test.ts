// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeReceiver, HOSTILE_EXTENSIONS, makePeer, OPUS, RELAY_EXTENSIONS } from './support/fake-connection';

describe('peer', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('offers one sendrecv and three recvonly pairs, audio first', async () => {
    const { peer, connections } = makePeer();
    await peer.offer();
    expect(connections[0]!.made.map((one) => [one.kind, one.init.direction])).toEqual([
      ['audio', 'sendrecv'], ['video', 'sendrecv'], ...Array.from({ length: 3 }, () => [['audio', 'recvonly'], ['video', 'recvonly']]).flat(),
    ]);
  });

  it('gives each new connection the TURN servers told last, and tries UDP as well', async () => {
    const { peer, configurations } = makePeer();
    const server = (username: string) => ({ urls: ['turns:turn.example:443'], username, credential: 'c' });
    await peer.offer();
    peer.useServers([server('1:a')]);
    await peer.offer();
    peer.useServers([server('2:a')]);
    await peer.offer();
    peer.useServers();
    await peer.offer();
    expect(configurations.map((one) => one.iceServers)).toEqual([[], [server('1:a')], [server('2:a')], []]);
    expect(configurations.every((one) => one.iceTransportPolicy === undefined && one.bundlePolicy === 'max-bundle')).toBe(true);
  });

  it.each([
    ['new', 'complete', ['failed']],
    ['new', 'gathering', []],
    ['connecting', 'complete', []],
  ])('gives up an answered connection that is %s with its gathering %s: %j', async (connectionState, iceGatheringState, said) => {
    vi.useFakeTimers();
    const { peer, connections, states } = makePeer();
    await peer.offer();
    Object.assign(connections[0]!, { connectionState, iceGatheringState });
    await peer.answer(OPUS);
    await vi.advanceTimersByTimeAsync(1900);
    expect(states).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(states).toEqual(said);
    expect(connections[0]!.closed).toBe(said.length > 0);
    Object.assign(connections[0]!, { iceGatheringState: 'complete' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(states).toEqual(connectionState === 'new' ? ['failed'] : []);
    vi.useRealTimers();
  });

  it('names the relay\'s address while it offers again, too', async () => {
    const { peer } = makePeer();
    await peer.offer();
    expect(peer.target).toBeNull();
    await peer.answer(`${OPUS}a=candidate:1 1 udp 2113 10.0.0.2 40000 typ host\r\n`);
    expect(peer.target).toBe('10.0.0.2 40000');
    await peer.offer();
    expect(peer.target).toBe('10.0.0.2 40000');
  });

  it('puts clones of the tracks in without a new offer, and new ones into the next connection', async () => {
    const { peer, audio, video, senders, send } = makePeer();
    await peer.offer();
    await send();
    expect(senders(0).map((one) => one.track)).toEqual([audio.clones[0], video.clones[0]]);
    await peer.offer();
    expect(senders(1).map((one) => one.track)).toEqual([audio.clones[1], video.clones[1]]);
    expect([audio.stopped, video.stopped]).toEqual([false, false]);
  });

  it('closes the connection before only when the relay has answered for the new one', async () => {
    const { peer, connections } = makePeer();
    await peer.offer();
    await peer.answer(OPUS);
    await peer.offer();
    expect(connections[0]!.closed).toBe(false);
    await peer.offer();
    expect(connections.map((one) => one.closed)).toEqual([false, true, false]);
    await peer.answer(OPUS);
    expect(connections.map((one) => one.closed)).toEqual([true, true, false]);
    peer.close();
    expect(connections.every((one) => one.closed)).toBe(true);
  });

  it('goes without a camera', async () => {
    const { peer, connections, audio, send } = makePeer();
    await send(audio, null);
    await peer.offer();
    expect(connections[0]!.made[1]!.sender.track).toBeNull();
    expect(connections[0]!.made[1]!.init.direction).toBe('sendrecv');
  });

  it('asks for constant bitrate in the offer and takes it from the answer', async () => {
    const { peer, connections } = makePeer();
    expect(await peer.offer()).toContain('cbr=1');
    await peer.answer(OPUS);
    expect(connections[0]!.remote).toContain('cbr=1');
  });

  it('lets no answer turn the audio level on, whatever was offered', async () => {
    const { peer, connections } = makePeer();
    await peer.offer();
    await peer.answer(OPUS.replace('a=mid:0', ['a=mid:0', ...HOSTILE_EXTENSIONS, ...RELAY_EXTENSIONS].join('\r\n')));
    expect(connections[0]!.remote.split('\r\n').filter((line) => /extmap/i.test(line))).toEqual(RELAY_EXTENSIONS);
    expect(connections[0]!.remote).not.toContain('audio-level');
  });

  it('has the browser itself refuse other header extensions, where it can', async () => {
    const { peer, connections } = makePeer();
    await peer.offer();
    expect(connections[0]!.made.map((one) => one.extensions)).toEqual(Array(8).fill([
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', direction: 'sendrecv' }, { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', direction: 'stopped' },
    ]));
  });

  it('tells the state of the present connection only', async () => {
    const { peer, connections, states } = makePeer();
    await peer.offer();
    const old = connections[0]!;
    const late = old.onconnectionstatechange;
    await peer.offer();
    old.connectionState = 'failed';
    late?.();
    connections[1]!.connectionState = 'connected';
    connections[1]!.onconnectionstatechange?.();
    expect(states).toEqual(['connected']);
  });
});

describe('the watch over what leaves', () => {
  it('gives the connection up when bytes leave and the worker saw no frame of them', async () => {
    const { peer, connections, states, audio, senders, send } = makePeer();
    await send();
    await peer.offer();
    expect(await peer.isGuarded()).toBe(true);
    senders()[0]!.bytesSent = 900;
    expect([await peer.isGuarded(), await peer.isGuarded(), await peer.isGuarded()]).toEqual([true, true, false]);
    expect(connections[0]!.closed).toBe(true);
    expect(audio.clones.every((one) => one.stopped && !one.enabled)).toBe(true);
    expect(states).toEqual(['failed']);
  });

  it('waits a moment for the worker\'s word', async () => {
    const { peer, senders, send, pass } = makePeer();
    await send();
    await peer.offer();
    for (const sender of senders()) sender.bytesSent = 900;
    await peer.isGuarded();
    pass();
    for (let i = 0; i < 5; i++) expect(await peer.isGuarded()).toBe(true);
  });

  it('gives the connection up when a transform is gone', async () => {
    const { peer, senders, send, pass } = makePeer();
    await send();
    await peer.offer();
    pass();
    senders()[1]!.transform = null;
    expect(await peer.isGuarded()).toBe(false);
  });

  it('has nothing to say without a connection or a track', async () => {
    const { peer, senders } = makePeer();
    expect(await peer.isGuarded()).toBe(true);
    await peer.offer();
    senders()[0]!.bytesSent = 900;
    for (let i = 0; i < 5; i++) expect(await peer.isGuarded()).toBe(true);
  });
});

describe('what a peer hands out', () => {
  beforeEach(() => vi.stubGlobal('MediaStream', class {
    constructor(readonly tracks: unknown[]) {}
    addTrack(track: unknown) { this.tracks.push(track); }
  }));
  afterEach(() => vi.unstubAllGlobals());
  const tracksOf = (stream: MediaStream | null) => (stream as unknown as { tracks: unknown[] } | null)?.tracks;

  it('is a seat\'s stream by its slot, only what was opened, the same object each time', async () => {
    const { peer, connections } = makePeer();
    expect(peer.streamOf(1)).toBeNull();
    await peer.offer();
    const [sound, picture] = connections[0]!.made.slice(2, 4).map((one) => one.receiver);
    expect(peer.streamOf(1)).toBeNull();
    expect(peer.opened(sound as unknown as RTCRtpReceiver)).toBe(true);
    const stream = peer.streamOf(1);
    expect(tracksOf(stream)).toEqual([sound!.track]);
    expect(peer.opened(picture as unknown as RTCRtpReceiver)).toBe(true);
    expect(peer.opened(picture as unknown as RTCRtpReceiver)).toBe(false);
    expect(peer.streamOf(1)).toBe(stream);
    expect(tracksOf(stream)).toEqual([sound!.track, picture!.track]);
    expect(peer.streamOf(0)).toBeNull();
    expect(peer.streamOf(9)).toBeNull();
  });

  it('is nothing of a connection whose frames have not opened yet', async () => {
    const { peer, connections } = makePeer();
    await peer.offer();
    const old = connections[0]!.made[0]!.receiver as unknown as RTCRtpReceiver;
    peer.opened(old);
    await peer.offer();
    expect(peer.streamOf(0)).toBeNull();
    expect(peer.opened(old)).toBe(false);
  });

  it('is counted as come, but not as sound or picture, while it does not open', async () => {
    const { peer, connections } = makePeer();
    await peer.offer();
    const [sound, picture] = connections[0]!.made.map((one) => one.receiver) as [FakeReceiver, FakeReceiver];
    sound.numbers = { packetsReceived: 100, totalSamplesReceived: 0 };
    picture.numbers = { packetsReceived: 300, framesReceived: 50, framesDecoded: 0 };
    expect(await peer.arrived(0)).toEqual({ sound: 0, frames: 0, raw: 400 });
    peer.opened(sound as unknown as RTCRtpReceiver);
    peer.opened(picture as unknown as RTCRtpReceiver);
    // Not played back yet: packets have to do.
    expect(await peer.arrived(0)).toEqual({ sound: 100, frames: 0, raw: 400 });
    sound.numbers = { packetsReceived: 200, totalSamplesReceived: 96_000, concealedSamples: 90_000 };
    picture.numbers = { packetsReceived: 400, framesReceived: 60, framesDecoded: 7 };
    expect(await peer.arrived(0)).toEqual({ sound: 6000, frames: 7, raw: 600 });
  });
});
