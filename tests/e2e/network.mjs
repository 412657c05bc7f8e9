// SPDX-License-Identifier: Apache-2.0
// A bad network between one browser and the service (tests/support/impair-main.c), and what getStats() says of a call over it.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT } from './browser.mjs';

/** The proxy; the same seed decides the same for each packet. */
export function startNetwork(seed) {
  const programs = process.env.HJ_PROGRAMS ?? resolve(ROOT, 'build/test');
  const child = spawn(resolve(programs, 'tests/support/huijian-impair'), [String(seed)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let turn = Promise.resolve();
  const ask = (text) => {
    turn = turn.then(async () => {
      child.stdin.write(`${text}\n`);
      const { value } = await lines.next();
      if (value === undefined || value.startsWith('error')) throw new Error(`${text}: ${value}`);
      return value;
    });
    return turn;
  };
  return {
    ask,
    port: async (kind, target) => Number((await ask(`${kind} ${target}`)).split(' ')[1]),
    set: async (...rules) => { for (const rule of rules) await ask(`set ${rule}`); },
    report: async () => JSON.parse(await ask('report')),
    stop: () => new Promise((stopped) => {
      child.on('exit', stopped);
      child.stdin.end();
    }),
  };
}

/** The flag that leads a browser's requests and signalling through the proxy, while pages still see the service's own origin. */
export async function throughNetwork(network, url) {
  const { hostname, port } = new URL(url);
  return `--host-resolver-rules=MAP ${hostname}:${port} 127.0.0.1:${await network.port('tcp', port)}`;
}

/** In the page, before its own code: remembers each connection, and sends media to where `detour` says. */
function watch(detoured) {
  const { setRemoteDescription } = RTCPeerConnection.prototype;
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...words) {
      super(...words);
      window.connections.push(this);
    }
  };
  if (!detoured) return;
  // One candidate is left of each address and kind: the way through the proxy.
  RTCPeerConnection.prototype.setRemoteDescription = async function (description, ...rest) {
    const out = [];
    for (const line of description.sdp.split('\r\n')) {
      const found = /^(a=candidate:\S+ \d+ udp \d+) ([\d.]+) (\d+) (.*)$/i.exec(line);
      if (found) {
        const detour = `${found[1]} 127.0.0.1 ${await window.detour(Number(found[3]))} ${found[4]}`;
        if (!out.some((one) => one.startsWith('a=candidate') && one.includes(` 127.0.0.1 ${detour.split(' ')[5]} `))) out.push(detour);
      } else if (!line.startsWith('a=candidate')) {
        out.push(line);
      }
    }
    return setRemoteDescription.call(this, { type: description.type, sdp: out.join('\r\n') }, ...rest);
  };
}

/** Everybody with this context reaches the relay through the proxy. Before its pages open. */
export async function detourContext(context, network) {
  await context.exposeFunction('detour', (port) => network.port('udp', port));
  await context.addInitScript(watch, true);
}

/** A page that is open already and has not joined: its connections are remembered; media goes straight. */
export const watchPage = (page) => page.evaluate(watch, false);

/** Sums of the page's latest connection that got connected, all numbers of getStats() that the promises speak of. */
export function stats(page) {
  return page.evaluate(async () => {
    const sum = { at: performance.now(), frames: 0, freezes: 0, frozen: 0, samples: 0, concealed: 0, silent: 0, packets: 0, lost: 0, nacks: 0, plis: 0, keyFrames: 0,
      fec: 0, jitterMs: 0, sentVideo: 0, sentAudio: 0, sentFrames: 0, target: 0, available: 0, rtt: 0, limitation: '', height: 0, state: 'none', count: window.connections.length };
    const connection = window.connections.findLast((one) => one.connectionState !== 'closed');
    if (!connection) return sum;
    sum.state = connection.connectionState;
    const report = await connection.getStats();
    report.forEach((one) => {
      if (one.type === 'inbound-rtp' && one.packetsReceived > 0) {
        sum.packets += one.packetsReceived;
        sum.lost += one.packetsLost;
        if (one.kind === 'video') {
          sum.frames += one.framesDecoded;
          sum.freezes += one.freezeCount ?? 0;
          sum.frozen += one.totalFreezesDuration ?? 0;
          sum.nacks += one.nackCount ?? 0;
          sum.plis += one.pliCount ?? 0;
          sum.keyFrames += one.keyFramesDecoded ?? 0;
          sum.height = one.frameHeight ?? 0;
        } else {
          sum.samples += one.totalSamplesReceived ?? 0;
          sum.concealed += one.concealedSamples ?? 0;
          sum.silent += one.silentConcealedSamples ?? 0;
          sum.fec += one.fecPacketsReceived ?? 0;
          sum.jitterMs = Math.round(1000 * one.jitterBufferDelay / Math.max(1, one.jitterBufferEmittedCount));
        }
      } else if (one.type === 'outbound-rtp') {
        sum[one.kind === 'video' ? 'sentVideo' : 'sentAudio'] += one.bytesSent + (one.headerBytesSent ?? 0);
        if (one.kind === 'video') {
          sum.sentFrames = one.framesEncoded ?? 0;
          sum.target = one.targetBitrate ?? 0;
          sum.limitation = one.qualityLimitationReason ?? '';
        }
      } else if (one.type === 'candidate-pair' && one.nominated) {
        sum.available = one.availableOutgoingBitrate ?? 0;
        sum.rtt = Math.round(1000 * (one.currentRoundTripTime ?? 0));
      }
    });
    return sum;
  });
}

/** What happened between two sums of one connection, as shares and rates. */
export function between(before, after) {
  const seconds = (after.at - before.at) / 1000;
  const samples = after.samples - before.samples;
  const got = after.packets - before.packets;
  const concealed = after.concealed - after.silent - before.concealed + before.silent;
  const kbps = (name) => Math.round((after[name] - before[name]) * 8 / seconds / 1000);
  return {
    seconds: round(seconds, 1), fps: round((after.frames - before.frames) / seconds, 1), frozen: round((after.frozen - before.frozen) / seconds),
    freezes: after.freezes - before.freezes, concealed: round(samples > 0 ? concealed / samples : 1),
    lost: round((after.lost - before.lost) / Math.max(1, got + after.lost - before.lost)), nacks: after.nacks - before.nacks,
    plis: after.plis - before.plis, key: after.keyFrames - before.keyFrames, fec: after.fec - before.fec, jitterMs: after.jitterMs,
    sentKbps: kbps('sentVideo'), soundKbps: kbps('sentAudio'), targetKbps: Math.round(after.target / 1000), availableKbps: Math.round(after.available / 1000), rtt: after.rtt,
    limitation: after.limitation, height: after.height, connections: after.count - before.count,
  };
}

const round = (value, places = 4) => Number(value.toFixed(places));

/** One line that a person reads and a script finds again. */
export const told = (figures) => Object.entries(figures).map(([name, value]) => `${name}=${value}`).join(' ');
