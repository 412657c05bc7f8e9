// SPDX-License-Identifier: Apache-2.0
// The device key of this browser for the signed-in lawyer: made once, kept where no script can read it out, registered with
// the server, and replaced when its owner removed it from the list (docs/e2ee.md, section 2; docs/protocol.md, Device).
import { api } from '../lib/api';
import { deviceProof, openIdentity, renewIdentity } from '../lib/e2ee/identity';
import type { Identity } from '../lib/e2ee/types';
import { deviceName } from './browser';

export interface OwnDevice {
  /** What `join` names. */
  id: string;
  identity: Identity;
}

let known: Promise<OwnDevice> | null = null;

/** As the server tells it: the first 16 bytes of SHA-256 over the key, upper-case hex in eight groups of four. */
export async function fingerprintOf(publicKey: string): Promise<string> {
  const spki = Uint8Array.from(atob(publicKey), (char) => char.charCodeAt(0));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', spki));
  const hex = [...hash.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('').toUpperCase();
  return hex.match(/.{4}/g)!.join(' ');
}

async function obtain(): Promise<OwnDevice> {
  const { account } = await api.me();
  let identity = await openIdentity(account.id);
  const { devices } = await api.devices();
  const print = await fingerprintOf(identity.publicKey);
  const same = devices.filter(({ fingerprint }) => fingerprint === print);
  const active = same.find(({ state }) => state === 'active');
  if (active) return { id: active.id, identity };
  // Removed by its owner: that key is never used again.
  if (same.length > 0) identity = await renewIdentity(account.id);
  const proof = await deviceProof(identity, account.id);
  const device = await api.addDevice({ name: deviceName(navigator.userAgent), public_key: identity.publicKey, proof });
  return { id: device.id, identity };
}

/** One tab at a time, so that two that open at once do not make two keys. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request('huijian-device-key', work) : work();
}

/** This browser as the server knows it: asked once a page, again after a failure. Rejects where the browser keeps no keys. */
export function ensureDevice(): Promise<OwnDevice> {
  if (known === null) {
    const asked = alone(obtain);
    known = asked;
    asked.catch(() => {
      if (known === asked) known = null;
    });
  }
  return known;
}

/** After `join` was refused with `device`, or after its removal: the next ensureDevice() asks anew, and makes another key. */
export function forgetDevice(): void {
  known = null;
}
