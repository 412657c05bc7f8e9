// SPDX-License-Identifier: Apache-2.0
// The device key of this browser for one account: P-256, made here, kept in IndexedDB so that no script can read its private
// part out (docs/e2ee.md section 2; docs/protocol.md, Device). No DOM.
import { concat, fromBase64, label, toBase64, toBase64url, type Bytes } from './bytes';
import type { Identity } from './types';

const DATABASE = 'huijian';
const STORE = 'device-keys';
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
  });
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await asked(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'));
    });
    const [result] = await Promise.all([asked(work(transaction.objectStore(STORE))), done]);
    return result;
  } finally {
    database.close();
  }
}

function read(account: string): Promise<CryptoKeyPair | undefined> {
  return within('readonly', (store) => store.get(account) as IDBRequest<CryptoKeyPair | undefined>);
}

/** Its private part cannot be read out, by us neither. */
async function newPair(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(ECDSA, false, ['sign', 'verify'])) as CryptoKeyPair;
}

async function identityOf(pair: CryptoKeyPair): Promise<Identity> {
  const publicKey = toBase64(new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey)));
  const sign = async (statement: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, statement as Bytes));
  return { publicKey, sign };
}

/** The key of that account in this browser, made when there is none. Rejects where the browser keeps nothing. */
export async function openIdentity(account: string): Promise<Identity> {
  const kept = await read(account);
  if (kept) return identityOf(kept);
  const pair = await newPair();
  try {
    await within('readwrite', (store) => store.add(pair, account));
    return identityOf(pair);
  } catch (error) {
    // Another tab was first: its key is the one.
    const first = await read(account);
    if (!first) throw error;
    return identityOf(first);
  }
}

/** A new key in the place of the one before. */
export async function renewIdentity(account: string): Promise<Identity> {
  const pair = await newPair();
  await within('readwrite', (store) => store.put(pair, account));
  return identityOf(pair);
}

/** The key is forgotten for good. */
export async function forgetIdentity(account: string): Promise<void> {
  await within('readwrite', (store) => store.delete(account));
}

/** Proves to the server, at registration, that the private key is here; base64url. */
export async function deviceProof(identity: Identity, account: string): Promise<string> {
  const spki = fromBase64(identity.publicKey);
  if (!spki) throw new Error('no key');
  return toBase64url(await identity.sign(concat(label('huijian-device-v1'), label(account), spki)));
}
