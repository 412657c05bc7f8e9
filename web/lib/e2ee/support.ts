// SPDX-License-Identifier: Apache-2.0
// Whether this browser can encrypt from end to end, and which ones can (MDN: RTCRtpScriptTransform).

export const E2EE_BROWSERS = { chrome: 141, edge: 141, firefox: 117, safari: '15.4' } as const;

export function e2eeSupported(): boolean {
  return typeof Worker === 'function' && typeof indexedDB !== 'undefined' && typeof crypto !== 'undefined' && crypto.subtle !== undefined &&
    typeof (globalThis as Record<string, unknown>)['RTCRtpScriptTransform'] === 'function' &&
    typeof RTCRtpSender === 'function' && 'transform' in RTCRtpSender.prototype;
}
