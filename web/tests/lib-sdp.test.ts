// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { wantedCodecs } from '../lib/leg';
import { qualityBetween, type PeerStats } from '../lib/peer';
import { udpTarget, midsIn, withConstantBitrate, withWantedExtensions } from '../lib/sdp';
import { HOSTILE_EXTENSIONS, OPUS, RELAY_EXTENSIONS } from './support/fake-connection';

describe('the relay\'s address', () => {
  it('is that of the first UDP candidate, or none', () => {
    expect(udpTarget('v=0\r\na=candidate:1 1 tcp 9 10.0.0.1 9 typ host\r\na=candidate:2 1 UDP 2113 10.0.0.2 40000 typ host\r\n')).toBe('10.0.0.2 40000');
    expect(udpTarget('v=0\r\n')).toBeNull();
  });
});

describe('sdp', () => {
  it('asks for constant bitrate and no silence suppression, for Opus alone', () => {
    const lines = withConstantBitrate(OPUS).split('\r\n');
    expect(lines).toContain('a=fmtp:111 minptime=10;useinbandfec=1;cbr=1;usedtx=0');
    expect(lines).toContain('a=fmtp:96 x=1');
  });

  it('does so where Opus has no parameters yet, in each section', () => {
    const bare = 'm=audio 9 X 111\na=rtpmap:111 opus/48000/2\nm=audio 9 X 111\na=rtpmap:111 opus/48000/2\n';
    expect(withConstantBitrate(bare).match(/^a=fmtp:111 cbr=1;usedtx=0$/gm)).toHaveLength(2);
  });

  it('changes nothing twice', () => {
    expect(withConstantBitrate(withConstantBitrate(OPUS))).toBe(withConstantBitrate(OPUS));
  });

  it('has no header extension but those that the relay reads, however they are written', () => {
    expect(withWantedExtensions(['v=0', ...HOSTILE_EXTENSIONS, ...RELAY_EXTENSIONS, 'a=mid:0', ''].join('\r\n'))).toBe(['v=0', ...RELAY_EXTENSIONS, 'a=mid:0', ''].join('\r\n'));
    expect(withWantedExtensions([...HOSTILE_EXTENSIONS, ...RELAY_EXTENSIONS].join('\n'))).toBe(RELAY_EXTENSIONS.join('\n'));
    expect(withWantedExtensions([...HOSTILE_EXTENSIONS, 'a=mid:0'].join('\r'))).toBe('a=mid:0');
  });

  it('has its silence suppression taken away however that is written', () => {
    expect(withConstantBitrate('a=rtpmap:111 opus/48000/2\na=fmtp:111 UseDTX=1; usedtx =1;cbr=0\n')).toBe('a=rtpmap:111 opus/48000/2\na=fmtp:111 cbr=1;usedtx=0\n');
  });

  it('lists mids in order', () => {
    expect(midsIn(OPUS)).toEqual(['0', '1']);
  });
});

const codec = (mimeType: string) => ({ mimeType, clockRate: 90000 });

describe('codecs', () => {
  it('are VP8 with retransmission, and Opus with RED', () => {
    const video = [codec('video/H264'), codec('video/VP8'), codec('video/rtx'), codec('video/red')];
    expect(wantedCodecs('video', video).map((one) => one.mimeType)).toEqual(['video/VP8', 'video/rtx']);
    expect(wantedCodecs('audio', [codec('audio/red'), codec('audio/opus')]).map((one) => one.mimeType)).toEqual(['audio/red', 'audio/opus']);
    expect(wantedCodecs('audio', [codec('audio/red'), codec('audio/PCMU')])).toEqual([]);
  });

  it('are left alone where the browser lacks them', () => {
    expect(wantedCodecs('video', [codec('video/H264'), codec('video/rtx')])).toEqual([]);
  });
});

const stats = (more: Partial<PeerStats>): PeerStats => ({
  framesDecoded: 0, bytesReceived: 0, bytesSent: 0, packetsReceived: 0, packetsLost: 0, asked: 0, rtt_ms: 20, sent_loss: 0, estimate_bps: null, ...more,
});

describe('quality', () => {
  const zero = stats({});
  it.each([
    [3, stats({ packetsReceived: 1000, packetsLost: 5 }), true],
    [2, stats({ packetsReceived: 950, packetsLost: 50 }), true],
    [1, stats({ packetsReceived: 800, packetsLost: 200 }), true],
    [1, stats({}), true],
    [3, stats({}), false],
    [2, stats({ packetsReceived: 10, rtt_ms: 300 }), true],
    [1, stats({ packetsReceived: 10, rtt_ms: 900 }), true],
    [1, stats({ packetsReceived: 10, sent_loss: 0.2 }), true],
  ] as const)('is %i for %o', (level, after, due) => {
    expect(qualityBetween(zero, after, due)).toBe(level);
  });
});
