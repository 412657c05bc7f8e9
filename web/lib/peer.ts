// SPDX-License-Identifier: Apache-2.0
// The media connection to the relay: one sendrecv and three recvonly audio/video pairs, set up in one round trip (the relay
// is ICE-lite and its answer holds its candidate, so nothing trickles). Each offer is a new RTCPeerConnection, because the
// relay replaces the leg and its DTLS with it. docs/protocol.md, *Slots*. No DOM: elements are the caller's.
import type { Arrived } from './flow';
import { udpTarget, withConstantBitrate, withoutAudioLevel } from './sdp';

export const SLOTS = 4;
const VIDEO_MAX_BPS = 1_500_000;
const AUDIO_MAX_BPS = 48_000;

export type PeerState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
export type QualityLevel = 1 | 2 | 3;

export interface PeerStats {
  framesDecoded: number;
  bytesReceived: number;
  bytesSent: number;
  packetsReceived: number;
  packetsLost: number;
  /** Milliseconds, null until measured. */
  rtt_ms: number | null;
  /** Share of our packets that the relay misses, 0..1, null until reported. */
  sent_loss: number | null;
}

export interface PeerOptions {
  changed: (state: PeerState) => void;
  create?: () => RTCPeerConnection;
}

/** The codecs to offer: VP8 (and its retransmission) for video, Opus for audio. Others do not survive frame encryption. */
export function wantedCodecs(kind: 'audio' | 'video', capable: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const wanted = kind === 'audio' ? ['audio/opus'] : ['video/vp8', 'video/rtx'];
  const found = capable.filter((codec) => wanted.includes(codec.mimeType.toLowerCase()));
  return found.some((codec) => codec.mimeType.toLowerCase() === wanted[0]) ? found : [];
}

function preferCodecs(transceiver: RTCRtpTransceiver, kind: 'audio' | 'video'): void {
  if (typeof transceiver.setCodecPreferences !== 'function' || typeof RTCRtpReceiver === 'undefined') return;
  const codecs = wantedCodecs(kind, RTCRtpReceiver.getCapabilities?.(kind)?.codecs ?? []);
  try {
    if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
  } catch {
    // An older browser takes its own order; the relay's answer then chooses.
  }
}

export class Peer {
  private connection: RTCPeerConnection | null = null;
  /** The one before, until the relay has answered for its successor: closing it earlier would read as a seat that goes. */
  private retiring: RTCPeerConnection | null = null;
  private tracks: { audio: MediaStreamTrack | null; video: MediaStreamTrack | null } = { audio: null, video: null };
  private readonly streams = new Map<string, MediaStream>();

  constructor(private readonly options: PeerOptions) {}

  get state(): PeerState {
    return this.connection ? this.connection.connectionState : 'new';
  }

  /** Sets what we send, at any time and without a new offer; null where there is no device. */
  async sendTracks(audio: MediaStreamTrack | null, video: MediaStreamTrack | null): Promise<void> {
    this.tracks = { audio, video };
    const [first, second] = this.connection?.getTransceivers() ?? [];
    await Promise.all([first?.sender.replaceTrack(audio), second?.sender.replaceTrack(video)]);
  }

  /** A fresh connection's offer; the former one is closed once this one is answered. */
  async offer(): Promise<string> {
    this.retire();
    const connection = this.options.create?.() ?? new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    this.connection = connection;
    connection.onconnectionstatechange = () => {
      if (connection === this.connection) this.options.changed(connection.connectionState);
    };
    for (let slot = 0; slot < SLOTS; slot++) {
      for (const kind of ['audio', 'video'] as const) {
        // sendrecv even without a device: a track can then be put in later and nothing is negotiated again.
        const transceiver = connection.addTransceiver(kind, slot === 0
          ? { direction: 'sendrecv', sendEncodings: [{ maxBitrate: kind === 'audio' ? AUDIO_MAX_BPS : VIDEO_MAX_BPS }] }
          : { direction: 'recvonly' });
        preferCodecs(transceiver, kind);
        if (slot === 0) await transceiver.sender.replaceTrack(this.tracks[kind]);
      }
    }
    const offer = await connection.createOffer();
    if (connection !== this.connection) throw new Error('replaced');
    await connection.setLocalDescription(offer);
    // Only what is sent is changed: what the relay does not read in the offer, it cannot agree to.
    return withoutAudioLevel(withConstantBitrate(connection.localDescription?.sdp ?? offer.sdp ?? ''));
  }

  /** Takes the relay's answer to the last offer. */
  async answer(sdp: string): Promise<void> {
    await this.connection?.setRemoteDescription({ type: 'answer', sdp: withConstantBitrate(sdp) });
    this.retiring?.close();
    this.retiring = null;
  }

  /** What arrives under these two mids, as one stream; the same object as long as the connection lives. */
  streamOf(mids: readonly [string, string]): MediaStream | null {
    const connection = this.connection;
    if (!connection) return null;
    const key = mids.join();
    const known = this.streams.get(key);
    if (known) return known;
    const tracks = mids
      .map((mid) => connection.getTransceivers().find((one) => one.mid === mid)?.receiver.track)
      .filter((track): track is MediaStreamTrack => track !== undefined);
    if (tracks.length === 0) return null;
    const stream = new MediaStream(tracks);
    this.streams.set(key, stream);
    return stream;
  }

  /** Address and port of the relay, for a person who has to open a firewall; null before its answer. */
  get target(): string | null {
    return udpTarget(this.connection?.remoteDescription?.sdp ?? '');
  }

  /** What has arrived under these two mids since the connection began. */
  async arrived(mids: readonly [string, string]): Promise<Arrived> {
    const sum: Arrived = { soundPackets: 0, frames: 0 };
    const receivers = this.connection?.getTransceivers().filter((one) => one.mid !== null && mids.includes(one.mid)).map((one) => one.receiver) ?? [];
    for (const receiver of receivers) {
      const report = await receiver.getStats();
      report.forEach((one: Record<string, unknown> & { type: string }) => {
        if (one.type !== 'inbound-rtp') return;
        const number = (name: string) => (typeof one[name] === 'number' ? (one[name] as number) : 0);
        if (receiver.track.kind === 'audio') sum.soundPackets += number('packetsReceived');
        else sum.frames += Math.max(number('framesReceived'), number('framesDecoded'));
      });
    }
    return sum;
  }

  async stats(): Promise<PeerStats> {
    const sum: PeerStats = {
      framesDecoded: 0, bytesReceived: 0, bytesSent: 0, packetsReceived: 0, packetsLost: 0, rtt_ms: null, sent_loss: null,
    };
    const report = await this.connection?.getStats();
    report?.forEach((one: Record<string, unknown> & { type: string }) => {
      const number = (name: string) => (typeof one[name] === 'number' ? (one[name] as number) : 0);
      if (one.type === 'inbound-rtp') {
        sum.framesDecoded += number('framesDecoded');
        sum.bytesReceived += number('bytesReceived');
        sum.packetsReceived += number('packetsReceived');
        sum.packetsLost += Math.max(0, number('packetsLost'));
      } else if (one.type === 'outbound-rtp') {
        sum.bytesSent += number('bytesSent');
      } else if (one.type === 'remote-inbound-rtp' && typeof one['fractionLost'] === 'number') {
        sum.sent_loss = Math.max(sum.sent_loss ?? 0, one['fractionLost']);
      } else if (one.type === 'candidate-pair' && one['state'] === 'succeeded' && typeof one['currentRoundTripTime'] === 'number') {
        sum.rtt_ms = one['currentRoundTripTime'] * 1000;
      }
    });
    return sum;
  }

  close(): void {
    this.retire();
    this.retiring?.close();
    this.retiring = null;
    this.options.changed('closed');
  }

  private retire(): void {
    const connection = this.connection;
    this.connection = null;
    this.streams.clear();
    if (!connection) return;
    connection.onconnectionstatechange = null;
    if (this.retiring) connection.close(); // it was never answered
    else this.retiring = connection;
  }
}

/**
 * Coarse quality between two samples: 1 poor, 2 fair, 3 good. Loss counts in both directions; a sample in which nothing
 * arrived while media is due is poor.
 */
export function qualityBetween(before: PeerStats, after: PeerStats, mediaDue: boolean): QualityLevel {
  const received = after.packetsReceived - before.packetsReceived;
  const lost = Math.max(0, after.packetsLost - before.packetsLost);
  if (mediaDue && received <= 0) return 1;
  const loss = Math.max(received + lost > 0 ? lost / (received + lost) : 0, after.sent_loss ?? 0);
  const rtt = after.rtt_ms ?? 0;
  if (loss > 0.08 || rtt > 500) return 1;
  if (loss > 0.02 || rtt > 250) return 2;
  return 3;
}
