// SPDX-License-Identifier: Apache-2.0
// One RTCPeerConnection with an encryption that fails closed (docs/e2ee.md, section 5): no track is attached before the
// worker holds the transform of its sender, none is enabled before the worker has seen frames pass and the meeting is live on the
// screen, and nothing of a receiver is handed out before the worker has opened frames of it. What is sent are clones: disabling
// them leaves the self-view as it is.
import type { E2eeSession, Kind } from './e2ee/types';
import type { Arrived } from './flow';
import { isWantedExtension } from './sdp';
import { FIRST_SCALE, SendSize } from './send-size';

export const SLOTS = 4;
const KINDS = ['audio', 'video'] as const;
const VIDEO_MAX_BPS = 1_500_000;
/** Sound that is sent twice takes about 85 kbit/s of the path with this. */
const AUDIO_MAX_BPS = 32_000;
/** Bytes that left while the worker saw nothing, in looks one after the other: what it says may be under way. */
const LOOKS = 3;

export type Tracks = Record<Kind, MediaStreamTrack | null>;

/** What of the session is needed here. */
export type Guard = Pick<E2eeSession, 'protectSender' | 'protectReceiver'>;

/** The encryption of a connection cannot be vouched for. */
export class UnguardedError extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'UnguardedError';
  }
}

/**
 * The codecs to offer: VP8 (and its retransmission) for video, Opus for audio, and RED, in which each packet carries the frame before
 * it once more; it is packed before the encryption. Others do not survive frame encryption. The relay's answer says whether RED is sent.
 */
export function wantedCodecs(kind: Kind, capable: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const wanted = kind === 'audio' ? ['audio/opus', 'audio/red'] : ['video/vp8', 'video/rtx'];
  const found = capable.filter((codec) => wanted.includes(codec.mimeType.toLowerCase()));
  return found.some((codec) => codec.mimeType.toLowerCase() === wanted[0]) ? found : [];
}

function preferCodecs(transceiver: RTCRtpTransceiver, kind: Kind): void {
  if (typeof transceiver.setCodecPreferences !== 'function' || typeof RTCRtpReceiver === 'undefined') return;
  const codecs = wantedCodecs(kind, RTCRtpReceiver.getCapabilities?.(kind)?.codecs ?? []);
  try {
    if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
  } catch {
    // An older browser takes its own order; the relay's answer then chooses.
  }
}

/** What the browser would agree to of header extensions, whatever an answer says. Not every browser has it. */
interface Extending {
  getHeaderExtensionsToNegotiate?(): { uri: string; direction: string }[];
  setHeaderExtensionsToNegotiate?(extensions: { uri: string; direction: string }[]): void;
}

function limitExtensions(transceiver: RTCRtpTransceiver & Extending): void {
  try {
    const known = transceiver.getHeaderExtensionsToNegotiate?.();
    if (known) transceiver.setHeaderExtensionsToNegotiate?.(known.map((one) => (isWantedExtension(one.uri) ? one : { ...one, direction: 'stopped' })));
  } catch {
    // They are taken out of offer and answer as well (sdp.ts).
  }
}

interface Lane {
  sender: RTCRtpSender;
  /** What is attached now. */
  clone: MediaStreamTrack | null;
  /** One change after the other. */
  turn: Promise<void>;
  passing: boolean;
  muted: boolean;
  suspicious: number;
}

type Report = Record<string, unknown> & { type: string };
const numberOf = (one: Report, name: string) => (typeof one[name] === 'number' ? (one[name] as number) : 0);

export class Leg {
  private readonly lanes: Record<Kind, Lane>;
  private readonly size: SendSize;
  /** By slot, not by what the server says of m-lines: their frames open for the seat of that slot alone. */
  private readonly receivers: { receiver: RTCRtpReceiver; kind: Kind; slot: number }[] = [];
  private readonly openedOnes = new Set<RTCRtpReceiver>();
  private readonly streams = new Map<number, MediaStream>();
  private guarded = false;
  private live = false;
  private silent = false;
  private closed = false;

  constructor(readonly connection: RTCPeerConnection, private readonly guard: Guard) {
    const senders: Partial<Record<Kind, RTCRtpSender>> = {};
    for (let slot = 0; slot < SLOTS; slot++) {
      for (const kind of KINDS) {
        // sendrecv even without a device: a track can then be put in later and nothing is negotiated again.
        const transceiver = connection.addTransceiver(kind, slot === 0
          ? { direction: 'sendrecv', sendEncodings: [kind === 'audio' ? { maxBitrate: AUDIO_MAX_BPS } : { maxBitrate: VIDEO_MAX_BPS, scaleResolutionDownBy: FIRST_SCALE }] }
          : { direction: 'recvonly' });
        preferCodecs(transceiver, kind);
        limitExtensions(transceiver);
        if (slot === 0) senders[kind] = transceiver.sender;
        this.receivers.push({ receiver: transceiver.receiver, kind, slot });
      }
    }
    const lane = (sender: RTCRtpSender): Lane => ({ sender, clone: null, turn: Promise.resolve(), passing: false, muted: false, suspicious: 0 });
    this.lanes = { audio: lane(senders.audio!), video: lane(senders.video!) };
    this.size = new SendSize(senders.video!);
  }

  /**
   * Puts a transform on every sender and receiver; throws UnguardedError unless the worker holds them all. Before the offer, and
   * in the very task that made them: Chromium lets frames pass by a transform that comes later, for good.
   */
  async protect(): Promise<void> {
    try {
      await Promise.all([
        ...KINDS.map((kind) => this.guard.protectSender(this.lanes[kind].sender, kind)),
        ...this.receivers.map(({ receiver, kind, slot }) => this.guard.protectReceiver(receiver, kind, slot)),
      ]);
    } catch (error) {
      throw new UnguardedError(error instanceof Error ? error.message : String(error));
    }
    this.guarded = true;
  }

  /** Sends clones of these from now on, disabled until frames of them pass the worker and it is live. Nothing before protect(). */
  async send(tracks: Tracks): Promise<void> {
    if (!this.guarded || this.closed) return;
    await Promise.all(KINDS.map((kind) => this.put(kind, tracks[kind])));
  }

  /** The meeting stands on the screen with its code. Otherwise what is sent is black and silent. */
  setLive(live: boolean): void {
    this.live = live;
    for (const kind of KINDS) this.enable(kind);
  }

  /** For good: what is attached is stopped and taken off, and nothing is attached any more. */
  silence(): void {
    this.silent = true;
    for (const kind of KINDS) {
      this.drop(kind);
      // Where even that fails, what is attached has ended.
      this.put(kind, null).catch(() => undefined);
    }
  }

  mute(kind: Kind, muted: boolean): void {
    this.lanes[kind].muted = muted;
    this.enable(kind);
  }

  /** The worker has seen frames of our own sender. */
  passing(sender: RTCRtpSender): void {
    for (const kind of KINDS) {
      if (this.lanes[kind].sender !== sender) continue;
      this.lanes[kind].passing = true;
      this.enable(kind);
    }
  }

  /** What arrives waits that long at least; null: as the browser thinks. Not every browser can be told. */
  wait(ms: number | null): void {
    for (const { receiver } of this.receivers) if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = ms;
  }

  /** A look at what the path carries and what was sent, null: nobody says; our picture follows it once frames of it pass. */
  follow(estimate_bps: number | null, sent_bps: number | null): void {
    if (this.lanes.video.passing && !this.closed) void this.size.follow(estimate_bps, sent_bps);
  }

  /** The worker has opened a frame of a receiver; TRUE when it is one of ours and was not known. */
  opened(receiver: RTCRtpReceiver): boolean {
    const known = this.receivers.find((one) => one.receiver === receiver);
    if (!known || this.openedOnes.has(receiver)) return false;
    this.openedOnes.add(receiver);
    // A stream that plays already takes the second track in; a new one would begin again.
    this.streams.get(known.slot)?.addTrack(receiver.track);
    return true;
  }

  /** What arrives in a slot and opens, as one stream, the same object each time; null while nothing opens. */
  streamOf(slot: number): MediaStream | null {
    const known = this.streams.get(slot);
    if (known) return known;
    const tracks = this.receiversOf(slot).filter((receiver) => this.openedOnes.has(receiver)).map((receiver) => receiver.track);
    if (tracks.length === 0) return null;
    const stream = new MediaStream(tracks);
    this.streams.set(slot, stream);
    return stream;
  }

  /** What has arrived in a slot since the connection began. */
  async arrived(slot: number): Promise<Arrived> {
    const sum: Arrived = { sound: 0, frames: 0, raw: 0 };
    for (const receiver of this.receiversOf(slot)) {
      const opened = this.openedOnes.has(receiver);
      (await receiver.getStats()).forEach((one: Report) => {
        if (one.type !== 'inbound-rtp') return;
        const packets = numberOf(one, 'packetsReceived');
        sum.raw += packets;
        if (!opened) return;
        if (receiver.track.kind === 'video') sum.frames += numberOf(one, 'framesDecoded');
        // What does not open reaches the decoder as nothing, and is concealed. Without playback there are no samples yet.
        else sum.sound += numberOf(one, 'totalSamplesReceived') > 0 ? numberOf(one, 'totalSamplesReceived') - numberOf(one, 'concealedSamples') : packets;
      });
    }
    return sum;
  }

  /** FALSE when bytes of a track leave although the worker sees no frame of it, or its transform is gone. */
  async isGuarded(): Promise<boolean> {
    let good = true;
    for (const kind of KINDS) {
      const lane = this.lanes[kind];
      if (!lane.clone || this.closed) continue;
      if ((lane.sender as { transform?: unknown }).transform === null) good = false;
      if (lane.passing) continue;
      let sent = 0;
      (await lane.sender.getStats()).forEach((one: Report) => { if (one.type === 'outbound-rtp') sent += numberOf(one, 'bytesSent'); });
      lane.suspicious = sent > 0 && !lane.passing ? lane.suspicious + 1 : 0;
      if (lane.suspicious >= LOOKS) good = false;
    }
    return good;
  }

  /** For good: what was attached is stopped first, so that nothing leaves on the way. */
  close(): void {
    this.closed = true;
    this.connection.onconnectionstatechange = null;
    for (const kind of KINDS) this.drop(kind);
    this.connection.close();
  }

  private receiversOf(slot: number): RTCRtpReceiver[] {
    return this.receivers.filter((one) => one.slot === slot).map((one) => one.receiver);
  }

  private put(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    const lane = this.lanes[kind];
    lane.turn = lane.turn.catch(() => undefined).then(async () => {
      if (kind === 'video' && track && !this.closed) await this.size.fit(track);
      if (this.closed) return;
      const before = lane.clone;
      const clone = this.silent ? null : track?.clone() ?? null;
      if (clone) clone.enabled = false;
      lane.clone = clone;
      try {
        await lane.sender.replaceTrack(clone);
      } catch (error) {
        this.drop(kind);
        throw error;
      } finally {
        before?.stop();
      }
      if (this.closed) this.drop(kind);
      else this.enable(kind);
    });
    return lane.turn;
  }

  private drop(kind: Kind): void {
    const lane = this.lanes[kind];
    if (lane.clone) lane.clone.enabled = false;
    lane.clone?.stop();
    lane.clone = null;
  }

  private enable(kind: Kind): void {
    const lane = this.lanes[kind];
    if (lane.clone) lane.clone.enabled = this.guarded && this.live && !this.closed && lane.passing && !lane.muted;
  }
}
