// SPDX-License-Identifier: Apache-2.0
// Before the worker that ships is loaded: its transforms are timed.
const Plain = globalThis.TransformStream;
const MOST = 20000;
let times = [];

globalThis.TransformStream = class extends Plain {
  constructor({ transform }) {
    super({
      async transform(frame, controller) {
        const bytes = frame.data.byteLength;
        const video = frame instanceof RTCEncodedVideoFrame;
        const began = performance.now();
        await transform(frame, controller);
        if (times.length < MOST) times.push({ video, bytes, ms: performance.now() - began });
      },
    });
  }
};

// Beside the messages of the worker, which do not know this one.
addEventListener('message', ({ data }) => {
  if (data?.bench !== 'times') return;
  postMessage({ say: 'times', times });
  times = [];
});
