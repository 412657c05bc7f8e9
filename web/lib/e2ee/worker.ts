// SPDX-License-Identifier: Apache-2.0
// The worker behind every sender and receiver of a page (RTCRtpScriptTransform): keys and counters live here, across peer
// connections, and nowhere else. A frame goes on only sealed, or only opened; everything else ends here.
import { End } from './end';
import { clearBytes } from './frames';
import type { FromWorker, Side, ToWorker } from './messages';

const TICK_MS = 250;
/** A decoder that lacks a key frame asks for one at most this often. */
const KEY_FRAME_MS = 500;

interface EncodedFrame {
  data: ArrayBuffer;
}

interface Transformer {
  readonly options: Side;
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  sendKeyFrameRequest?: () => Promise<unknown>;
}

interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: { transformer: Transformer }) => void) | null;
}

const scope = globalThis as unknown as Scope;
const say = (message: FromWorker) => scope.postMessage(message);
const end = new End(say);

type Change = (frame: EncodedFrame, controller: TransformStreamDefaultController<EncodedFrame>) => Promise<void>;

function sealing({ kind, id }: Side): Change {
  let passing = false;
  return async (frame, controller) => {
    const sealed = await end.seal(kind, new Uint8Array(frame.data));
    if (!sealed) return;
    frame.data = sealed.buffer;
    controller.enqueue(frame);
    if (!passing) say({ say: 'passing', id });
    passing = true;
  };
}

function opening({ kind, id, slot }: Side & { side: 'receive' }, transformer: Transformer): Change {
  let opened = false;
  let asked_ms = -Infinity;
  /** The decoder has lost its thread. While nothing opens a key frame would not either. */
  let broken = kind === 'video';
  const mend = (isKeyFrame: boolean) => {
    const now_ms = performance.now();
    broken &&= !isKeyFrame;
    if (!broken || now_ms - asked_ms < KEY_FRAME_MS) return;
    asked_ms = now_ms;
    transformer.sendKeyFrameRequest?.().catch(() => undefined);
  };
  return async (frame, controller) => {
    const plain = await end.open(kind, slot, new Uint8Array(frame.data));
    if (!plain) {
      broken = kind === 'video';
      return;
    }
    mend(clearBytes(kind, plain) !== 1);
    frame.data = plain.buffer;
    controller.enqueue(frame);
    if (!opened) say({ say: 'opened', id });
    opened = true;
  };
}

scope.onrtctransform = ({ transformer }) => {
  const { options, readable, writable } = transformer;
  const change = options.side === 'send' ? sealing(options) : opening(options, transformer);
  // A frame that cannot even be read is dropped; the stream goes on.
  const transform: Change = (frame, controller) => change(frame, controller).catch(() => undefined);
  readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable).catch(() => undefined);
  say({ say: 'attached', id: options.id });
};

scope.onmessage = ({ data }) => void end.take(data);

setInterval(() => void end.tick(), TICK_MS);
