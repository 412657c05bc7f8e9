// SPDX-License-Identifier: Apache-2.0
// A headless Chromium with a camera and a microphone of its own making.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export async function openBrowser({ camera = true, extra = [], ...context } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'huijian-web-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      ...(camera ? ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] : []), ...extra],
    ...context,
  });
  return {
    browser,
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/**
 * A page that answers offers as the relay would: a moving picture and a tone in slot 0. It shows whether the peer connection
 * of lib/peer.ts fits; hands out (sdp) => answer, with send(sound, picture): what goes on being sent.
 */
export async function openRelayPage(browser, url) {
  const page = await browser.newPage();
  await page.goto(`${url}/favicon.svg`);
  const answer = async (sdp) => page.evaluate(async (offer) => {
    globalThis.relay?.close();
    const connection = new RTCPeerConnection();
    globalThis.relay = connection;
    const canvas = new OffscreenCanvas(640, 360);
    const pen = canvas.getContext('2d');
    const generator = new MediaStreamTrackGenerator({ kind: 'video' });
    const writer = generator.writable.getWriter();
    let n = 0;
    globalThis.painter = setInterval(() => {
      pen.fillStyle = `hsl(${(n * 3) % 360} 30% 40%)`;
      pen.fillRect(0, 0, 640, 360);
      pen.fillStyle = '#e8d6c4';
      pen.beginPath();
      pen.arc(320 + 30 * Math.sin(n / 20), 150, 60, 0, 7);
      pen.fill();
      pen.fillRect(210 + 30 * Math.sin(n / 20), 220, 220, 140);
      const frame = new VideoFrame(canvas, { timestamp: n++ * 40_000 });
      writer.write(frame);
    }, 40);
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    const out = sound.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    const [audio, video] = connection.getTransceivers();
    globalThis.tracks = [out.stream.getAudioTracks()[0], generator];
    await audio.sender.replaceTrack(globalThis.tracks[0]);
    await video.sender.replaceTrack(generator);
    audio.direction = 'sendrecv';
    video.direction = 'sendrecv';
    for (const one of connection.getTransceivers().slice(2)) one.direction = 'sendonly';
    await connection.setLocalDescription(await connection.createAnswer());
    if (connection.iceGatheringState !== 'complete') {
      await new Promise((resolve) => { connection.onicegatheringstatechange = () => { if (connection.iceGatheringState === 'complete') resolve(); }; });
    }
    return connection.localDescription.sdp;
  }, sdp);
  answer.send = (...wanted) => page.evaluate(async (kinds) => {
    const transceivers = globalThis.relay.getTransceivers();
    for (const [at, on] of kinds.entries()) await transceivers[at].sender.replaceTrack(on ? globalThis.tracks[at] : null);
  }, wanted);
  return answer;
}
