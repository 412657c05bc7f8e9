// SPDX-License-Identifier: Apache-2.0
// Streams in templates. A property binding sets an object again at every rendering, and a media element that is given the
// stream it has begins anew: `<video ${plays(stream)}>` sets it only when it is another one.
import { nothing } from 'lit';
import { Directive, PartType, directive, type ElementPart, type PartInfo } from 'lit/directive.js';

class Plays extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('plays() stands in the tag of a media element');
  }

  override render(_stream: MediaStream | null): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [stream]: [MediaStream | null]): typeof nothing {
    const element = part.element as HTMLMediaElement;
    if (element.srcObject !== stream) element.srcObject = stream;
    return nothing;
  }
}

export const plays = directive(Plays);

const known = new WeakMap<MediaStreamTrack, MediaStream>();

/** The stream of one track, always the same. */
export function streamOnce(track: MediaStreamTrack): MediaStream {
  const stream = known.get(track) ?? new MediaStream([track]);
  known.set(track, stream);
  return stream;
}
