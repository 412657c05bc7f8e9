// SPDX-License-Identifier: Apache-2.0
// Two peer connections in one page, without a relay: with the encryption that ships, and without any. This page belongs to the
// bench alone; nothing of it is built into the pages that ship, which have no such choice.
import { E2ee } from '../../../web/lib/e2ee/session.ts';

const SEAT = ['a'.repeat(26), 'b'.repeat(26)];
const MEETING = 'm'.repeat(26);
const pause = (ms) => new Promise((later) => setTimeout(later, ms));
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

async function until(condition, what) {
  for (const end = performance.now() + 10000; performance.now() < end; await pause(2)) if (condition()) return;
  throw new Error(`${what}: not within 10 s`);
}

async function identity() {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  return {
    publicKey: base64(await crypto.subtle.exportKey('spki', keys.publicKey)),
    sign: async (statement) => new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, statement)),
  };
}

/** Two ends that agree on keys as in a meeting, through this page instead of signalling. */
async function agree(opened, passing) {
  const identities = [await identity(), await identity()];
  const ends = [];
  const workers = [];
  const make = (number) => new E2ee({
    identity: identities[number],
    role: number === 0 ? 'lawyer' : 'kiosk',
    send: (to, body) => {
      setTimeout(() => ends[1 - number].received(SEAT[number], body));
      return true;
    },
    secured: () => undefined,
    changed: () => undefined,
    passing,
    opened,
    worker: () => (workers[number] = new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module' })),
  });
  for (const number of [0, 1]) ends.push(make(number));
  const began = performance.now();
  const seats = SEAT.map((seat, number) => ({
    seat, number, role: number === 0 ? 'lawyer' : 'kiosk', name: '', state: 'connected', identity: identities[number].publicKey, mids: null,
  }));
  ends.forEach((end, number) => end.seats(MEETING, { seat: SEAT[number], number }, seats));
  await until(() => ends.every((end) => end.view.state === 'ready'), 'keys');
  return { ends, workers, agreed_ms: performance.now() - began };
}

async function times(worker) {
  const answer = new Promise((found) => worker.addEventListener('message', ({ data }) => data.say === 'times' && found(data.times)));
  worker.postMessage({ bench: 'times' });
  return answer;
}

let camera;

/** One sender, one receiver. Until go() nothing is sent, as nothing passes the relay before the admission. */
class Pair {
  constructor(sealed) {
    this.sealed = sealed;
    this.seen = document.querySelector('#seen');
    this.stream = new MediaStream();
  }

  async open() {
    const [from, to] = (this.connections = [new RTCPeerConnection(), new RTCPeerConnection()]);
    camera ??= await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480, frameRate: 30 } });
    if (this.sealed) this.keys = await agree((receiver) => this.show(receiver.track), (sender) => { sender.track.enabled = true; });
    from.onicecandidate = ({ candidate }) => candidate && to.addIceCandidate(candidate);
    to.onicecandidate = ({ candidate }) => candidate && from.addIceCandidate(candidate);
    const attached = [];
    to.ontrack = ({ receiver, track }) => {
      if (this.sealed) attached.push(this.keys.ends[1].protectReceiver(receiver, track.kind, 0));
      else this.show(track);
    };
    this.senders = ['audio', 'video'].map((kind) => from.addTransceiver(kind, { direction: 'sendonly', sendEncodings: [{ active: false }] }).sender);
    if (this.sealed) attached.push(...this.senders.map((sender, n) => this.keys.ends[0].protectSender(sender, n === 0 ? 'audio' : 'video')));
    from.getTransceivers()[1].setCodecPreferences(RTCRtpReceiver.getCapabilities('video').codecs.filter(({ mimeType }) => /vp8|rtx/i.test(mimeType)));
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription);
    await Promise.all(attached);
    for (const sender of this.senders) {
      const clone = camera.getTracks().find(({ kind }) => kind === (sender === this.senders[0] ? 'audio' : 'video')).clone();
      // As in a meeting: nothing real before frames have been seen to pass.
      clone.enabled = !this.sealed;
      await sender.replaceTrack(clone);
    }
    await until(() => this.connections.every(({ connectionState }) => connectionState === 'connected'), 'a connection');
    await pause(100);
  }

  show(track) {
    this.stream.addTrack(track);
    if (this.seen.srcObject !== this.stream) this.seen.srcObject = this.stream;
    this.seen.play().catch(() => undefined);
  }

  /** Milliseconds until the first decoded frame. */
  async go() {
    const before = this.seen.getVideoPlaybackQuality().totalVideoFrames;
    const began = performance.now();
    await Promise.all(this.senders.map((sender) => {
      const parameters = sender.getParameters();
      parameters.encodings[0].active = true;
      return sender.setParameters(parameters);
    }));
    await until(() => this.seen.getVideoPlaybackQuality().totalVideoFrames > before, 'a picture');
    return performance.now() - began;
  }

  async close() {
    const inside = this.sealed ? await Promise.all(this.keys.workers.map(times)) : [[], []];
    for (const { track } of this.senders) track?.stop();
    for (const connection of this.connections) connection.close();
    this.keys?.ends.forEach((end) => end.stop());
    this.seen.srcObject = null;
    return { agreed_ms: this.keys?.agreed_ms, sealing: inside[0], opening: inside[1] };
  }
}

/** One time from go to the first frame, and what the frames of the time after it spent in the transforms. */
window.measure = async (sealed, after_ms) => {
  const pair = new Pair(sealed);
  await pair.open();
  const first_ms = await pair.go();
  await pause(after_ms);
  return { first_ms, ...await pair.close() };
};

/** Keeps a pair running; tells when its picture moves and lets it go. */
window.run = async (sealed) => {
  window.running = new Pair(sealed);
  await window.running.open();
  await window.running.go();
};
window.rest = () => window.running.close().then(() => undefined);
window.frames = async () => {
  const [, video] = window.running.connections[1].getReceivers();
  let decoded = 0;
  (await video.getStats()).forEach((one) => { if (one.type === 'inbound-rtp') decoded = one.framesDecoded; });
  return decoded;
};
window.ready = true;
