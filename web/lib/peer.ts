// SPDX-License-Identifier: Apache-2.0
// The media connection to the relay: one sendrecv and three recvonly audio/video pairs, set up in one round trip (the relay
// is ICE-lite and its answer holds its candidate, so nothing trickles). Each offer is a new RTCPeerConnection (leg.ts), because
// the relay replaces the leg and its DTLS with it. docs/protocol.md, *Slots*. No DOM: elements are the caller's.
import type { Arrived } from './flow';
import { Leg, UnguardedError, type Guard, type Tracks } from './leg';
import type { IceServerView } from './protocol';
import { udpTarget, withConstantBitrate, withWantedExtensions } from './sdp';

export type PeerState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
export type QualityLevel = 1 | 2 | 3;

export interface PeerStats {
  framesDecoded: number;
  bytesReceived: number;
  bytesSent: number;
  packetsReceived: number;
  packetsLost: number;
  /** Packets of pictures that we asked for again. */
  asked: number;
  /** Milliseconds, null until measured. */
  rtt_ms: number | null;
  /** Share of our packets that the relay misses, 0..1, null until reported. */
  sent_loss: number | null;
  /** What the path to the relay is thought to carry; null where the browser does not say. */
  estimate_bps: number | null;
}

/** How long after the answer a connection may take to try a path. */
const PATHLESS_MS = 2000;

export interface PeerOptions {
  changed: (state: PeerState) => void;
  create?: (configuration: RTCConfiguration) => RTCPeerConnection;
}

export class Peer {
  private guard: Guard | null = null;
  private leg: Leg | null = null;
  /** The one before, until the relay has answered for its successor: closing it earlier would read as a seat that goes. */
  private retiring: Leg | null = null;
  private tracks: Tracks = { audio: null, video: null };
  private answered: string | null = null;
  private muted = false;
  private live = false;
  private silent = false;
  private closed = false;
  private servers: readonly IceServerView[] = [];

  constructor(private readonly options: PeerOptions) {}

  get state(): PeerState {
    return this.leg ? this.leg.connection.connectionState : 'new';
  }

  /** The encryption of all that is sent and received; without it nothing is offered. */
  guardWith(guard: Guard): void {
    this.guard = guard;
  }

  /** The TURN servers of connections to come, with credentials that expire; the path by UDP is tried as well. */
  useServers(servers: readonly IceServerView[] = []): void {
    this.servers = servers;
  }

  /** Sets what we send, at any time and without a new offer; null where there is no device. The tracks stay the caller's. */
  async sendTracks(audio: MediaStreamTrack | null, video: MediaStreamTrack | null): Promise<void> {
    if (this.silent) return;
    this.tracks = { audio, video };
    const { leg } = this;
    try {
      await leg?.send(this.tracks);
    } catch {
      if (leg && leg === this.leg) this.abandon();
    }
  }

  /** Our sound: silence goes on being sent, so that nobody on the way sees who speaks. */
  setMuted(muted: boolean): void {
    this.muted = muted;
    this.leg?.mute('audio', muted);
  }

  /** The meeting stands on the screen with its code: until then, and whenever it does not, we are black and silent. */
  setLive(live: boolean): void {
    this.live = live;
    for (const leg of [this.leg, this.retiring]) leg?.setLive(live);
  }

  /** The encryption was given up: our tracks are taken off at once and for good, on connections to come too. */
  silence(): void {
    this.silent = true;
    this.tracks = { audio: null, video: null };
    for (const leg of [this.leg, this.retiring]) leg?.silence();
  }

  /**
   * A fresh connection's offer; the former one is closed once this one is answered. Throws UnguardedError when the encryption
   * could not be put on it: then there is no connection and nothing was attached.
   */
  async offer(): Promise<string> {
    if (!this.guard || this.closed) throw new UnguardedError(this.closed ? 'closed' : 'no encryption');
    this.retire();
    const configuration: RTCConfiguration = {
      bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', iceServers: this.servers.map(({ urls, username, credential }) => ({ urls, username, credential })),
    };
    const connection = this.options.create?.(configuration) ?? new RTCPeerConnection(configuration);
    const leg = new Leg(connection, this.guard);
    this.leg = leg;
    connection.onconnectionstatechange = () => {
      if (leg === this.leg) this.options.changed(connection.connectionState);
    };
    try {
      await leg.protect();
      if (leg !== this.leg) throw new Error('replaced');
      leg.mute('audio', this.muted);
      leg.setLive(this.live);
      await leg.send(this.tracks);
      const offer = await connection.createOffer();
      if (leg !== this.leg) throw new Error('replaced');
      await connection.setLocalDescription(offer);
      // Only what is sent is changed: what the relay does not read in the offer, it cannot agree to.
      return withWantedExtensions(withConstantBitrate(connection.localDescription?.sdp ?? offer.sdp ?? ''));
    } catch (error) {
      leg.close();
      if (leg === this.leg) this.leg = null;
      throw error;
    }
  }

  /** Takes the relay's answer to the last offer. */
  async answer(sdp: string): Promise<void> {
    await this.leg?.connection.setRemoteDescription({ type: 'answer', sdp: withWantedExtensions(withConstantBitrate(sdp)) });
    this.answered = udpTarget(sdp) ?? this.answered;
    this.retiring?.close();
    this.retiring = null;
    this.heedPaths();
  }

  /** The worker has seen frames of a sender pass: its real track may be enabled. */
  passing(sender: RTCRtpSender): void {
    for (const leg of [this.leg, this.retiring]) leg?.passing(sender);
  }

  /** The worker has opened a frame of a receiver; TRUE when that is new and of the present connection. */
  opened(receiver: RTCRtpReceiver): boolean {
    return this.leg?.opened(receiver) ?? false;
  }

  /** What arrives in a slot (docs/protocol.md, *Slots*) and opens; the same object as long as the connection lives. */
  streamOf(slot: number): MediaStream | null {
    return this.leg?.streamOf(slot) ?? null;
  }

  /** Address and port of the relay as it told them last, for a person who has to open a firewall; null before its first answer. */
  get target(): string | null {
    return this.answered;
  }

  /** What has arrived in a slot since the connection began. */
  async arrived(slot: number): Promise<Arrived> {
    return await this.leg?.arrived(slot) ?? { sound: 0, frames: 0, raw: 0 };
  }

  /** Looks whether something leaves around the encryption. FALSE when it did: the connection is gone then, and a new offer is due. */
  async isGuarded(): Promise<boolean> {
    const { leg } = this;
    if (!leg || await leg.isGuarded()) return true;
    if (leg !== this.leg) return true;
    this.abandon();
    return false;
  }

  /** How long what arrives waits at least before it is shown; null: as the browser thinks. */
  wait(ms: number | null): void {
    this.leg?.wait(ms);
  }

  /** Lets our picture be as large as the path carries. */
  follow(estimate_bps: number | null, sent_bps: number | null): void {
    this.leg?.follow(estimate_bps, sent_bps);
  }

  async stats(): Promise<PeerStats> {
    const sum: PeerStats = {
      framesDecoded: 0, bytesReceived: 0, bytesSent: 0, packetsReceived: 0, packetsLost: 0, asked: 0, rtt_ms: null, sent_loss: null, estimate_bps: null,
    };
    const report = await this.leg?.connection.getStats();
    report?.forEach((one: Record<string, unknown> & { type: string }) => {
      const number = (name: string) => (typeof one[name] === 'number' ? (one[name] as number) : 0);
      if (one.type === 'inbound-rtp') {
        sum.framesDecoded += number('framesDecoded');
        sum.bytesReceived += number('bytesReceived');
        sum.packetsReceived += number('packetsReceived');
        sum.asked += number('nackCount');
        sum.packetsLost += Math.max(0, number('packetsLost'));
      } else if (one.type === 'outbound-rtp') {
        sum.bytesSent += number('bytesSent');
      } else if (one.type === 'remote-inbound-rtp' && typeof one['fractionLost'] === 'number') {
        sum.sent_loss = Math.max(sum.sent_loss ?? 0, one['fractionLost']);
      } else if (one.type === 'candidate-pair' && one['state'] === 'succeeded' && typeof one['currentRoundTripTime'] === 'number') {
        sum.rtt_ms = one['currentRoundTripTime'] * 1000;
        if (typeof one['availableOutgoingBitrate'] === 'number') sum.estimate_bps = one['availableOutgoingBitrate'];
      }
    });
    return sum;
  }

  /** For good: nothing is sent from here on, and no offer is made any more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.tracks = { audio: null, video: null };
    for (const leg of [this.leg, this.retiring]) leg?.close();
    this.leg = this.retiring = null;
    this.options.changed('closed');
  }

  /** A browser that found no path of its own to try stays `new` for ever, and never says so: then a new offer is due. */
  private heedPaths(): void {
    const { leg } = this;
    if (!leg) return;
    const look = () => {
      if (leg !== this.leg || leg.connection.connectionState !== 'new') return;
      if (leg.connection.iceGatheringState === 'complete') this.abandon();
      else setTimeout(look, PATHLESS_MS);
    };
    setTimeout(look, PATHLESS_MS);
  }

  /** Gives the present connection up at once. */
  private abandon(): void {
    this.leg?.close();
    this.leg = null;
    this.options.changed('failed');
  }

  private retire(): void {
    const { leg } = this;
    this.leg = null;
    if (!leg) return;
    leg.connection.onconnectionstatechange = null;
    if (this.retiring) leg.close(); // it was never answered
    else this.retiring = leg;
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
