// SPDX-License-Identifier: Apache-2.0
// Camera and microphone: asks for what is there, goes on with what it gets, and says why something is missing.
import { e2eeSupported } from './e2ee/support';

export type DeviceFault = 'denied' | 'missing' | 'busy' | 'unsupported' | 'unknown';

export interface Devices {
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
  audioFault: DeviceFault | null;
  videoFault: DeviceFault | null;
}

export interface DeviceWish {
  audio: boolean;
  video: boolean;
  audioId?: string;
  videoId?: string;
}

export function faultOf(error: unknown): DeviceFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'unknown';
  }
}

const audioWish = (id?: string): MediaTrackConstraints => ({
  echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(id ? { deviceId: { ideal: id } } : {}),
});
const videoWish = (id?: string): MediaTrackConstraints => ({
  width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 }, ...(id ? { deviceId: { ideal: id } } : {}),
});

/** Why a meeting cannot be held: not over HTTPS; no calls; no encryption from end to end, without which there are none here. */
export type Unsupported = 'insecure' | 'calls' | 'encryption';

export function unsupportedReason(): Unsupported | null {
  if (typeof isSecureContext === 'boolean' && !isSecureContext) return 'insecure';
  const calls = typeof RTCPeerConnection === 'function' && 'addTransceiver' in RTCPeerConnection.prototype &&
    typeof WebSocket === 'function' && typeof MediaStream === 'function';
  if (!calls) return 'calls';
  return e2eeSupported() ? null : 'encryption';
}

/** The browser can hold a meeting at all. */
export function browserSupported(): boolean {
  return unsupportedReason() === null;
}

/**
 * Opens what was wished. Both are asked for at once (one question to the person); where that fails each is tried alone, so
 * that a missing camera does not cost the microphone.
 */
export async function openDevices(wish: DeviceWish): Promise<Devices> {
  const none: Devices = { audio: null, video: null, audioFault: null, videoFault: null };
  const media = typeof navigator === 'undefined' ? undefined : navigator.mediaDevices;
  if (!media?.getUserMedia) {
    return { ...none, audioFault: wish.audio ? 'unsupported' : null, videoFault: wish.video ? 'unsupported' : null };
  }
  if (wish.audio && wish.video) {
    try {
      const stream = await media.getUserMedia({ audio: audioWish(wish.audioId), video: videoWish(wish.videoId) });
      return { ...none, audio: stream.getAudioTracks()[0] ?? null, video: stream.getVideoTracks()[0] ?? null };
    } catch {
      // Which of the two it was is found below.
    }
  }
  const result = { ...none };
  if (wish.audio) {
    try {
      result.audio = (await media.getUserMedia({ audio: audioWish(wish.audioId) })).getAudioTracks()[0] ?? null;
    } catch (error) {
      result.audioFault = faultOf(error);
    }
  }
  if (wish.video) {
    try {
      result.video = (await media.getUserMedia({ video: videoWish(wish.videoId) })).getVideoTracks()[0] ?? null;
    } catch (error) {
      result.videoFault = faultOf(error);
    }
  }
  return result;
}

export function closeDevices(devices: Devices | null): void {
  devices?.audio?.stop();
  devices?.video?.stop();
}

/** Which browser, as far as permission help differs. Coarse on purpose. */
export function browserName(agent: string): string {
  if (/MSIE|Trident\//.test(agent)) return 'ie';
  if (/QIHU|360SE|360EE/i.test(agent)) return '360';
  if (/Qaxbrowser|QiAnXin/i.test(agent)) return 'qianxin';
  if (/UOS|UBrowser/i.test(agent)) return 'uos';
  if (/Firefox\//.test(agent)) return 'firefox';
  if (/Edg\//.test(agent)) return 'edge';
  if (/Chrome\/|Chromium\//.test(agent)) return 'chrome';
  if (/Safari\//.test(agent)) return 'safari';
  return 'other';
}

/** Name and main version for the stored device check, e.g. "chrome 156". */
export function browserLabel(agent: string): string {
  const version = /(?:Firefox|Edg|Chrome|Chromium|Version)\/(\d+)/.exec(agent)?.[1];
  return version ? `${browserName(agent)} ${version}` : browserName(agent);
}
