// SPDX-License-Identifier: Apache-2.0
// A base key on its way from one end to another: under a key of the pair, the direction and the transcript (docs/e2ee.md
// section 3). That key is used for one message, so its nonce is zero. No DOM.
import { concat, label, str, type Bytes } from './bytes';
import { KEY_SIZE } from './wire';

async function wrappingKey(transcriptHash: Bytes, secret: Bytes, from: string, to: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const info = concat(label('huijian-e2ee-v1 wrap'), str(from), str(to));
  return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: transcriptHash, info }, material,
    { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

function gcm(header: Bytes): AesGcmParams {
  return { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: header, tagLength: 128 };
}

/** header: the message before the wrapped key. */
export async function wrap(transcriptHash: Bytes, secret: Bytes, from: string, to: string, header: Bytes, baseKey: Bytes): Promise<Bytes> {
  const key = await wrappingKey(transcriptHash, secret, from, to);
  return new Uint8Array(await crypto.subtle.encrypt(gcm(header), key, baseKey));
}

/** Null when it was wrapped for another transcript, pair or direction, or was changed on its way. */
export async function unwrap(transcriptHash: Bytes, secret: Bytes, from: string, to: string, header: Bytes, wrapped: Bytes): Promise<Bytes | null> {
  const key = await wrappingKey(transcriptHash, secret, from, to);
  try {
    const baseKey = new Uint8Array(await crypto.subtle.decrypt(gcm(header), key, wrapped));
    return baseKey.length === KEY_SIZE ? baseKey : null;
  } catch {
    return null;
  }
}
