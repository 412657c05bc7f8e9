// SPDX-License-Identifier: Apache-2.0
// The few lines of SDP that the browser gives no other handle on. Pure text.

/**
 * Asks for constant-bitrate Opus without silence suppression: the size and rhythm of packets must not tell what is said
 * (docs: MEDIA, RFC 6562). In our offer it tells the others, in the answer it tells our own encoder.
 */
export function withConstantBitrate(sdp: string): string {
  const end = sdp.includes('\r\n') ? '\r\n' : '\n';
  const lines = sdp.split(/\r?\n/);
  const opus = new Set<string>();
  for (const line of lines) {
    const found = /^a=rtpmap:(\d+) opus\/48000/i.exec(line);
    if (found?.[1]) opus.add(found[1]);
  }
  const out: string[] = [];
  for (const line of lines) {
    const found = /^a=fmtp:(\d+) (.*)$/.exec(line);
    if (found?.[1] && opus.has(found[1])) {
      const kept = (found[2] ?? '').split(';').map((one) => one.trim()).filter((one) => one && !/^(cbr|usedtx)\s*=/i.test(one));
      out.push(`a=fmtp:${found[1]} ${[...kept, 'cbr=1', 'usedtx=0'].join(';')}`);
    } else {
      out.push(line);
    }
  }
  return addMissing(out, opus).join(end);
}

/** An Opus payload may come without any fmtp line; then one is put behind its rtpmap. */
function addMissing(lines: string[], opus: Set<string>): string[] {
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([]);
    sections.at(-1)!.push(line);
  }
  return sections.flatMap((section) => section.flatMap((line) => {
    const type = /^a=rtpmap:(\d+) opus\/48000/i.exec(line)?.[1];
    const has = type !== undefined && section.some((one) => one.startsWith(`a=fmtp:${type} `));
    return type !== undefined && opus.has(type) && !has ? [line, `a=fmtp:${type} cbr=1;usedtx=0`] : [line];
  }));
}

/** What the relay reads in a packet (media/wire/sdp-answer.c). Header extensions travel in the clear. */
const EXTENSIONS = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
];

export function isWantedExtension(uri: string): boolean {
  return EXTENSIONS.includes(uri);
}

/**
 * Takes out every header extension that is not wanted, above all the audio level, which would let a network observer follow
 * the speech. For our offer and for the answer: a browser sends what an answer has, whether or not the offer that was sent had it.
 */
export function withWantedExtensions(sdp: string): string {
  return sdp.split(/(?<=\n|\r(?!\n))/).filter((line) => {
    if (!/extmap/i.test(line)) return true;
    const uri = /^a=extmap:\d+(?:\/\w+)? (\S+)\s*$/.exec(line)?.[1];
    return uri !== undefined && isWantedExtension(uri);
  }).join('');
}

/** The mids of an SDP in order, e.g. ['0', '1', …]. */
export function midsIn(sdp: string): string[] {
  return [...sdp.matchAll(/^a=mid:(\S+)/gm)].map((found) => found[1]!);
}

/** Where the other side takes media, as `address port`, from its first UDP candidate; null without one. */
export function udpTarget(sdp: string): string | null {
  const found = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) /im.exec(sdp);
  return found ? `${found[1]} ${found[2]}` : null;
}
