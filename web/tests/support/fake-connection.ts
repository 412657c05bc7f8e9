// SPDX-License-Identifier: Apache-2.0
// A connection of the browser's, and a peer that makes such: what is attached, offered and asked of it can be looked at.
import { Peer } from '../../lib/peer';
import { FakeE2ee } from './fake-e2ee';

export const OPUS = ['m=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 x=1', ''].join('\r\n');

export const RELAY_EXTENSIONS = ['a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid', 'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=extmap:2/sendrecv http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'];
export const HOSTILE_EXTENSIONS = ['a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'a=extmap:1/sendrecv urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on',
  'a=extmap:5  urn:ietf:params:rtp-hdrext:ssrc-audio-level', ' a=EXTMAP:5 urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'a=extmap:6 urn:ietf:params:rtp-hdrext:encrypt urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'a=extmap:8 urn:ietf:params:rtp-hdrext:toffset', 'a=extmap:9 urn:3gpp:video-orientation', 'a=extmap-allow-mixed'];

export class FakeTrack {
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

export class FakeSender {
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

export class FakeReceiver {
  numbers: Record<string, number> = {};
  constructor(readonly track: { kind: string }) {}
  async getStats() { return new Map([['in', { type: 'inbound-rtp', ...this.numbers }]]); }
}

export class FakeConnection {
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

export function makePeer(guard: FakeE2ee | null = new FakeE2ee()) {
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

export const turn = () => new Promise((resolve) => { setTimeout(resolve, 0); });
