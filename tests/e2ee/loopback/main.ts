// SPDX-License-Identifier: Apache-2.0
// A page of the tests' own: two ends in one browser, their peer connections joined directly, the messages of their agreement
// carried by a function. What each sends is sealed by the worker of the pages; what arrives is opened by it, or is not.
import { deviceProof, forgetIdentity, openIdentity, renewIdentity } from '../../../web/lib/e2ee/identity';
import { E2ee } from '../../../web/lib/e2ee/session';
import { toBase64 } from '../../../web/lib/e2ee/bytes';
import type { E2eeView, Identity, Kind } from '../../../web/lib/e2ee/types';
import type { SeatView } from '../../../web/lib/protocol';

const KINDS: Kind[] = ['audio', 'video'];

async function newIdentity(): Promise<Identity> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const publicKey = toBase64(new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey)));
  const sign = async (statement: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, statement as Uint8Array<ArrayBuffer>));
  return { publicKey, sign };
}

interface End {
  name: string;
  /** Those whose messages reach each other. */
  circle: number;
  number: number;
  role: 'lawyer' | 'kiosk';
  identity: Identity;
  e2ee: E2ee | null;
  connection: RTCPeerConnection;
  views: E2eeView[];
  log: { what: string; at: number }[];
  clones: MediaStreamTrack[];
}

const ends: End[] = [];
let carried = true;
const note = (end: End, what: string) => end.log.push({ what, at: performance.now() });

function carry(from: End, to: string | null, body: string): boolean {
  if (carried) for (const end of ends) if (end !== from && end.circle === from.circle && (to === null || to === end.name)) queueMicrotask(() => end.e2ee?.received(from.name, body));
  return carried;
}

async function makeEnd(name: string, number: number, role: 'lawyer' | 'kiosk', plain: boolean, circle = 0): Promise<End> {
  const end: End = { name, circle, number, role, identity: await newIdentity(), e2ee: null, connection: new RTCPeerConnection(), views: [], log: [], clones: [] };
  ends.push(end);
  if (!plain) {
    end.e2ee = new E2ee({
      identity: end.identity, role,
      send: (to, body) => carry(end, to, body),
      secured: (epoch) => note(end, `secured ${epoch}`),
      changed: (view) => { end.views.push(view); if (view.state === 'ready') note(end, 'ready'); },
      passing: (_sender, kind) => { note(end, `passing ${kind}`); for (const track of end.clones) if (track.kind === kind) track.enabled = true; },
      opened: (_receiver, kind) => note(end, `opened ${kind}`),
    });
  }
  return end;
}

const seats = (circle: number): SeatView[] => ends.filter((end) => end.circle === circle).map(({ name, number, role, identity }) => (
  { seat: name, number, role, name: null, state: 'connected', mids: null, identity: identity.publicKey }) as SeatView);

/** In the same turn in which a transceiver comes to be: later Chromium has let its frames through already. */
function protect(end: End, { sender, receiver }: RTCRtpTransceiver, late: Promise<unknown>[]): void {
  const kind = receiver.track.kind as Kind;
  late.push(end.e2ee?.protectSender(sender, kind) ?? Promise.resolve(), end.e2ee?.protectReceiver(receiver, kind, 0) ?? Promise.resolve());
}

async function wire(a: End, b: End, late: boolean): Promise<void> {
  const guarded: Promise<unknown>[] = [];
  for (const kind of KINDS) {
    const transceiver = a.connection.addTransceiver(kind, { direction: 'sendrecv' });
    if (!late) protect(a, transceiver, guarded);
  }
  b.connection.ontrack = ({ transceiver }) => { if (!late) protect(b, transceiver, guarded); };
  a.connection.onicecandidate = ({ candidate }) => void b.connection.addIceCandidate(candidate ?? undefined).catch(() => undefined);
  b.connection.onicecandidate = ({ candidate }) => void a.connection.addIceCandidate(candidate ?? undefined).catch(() => undefined);
  await a.connection.setLocalDescription(await a.connection.createOffer());
  await b.connection.setRemoteDescription(a.connection.localDescription!);
  for (const one of b.connection.getTransceivers()) one.direction = 'sendrecv';
  if (late) for (const end of [a, b]) for (const transceiver of end.connection.getTransceivers()) protect(end, transceiver, guarded);
  await Promise.all(guarded);
  await b.connection.setLocalDescription(await b.connection.createAnswer());
  await a.connection.setRemoteDescription(b.connection.localDescription!);
}

function show(end: End): HTMLVideoElement {
  const video = document.createElement('video');
  video.muted = true;
  video.autoplay = true;
  video.srcObject = new MediaStream(end.connection.getReceivers().map(({ track }) => track));
  document.body.append(video);
  const look = () => {
    if (video.getVideoPlaybackQuality().totalVideoFrames > 0) note(end, 'frame');
    else setTimeout(look, 2);
  };
  look();
  return video;
}

async function attach(end: End, enabled: boolean): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
  for (const { sender, receiver } of end.connection.getTransceivers()) {
    const track = stream.getTracks().find(({ kind }) => kind === receiver.track.kind)!.clone();
    track.enabled = enabled;
    end.clones.push(track);
    await sender.replaceTrack(track);
  }
  note(end, 'track');
}

const test = {
  /**
   * plain: which ends have no transforms; late: they get them when Chromium has let the frames through already; crossed: each
   * agrees with a third who sits on the other's seat, so that both hold keys under the same names and not the same keys.
   */
  async start({ plain = [] as number[], late = false, crossed = false } = {}) {
    const a = await makeEnd('seat-a', 0, 'kiosk', plain.includes(0));
    const b = await makeEnd('seat-b', 1, 'lawyer', plain.includes(1), crossed ? 1 : 0);
    if (crossed) {
      await makeEnd('seat-b', 1, 'lawyer', false, 0);
      await makeEnd('seat-a', 0, 'kiosk', false, 1);
    }
    await wire(a, b, late);
    show(a);
    show(b);
    await attach(a, plain.includes(0));
    await attach(b, plain.includes(1));
  },
  agree() {
    for (const end of ends) {
      note(end, 'agree');
      end.e2ee?.seats('meeting', { seat: end.name, number: end.number }, seats(end.circle));
    }
  },
  /** A third takes part, or goes again: who agrees, and sends nothing. */
  async third(there: boolean) {
    if (there) await makeEnd('seat-c', 2, 'lawyer', false);
    else ends.pop()!.e2ee!.stop();
    test.agree();
  },
  lose(lost: boolean) { carried = !lost; },
  judge(index: number, verdict: 'same' | 'different') { ends[index]!.e2ee!.judge(verdict); },
  view: (index: number) => ends[index]!.e2ee?.view ?? null,
  log: (index: number) => ends[index]!.log,
  enabled: (index: number) => ends[index]!.clones.map(({ enabled }) => enabled),
  async stats(index: number) {
    const sum = { framesDecoded: 0, framesReceived: 0, framesEncoded: 0, packetsReceived: 0, packetsSent: 0, samples: 0 };
    (await ends[index]!.connection.getStats()).forEach((one: Record<string, number | string>) => {
      const add = (name: keyof typeof sum, from: string) => { if (typeof one[from] === 'number') sum[name] += one[from] as number; };
      if (one['type'] === 'inbound-rtp') {
        add('framesDecoded', 'framesDecoded'); add('framesReceived', 'framesReceived'); add('packetsReceived', 'packetsReceived');
        add('samples', 'totalSamplesReceived');
      }
      if (one['type'] === 'outbound-rtp') { add('framesEncoded', 'framesEncoded'); add('packetsSent', 'packetsSent'); }
    });
    return sum;
  },
  stop() {
    for (const { e2ee, connection, clones } of ends.splice(0)) {
      e2ee?.stop();
      connection.close();
      for (const track of clones) track.stop();
    }
    document.body.replaceChildren();
  },
};

const identity = { deviceProof, forgetIdentity, openIdentity, renewIdentity };
Object.assign(window, { test, identity });
document.title = 'ready';
