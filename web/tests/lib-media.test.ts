// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserLabel, browserName, faultOf, openDevices } from '../lib/devices';
import { Peer, qualityBetween, wantedCodecs, type PeerStats } from '../lib/peer';
import { udpTarget, midsIn, withConstantBitrate, withoutAudioLevel } from '../lib/sdp';

const OPUS = ['m=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 x=1', ''].join('\r\n');

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

  it('does not offer the audio level', () => {
    const sdp = 'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:2/recvonly urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n';
    expect(withoutAudioLevel(sdp)).toBe('a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n');
  });

  it('lists mids in order', () => {
    expect(midsIn(OPUS)).toEqual(['0', '1']);
  });
});

const codec = (mimeType: string) => ({ mimeType, clockRate: 90000 });

describe('codecs', () => {
  it('are VP8 with retransmission, and Opus', () => {
    const video = [codec('video/H264'), codec('video/VP8'), codec('video/rtx'), codec('video/red')];
    expect(wantedCodecs('video', video).map((one) => one.mimeType)).toEqual(['video/VP8', 'video/rtx']);
    expect(wantedCodecs('audio', [codec('audio/red'), codec('audio/opus')]).map((one) => one.mimeType)).toEqual(['audio/opus']);
  });

  it('are left alone where the browser lacks them', () => {
    expect(wantedCodecs('video', [codec('video/H264'), codec('video/rtx')])).toEqual([]);
  });
});

const stats = (more: Partial<PeerStats>): PeerStats => ({
  framesDecoded: 0, bytesReceived: 0, bytesSent: 0, packetsReceived: 0, packetsLost: 0, rtt_ms: 20, sent_loss: 0, ...more,
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

class FakeConnection {
  connectionState = 'new';
  onconnectionstatechange: (() => void) | null = null;
  localDescription: { sdp: string } | null = null;
  remote = '';
  closed = false;
  readonly made: { kind: string; mid: string; init: RTCRtpTransceiverInit; sender: { replaceTrack: (track: unknown) => Promise<void>; track: unknown }; receiver: { track: object } }[] = [];
  addTransceiver(kind: string, init: RTCRtpTransceiverInit) {
    const one = { kind, mid: String(this.made.length), init, sender: { track: null as unknown, async replaceTrack(track: unknown) { this.track = track; } }, receiver: { track: { kind } } };
    this.made.push(one);
    return one;
  }
  getTransceivers() { return this.made; }
  async createOffer() { return { type: 'offer', sdp: OPUS }; }
  async setLocalDescription(offer: { sdp: string }) { this.localDescription = offer; }
  async setRemoteDescription(answer: { sdp: string }) { this.remote = answer.sdp; }
  close() { this.closed = true; }
}

describe('peer', () => {
  afterEach(() => vi.unstubAllGlobals());

  const make = () => {
    const connections: FakeConnection[] = [];
    const states: string[] = [];
    const peer = new Peer({ changed: (state) => states.push(state), create: () => {
      connections.push(new FakeConnection());
      return connections.at(-1) as unknown as RTCPeerConnection;
    } });
    return { peer, connections, states };
  };

  it('offers one sendrecv and three recvonly pairs, audio first', async () => {
    const { peer, connections } = make();
    await peer.offer();
    expect(connections[0]!.made.map((one) => [one.kind, one.init.direction])).toEqual([
      ['audio', 'sendrecv'], ['video', 'sendrecv'], ...Array.from({ length: 3 }, () => [['audio', 'recvonly'], ['video', 'recvonly']]).flat(),
    ]);
  });

  it('puts tracks in without a new offer, and into the next connection', async () => {
    const { peer, connections } = make();
    await peer.offer();
    const [audio, video] = [{ kind: 'audio' }, { kind: 'video' }] as unknown as MediaStreamTrack[];
    await peer.sendTracks(audio!, video!);
    expect(connections[0]!.made.slice(0, 2).map((one) => one.sender.track)).toEqual([audio, video]);
    await peer.offer();
    expect(connections[1]!.made.slice(0, 2).map((one) => one.sender.track)).toEqual([audio, video]);
  });

  it('closes the connection before only when the relay has answered for the new one', async () => {
    const { peer, connections } = make();
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
    const { peer, connections } = make();
    await peer.sendTracks({ kind: 'audio' } as MediaStreamTrack, null);
    await peer.offer();
    expect(connections[0]!.made[1]!.sender.track).toBeNull();
    expect(connections[0]!.made[1]!.init.direction).toBe('sendrecv');
  });

  it('asks for constant bitrate in the offer and takes it from the answer', async () => {
    const { peer, connections } = make();
    expect(await peer.offer()).toContain('cbr=1');
    await peer.answer(OPUS);
    expect(connections[0]!.remote).toContain('cbr=1');
  });

  it('finds a seat\'s stream by its mids, the same each time', async () => {
    vi.stubGlobal('MediaStream', class { constructor(readonly tracks: unknown[]) {} });
    const { peer, connections } = make();
    expect(peer.streamOf(['2', '3'])).toBeNull();
    await peer.offer();
    const stream = peer.streamOf(['2', '3']);
    expect((stream as unknown as { tracks: unknown[] }).tracks).toEqual([connections[0]!.made[2]!.receiver.track, connections[0]!.made[3]!.receiver.track]);
    expect(peer.streamOf(['2', '3'])).toBe(stream);
    expect(peer.streamOf(['20', '21'])).toBeNull();
  });

  it('tells the state of the present connection only', async () => {
    const { peer, connections, states } = make();
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
