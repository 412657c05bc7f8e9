// SPDX-License-Identifier: Apache-2.0
// What a page of a meeting is watched by, from the message `admit` to a picture that moves: the moments at which each step of the
// way was reached, in ms since 1970. It runs in the page (playwright's evaluate and addInitScript): nothing outside of `watch`
// reaches it.

/** Sets window.benchSeen, an object of moments that are null until reached; emptied by hand (null), never replaced. */
export function watch() {
  // So many meetings in so short a time no lawyer has: what the browser remembers of its reveals would stop them.
  localStorage.removeItem('huijian-reveals');
  if (window.benchSeen) return;
  const now = () => performance.timeOrigin + performance.now();
  // Of what we get: attached (its element has the stream), frame (the first is decoded), live (the first that is not black was
  // shown). The others are watchSteps's: received, opened (a packet is there; the worker has opened a frame), and of what we send
  // camera (its track was enabled), sending (a frame was encoded), asked and encoded (a key frame, after the admission).
  const seen = (window.benchSeen = { admit: null, camera: null, attached: null, frame: null, live: null, opened: null, asked: null, encoded: null, sending: null, received: null });
  const note = (step) => { seen[step] ??= now(); };
  const { parse } = JSON;
  JSON.parse = (...words) => {
    const value = parse(...words);
    if (value?.verb === 'admit') note('admit');
    return value;
  };
  const watched = new WeakSet();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 8;
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  /** A track that is disabled is encoded as black. */
  const isLight = (video) => {
    paint.drawImage(video, 0, 0, 8, 8);
    return paint.getImageData(0, 0, 8, 8).data.some((value, n) => n % 4 !== 3 && value > 40);
  };
  const look = () => {
    for (const video of document.querySelectorAll('video[data-seat]')) {
      if (video.srcObject) note('attached');
      if (video.getVideoPlaybackQuality().totalVideoFrames > 0) note('frame');
      if (watched.has(video)) continue;
      watched.add(video);
      const presented = () => {
        if (seen.live === null && isLight(video)) note('live');
        video.requestVideoFrameCallback(presented);
      };
      video.requestVideoFrameCallback(presented);
    }
    setTimeout(look, 2);
  };
  look();
}

export const forget = () => { for (const step of Object.keys(window.benchSeen)) window.benchSeen[step] = null; };

/** The finer steps, for a look at where the time goes; costs a little itself. Before the page's own script. */
export function watchSteps() {
  const now = () => performance.timeOrigin + performance.now();
  const note = (step) => { if (window.benchSeen && window.benchSeen[step] === null) window.benchSeen[step] = now(); };
  const Real = window.RTCPeerConnection;
  if (Real.watched) return;
  window.RTCPeerConnection = class extends Real {
    static watched = true;
    constructor(...words) {
      super(...words);
      let keys = null;
      let asked = null;
      const look = async () => {
        if (this.connectionState === 'closed') return;
        for (const one of (await this.getStats()).values()) {
          if (one.type === 'outbound-rtp' && one.kind === 'video') {
            if (one.framesEncoded > 0) note('sending');
            if (window.benchSeen?.admit) {
              keys ??= one.keyFramesEncoded;
              asked ??= one.pliCount;
              if (one.pliCount > asked) note('asked');
              if (one.keyFramesEncoded > keys) note('encoded');
            }
          }
          if (one.type === 'inbound-rtp' && one.kind === 'video' && one.packetsReceived > 0) note('received');
        }
        setTimeout(look, 5);
      };
      look();
    }
  };
  const RealWorker = window.Worker;
  window.Worker = class extends RealWorker {
    constructor(...words) {
      super(...words);
      this.addEventListener('message', ({ data }) => {
        if (data?.say === 'opened' && data.id % 2 === 0) note('opened'); // sound has the odd ones
      });
    }
  };
  const { set, get } = Object.getOwnPropertyDescriptor(MediaStreamTrack.prototype, 'enabled');
  Object.defineProperty(MediaStreamTrack.prototype, 'enabled', {
    get, configurable: true, enumerable: true,
    set(value) {
      if (value && this.kind === 'video' && window.benchSeen?.admit) note('camera');
      set.call(this, value);
    },
  });
}
