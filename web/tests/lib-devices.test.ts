// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserLabel, browserName, faultOf, openDevices } from '../lib/devices';

describe('devices', () => {
  afterEach(() => vi.unstubAllGlobals());

  const error = (name: string) => Object.assign(new Error(name), { name });
  const withMedia = (getUserMedia: (wish: MediaStreamConstraints) => Promise<unknown>) => vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
  const stream = (...kinds: string[]) => ({
    getAudioTracks: () => kinds.filter((kind) => kind === 'audio'), getVideoTracks: () => kinds.filter((kind) => kind === 'video'),
  });

  it('opens both at once', async () => {
    const ask = vi.fn(async () => stream('audio', 'video'));
    withMedia(ask);
    expect(await openDevices({ audio: true, video: true })).toEqual({ audio: 'audio', video: 'video', audioFault: null, videoFault: null });
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('keeps the microphone when there is no camera', async () => {
    withMedia(async (wish) => {
      if (wish.video) throw error('NotFoundError');
      return stream('audio');
    });
    expect(await openDevices({ audio: true, video: true })).toEqual({ audio: 'audio', video: null, audioFault: null, videoFault: 'missing' });
  });

  it('says that permission was denied', async () => {
    withMedia(async () => { throw error('NotAllowedError'); });
    expect(await openDevices({ audio: true, video: true })).toMatchObject({ audioFault: 'denied', videoFault: 'denied' });
  });

  it('says when the browser has none of it', async () => {
    vi.stubGlobal('navigator', {});
    expect(await openDevices({ audio: true, video: false })).toMatchObject({ audioFault: 'unsupported', videoFault: null });
  });

  it('names faults', () => {
    expect([faultOf(error('NotReadableError')), faultOf(error('OverconstrainedError')), faultOf(error('Strange')), faultOf('x')])
      .toEqual(['busy', 'missing', 'unknown', 'unknown']);
  });

  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36', 'chrome', 'chrome 156'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0', 'edge', 'edge 150'],
    ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15', 'safari', 'safari 18'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'firefox', 'firefox 140'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/108.0.0.0 Safari/537.36 QIHU 360SE', '360', '360 108'],
    ['Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko', 'ie', 'ie'],
  ])('knows the browser %s', (agent, name, label) => {
    expect([browserName(agent), browserLabel(agent)]).toEqual([name, label]);
  });
});
