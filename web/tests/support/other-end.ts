// SPDX-License-Identifier: Apache-2.0
// Runs in a page of its own: the other ends of a walked meeting, each with its keys, and one connection that answers offers as
// the relay would, with a moving picture and a tone in slot 0. Encrypted by the very code that the pages have.
import { E2ee } from '../../lib/e2ee/session';
import type { E2eeView, Identity } from '../../lib/e2ee/types';
import type { SeatView } from '../../lib/protocol';

declare global {
  interface Window {
    /** To the walk, which plays the server. */
    sendKey(from: string, to: string | null, body: string): void;
    otherEnd: typeof otherEnd;
  }
}

interface End {
  number: number;
  session: E2ee;
  opened: string[];
}

const ends = new Map<string, End>();
let connection: RTCPeerConnection | null = null;
let lanes: RTCRtpSender[] = [];
let tracks: MediaStreamTrack[] = [];

async function makeIdentity(): Promise<Identity> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey));
  return {
    publicKey: btoa(String.fromCharCode(...spki)),
    sign: async (statement) => new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, statement as BufferSource)),
  };
}

function makeTracks(): MediaStreamTrack[] {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const pen = canvas.getContext('2d')!;
  let n = 0;
  setInterval(() => {
    pen.fillStyle = `hsl(${(n * 3) % 360} 30% 40%)`;
    pen.fillRect(0, 0, 640, 360);
    pen.fillStyle = '#e8d6c4';
    pen.beginPath();
    pen.arc(320 + 30 * Math.sin(n / 20), 150, 60, 0, 7);
    pen.fill();
    pen.fillRect(210 + 30 * Math.sin(n / 20), 220, 220, 140);
    n++;
    void writer.write(new VideoFrame(canvas, { timestamp: n * 40_000 }));
  }, 40);
  const generator = new (window as unknown as { MediaStreamTrackGenerator: new (init: object) => MediaStreamTrack & { writable: WritableStream<VideoFrame> } })
    .MediaStreamTrackGenerator({ kind: 'video' });
  const writer = generator.writable.getWriter();
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  return [out.stream.getAudioTracks()[0]!, generator];
}

const otherEnd = {
  /** A seat with a new device; its public key. Its media, if it is the first, goes over the connection. */
  async add(seat: string, number: number, role: 'lawyer' | 'kiosk'): Promise<string> {
    ends.get(seat)?.session.stop();
    const identity = await makeIdentity();
    const end: End = { number, opened: [], session: null! };
    end.session = new E2ee({
      identity, role,
      send: (to, body) => { window.sendKey(seat, to, body); return true; },
      secured: () => undefined,
      changed: () => undefined,
      opened: (_receiver, kind) => end.opened.push(kind),
    });
    ends.set(seat, end);
    return identity.publicKey;
  },

  remove(seat: string): void {
    ends.get(seat)?.session.stop();
    ends.delete(seat);
  },

  roster(meeting: string, seats: SeatView[]): void {
    for (const [seat, { number, session }] of ends) session.seats(meeting, { seat, number }, seats);
  },

  received(from: string, to: string | null, body: string): void {
    for (const [seat, { session }] of ends) if (seat !== from && (to === null || to === seat)) session.received(from, body);
  },

  view(seat: string): E2eeView & { opened: string[] } {
    const { session, opened } = ends.get(seat)!;
    return { ...session.view, opened };
  },

  /** Answers an offer for `seat`, encrypted like every end; plain: as a relay that passes on what nobody encrypted. */
  async answer(offer: string, seat: string, plain = false): Promise<string> {
    connection?.close();
    connection = new RTCPeerConnection();
    tracks = tracks.length > 0 ? tracks : makeTracks();
    const { session } = ends.get(seat)!;
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    const transceivers = connection.getTransceivers();
    lanes = transceivers.slice(0, 2).map((one) => one.sender);
    for (const [at, one] of transceivers.entries()) one.direction = at < 2 ? 'sendrecv' : 'sendonly';
    // All in one go: Chromium short-circuits what has no transform a moment after it came to be, for good.
    if (!plain) {
      await Promise.all(transceivers.slice(0, 2).flatMap((one, at) => {
        const kind = at === 0 ? 'audio' : 'video';
        return [session.protectSender(one.sender, kind), session.protectReceiver(one.receiver, kind, 0)];
      }));
    }
    await Promise.all(lanes.map((sender, at) => sender.replaceTrack(tracks[at]!)));
    await connection.setLocalDescription(await connection.createAnswer());
    const now = connection;
    if (now.iceGatheringState !== 'complete') {
      await new Promise<void>((resolve) => { now.onicegatheringstatechange = () => { if (now.iceGatheringState === 'complete') resolve(); }; });
    }
    return now.localDescription!.sdp;
  },

  async send(sound: boolean, picture: boolean): Promise<void> {
    await Promise.all([sound, picture].map((on, at) => lanes[at]!.replaceTrack(on ? tracks[at]! : null)));
  },
};

window.otherEnd = otherEnd;
