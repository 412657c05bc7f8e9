// SPDX-License-Identifier: Apache-2.0
const known = new WeakMap<MediaStreamTrack, MediaStream>();

/** One stream per track, so that rendering again does not restart the picture. */
export function streamOnce(track: MediaStreamTrack): MediaStream {
  const stream = known.get(track) ?? new MediaStream([track]);
  known.set(track, stream);
  return stream;
}
