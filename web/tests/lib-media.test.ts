// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserLabel, browserName, faultOf, openDevices } from '../lib/devices';
import { UnguardedError, wantedCodecs } from '../lib/leg';
import { Peer, qualityBetween, type PeerStats } from '../lib/peer';
import { udpTarget, midsIn, withConstantBitrate, withWantedExtensions } from '../lib/sdp';
import { FakeE2ee } from './support/fake-e2ee';

const OPUS = ['m=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 x=1', ''].join('\r\n');

const RELAY_EXTENSIONS = ['a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid', 'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=extmap:2/sendrecv http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'];
const HOSTILE_EXTENSIONS = ['a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'a=extmap:1/sendrecv urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on',
  'a=extmap:5  urn:ietf:params:rtp-hdrext:ssrc-audio-level', ' a=EXTMAP:5 urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'a=extmap:6 urn:ietf:params:rtp-hdrext:encrypt urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'a=extmap:8 urn:ietf:params:rtp-hdrext:toffset', 'a=extmap:9 urn:3gpp:video-orientation', 'a=extmap-allow-mixed'];

describe('the relay\'s address', () => {
  it('is that of the first UDP candidate, or none', () => {
    expect(udpTarget('v=0\r\na=candidate:1 1 tcp 9 10.0.0.1 9 typ host\r\na=candidate:2 1 UDP 2113 10.0.0.2 40000 typ host\r\n')).toBe('10.0.0.2 40000');
    expect(udpTarget('v=0\r\n')).toBeNull();
  });
});

describe('sdp', () => {
  it('asks for constant bitrate and no silence suppression, for Opus alone', () => {
    const lines = withConstantBitrate(OPUS).split('\r\n');
    expect(lines).toContain('a=fmtp:111 minptime=10;useinbandfec=1;cbr=1;usedtx=0');
    expect(lines).toContain('a=fmtp:96 x=1');
  });

  it('does so where Opus has no parameters yet, in each section', () => {
    const bare = 'm=audio 9 X 111\na=rtpmap:111 opus/48000/2\nm=audio 9 X 111\na=rtpmap:111 opus/48000/2\n';
    expect(withConstantBitrate(bare).match(/^a=fmtp:111 cbr=1;usedtx=0$/gm)).toHaveLength(2);
  });

  it('changes nothing twice', () => {
    expect(withConstantBitrate(withConstantBitrate(OPUS))).toBe(withConstantBitrate(OPUS));
  });

  it('has no header extension but those that the relay reads, however they are written', () => {
    expect(withWantedExtensions(['v=0', ...HOSTILE_EXTENSIONS, ...RELAY_EXTENSIONS, 'a=mid:0', ''].join('\r\n'))).toBe(['v=0', ...RELAY_EXTENSIONS, 'a=mid:0', ''].join('\r\n'));
    expect(withWantedExtensions([...HOSTILE_EXTENSIONS, ...RELAY_EXTENSIONS].join('\n'))).toBe(RELAY_EXTENSIONS.join('\n'));
    expect(withWantedExtensions([...HOSTILE_EXTENSIONS, 'a=mid:0'].join('\r'))).toBe('a=mid:0');
  });

  it('has its silence suppression taken away however that is written', () => {
    expect(withConstantBitrate('a=rtpmap:111 opus/48000/2\na=fmtp:111 UseDTX=1; usedtx =1;cbr=0\n')).toBe('a=rtpmap:111 opus/48000/2\na=fmtp:111 cbr=1;usedtx=0\n');
  });

  it('lists mids in order', () => {
    expect(midsIn(OPUS)).toEqual(['0', '1']);
  });
});

const codec = (mimeType: string) => ({ mimeType, clockRate: 90000 });

describe('codecs', () => {
  it('are VP8 with retransmission, and Opus with RED', () => {
    const video = [codec('video/H264'), codec('video/VP8'), codec('video/rtx'), codec('video/red')];
    expect(wantedCodecs('video', video).map((one) => one.mimeType)).toEqual(['video/VP8', 'video/rtx']);
    expect(wantedCodecs('audio', [codec('audio/red'), codec('audio/opus')]).map((one) => one.mimeType)).toEqual(['audio/red', 'audio/opus']);
    expect(wantedCodecs('audio', [codec('audio/red'), codec('audio/PCMU')])).toEqual([]);
  });

  it('are left alone where the browser lacks them', () => {
    expect(wantedCodecs('video', [codec('video/H264'), codec('video/rtx')])).toEqual([]);
  });
});

const stats = (more: Partial<PeerStats>): PeerStats => ({
  framesDecoded: 0, bytesReceived: 0, bytesSent: 0, packetsReceived: 0, packetsLost: 0, asked: 0, rtt_ms: 20, sent_loss: 0, estimate_bps: null, ...more,
});

describe('quality', () => {
  const zero = stats({});
  it.each([
    [3, stats({ packetsReceived: 1000, packetsLost: 5 }), true],
    [2, stats({ packetsReceived: 950, packetsLost: 50 }), true],
    [1, stats({ packetsReceived: 800, packetsLost: 200 }), true],
    [1, stats({}), true],
    [3, stats({}), false],
    [2, stats({ packetsReceived: 10, rtt_ms: 300 }), true],
    [1, stats({ packetsReceived: 10, rtt_ms: 900 }), true],
    [1, stats({ packetsReceived: 10, sent_loss: 0.2 }), true],
  ] as const)('is %i for %o', (level, after, due) => {
    expect(qualityBetween(zero, after, due)).toBe(level);
  });
});

class FakeTrack {
  enabled = true;
  stopped = false;
  readonly clones: FakeTrack[] = [];
  constructor(readonly kind: string) {}
  clone(): FakeTrack {
    const one = new FakeTrack(this.kind);
    this.clones.push(one);
    return one;
  }
  stop(): void { this.stopped = true; }
}

class FakeSender {
  track: FakeTrack | null = null;
  /** Every track that ever was attached, and whether it was enabled then. */
  readonly attached: [FakeTrack | null, boolean][] = [];
  fails = false;
  bytesSent = 0;
  transform: unknown = {};
  async replaceTrack(track: FakeTrack | null): Promise<void> {
    if (this.fails) throw new Error('InvalidStateError');
    this.attached.push([track, track?.enabled ?? false]);
    this.track = track;
  }
  readonly scales: (number | undefined)[] = [];
  getParameters() { return { encodings: [{} as RTCRtpEncodingParameters] }; }
  async setParameters({ encodings }: { encodings: RTCRtpEncodingParameters[] }) { this.scales.push(encodings[0]!.scaleResolutionDownBy); }
  async getStats() { return new Map([['out', { type: 'outbound-rtp', bytesSent: this.bytesSent }]]); }
}

class FakeReceiver {
  numbers: Record<string, number> = {};
  constructor(readonly track: { kind: string }) {}
  async getStats() { return new Map([['in', { type: 'inbound-rtp', ...this.numbers }]]); }
}

class FakeConnection {
  connectionState = 'new';
  onconnectionstatechange: (() => void) | null = null;
  localDescription: { sdp: string } | null = null;
  remote = '';
  closed = false;
  offers = 0;
  readonly made: { kind: string; mid: string; init: RTCRtpTransceiverInit; sender: FakeSender; receiver: FakeReceiver; extensions: object[] }[] = [];
  addTransceiver(kind: string, init: RTCRtpTransceiverInit) {
    const one = { kind, mid: String(this.made.length), init, sender: new FakeSender(), receiver: new FakeReceiver({ kind }),
      extensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', direction: 'sendrecv' }, { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', direction: 'sendrecv' }] as object[],
      getHeaderExtensionsToNegotiate() { return this.extensions; },
      setHeaderExtensionsToNegotiate(some: object[]) { this.extensions = some; } };
    this.made.push(one);
    return one;
  }
  getTransceivers() { return this.made; }
  async createOffer() { this.offers++; return { type: 'offer', sdp: OPUS }; }
  async setLocalDescription(offer: { sdp: string }) { this.localDescription = offer; }
  async setRemoteDescription(answer: { sdp: string }) { this.remote = answer.sdp; }
  close() { this.closed = true; }
}

function makePeer(guard: FakeE2ee | null = new FakeE2ee()) {
  const connections: FakeConnection[] = [];
  const states: string[] = [];
  const configurations: RTCConfiguration[] = [];
  const peer = new Peer({ changed: (state) => states.push(state), create: (configuration) => {
    configurations.push(configuration);
    connections.push(new FakeConnection());
    return connections.at(-1) as unknown as RTCPeerConnection;
  } });
  if (guard) peer.guardWith(guard);
  const audio = new FakeTrack('audio');
  const video = new FakeTrack('video');
  const senders = (at = connections.length - 1) => connections[at]!.made.slice(0, 2).map((one) => one.sender);
  const send = (sound: FakeTrack | null = audio, picture: FakeTrack | null = video) =>
    peer.sendTracks(sound as unknown as MediaStreamTrack | null, picture as unknown as MediaStreamTrack | null);
  peer.setLive(true);
  const pass = (at = connections.length - 1) => { for (const sender of senders(at)) peer.passing(sender as unknown as RTCRtpSender); };
  return { peer, guard: guard!, connections, configurations, states, audio, video, senders, send, pass };
}

const turn = () => new Promise((resolve) => { setTimeout(resolve, 0); });

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

describe('devices', () => {
  afterEach(() => vi.unstubAllGlobals());

  const error = (name: string) => Object.assign(new Error(name), { name });
  const withMedia = (getUserMedia: (wish: MediaStreamConstraints) => Promise<unknown>) => vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
  const stream = (...kinds: string[]) => ({
    getAudioTracks: () => kinds.filter((kind) => kind === 'audio'), getVideoTracks: () => kinds.filter((kind) => kind === 'video'),
  });

  it('opens both at once', async () => {
    const ask = vi.fn(async () => stream('audio', 'video'));
    withMedia(ask);
    expect(await openDevices({ audio: true, video: true })).toEqual({ audio: 'audio', video: 'video', audioFault: null, videoFault: null });
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('keeps the microphone when there is no camera', async () => {
    withMedia(async (wish) => {
      if (wish.video) throw error('NotFoundError');
      return stream('audio');
    });
    expect(await openDevices({ audio: true, video: true })).toEqual({ audio: 'audio', video: null, audioFault: null, videoFault: 'missing' });
  });

  it('says that permission was denied', async () => {
    withMedia(async () => { throw error('NotAllowedError'); });
    expect(await openDevices({ audio: true, video: true })).toMatchObject({ audioFault: 'denied', videoFault: 'denied' });
  });

  it('says when the browser has none of it', async () => {
    vi.stubGlobal('navigator', {});
    expect(await openDevices({ audio: true, video: false })).toMatchObject({ audioFault: 'unsupported', videoFault: null });
  });

  it('names faults', () => {
    expect([faultOf(error('NotReadableError')), faultOf(error('OverconstrainedError')), faultOf(error('Strange')), faultOf('x')])
      .toEqual(['busy', 'missing', 'unknown', 'unknown']);
  });

  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36', 'chrome', 'chrome 156'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0', 'edge', 'edge 150'],
    ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15', 'safari', 'safari 18'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'firefox', 'firefox 140'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/108.0.0.0 Safari/537.36 QIHU 360SE', '360', '360 108'],
    ['Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko', 'ie', 'ie'],
  ])('knows the browser %s', (agent, name, label) => {
    expect([browserName(agent), browserLabel(agent)]).toEqual([name, label]);
  });
});
