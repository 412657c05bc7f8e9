// SPDX-License-Identifier: Apache-2.0
// The security code that two people compare (docs/e2ee.md section 3). No DOM.
import { concat, label, type Bytes } from './bytes';

const LABEL = label('huijian-e2ee-v1 code');

/** What is hashed for the code of a transcript. */
export function codeInput(transcriptHash: Uint8Array): Bytes {
  return concat(LABEL, transcriptHash);
}

/** Six digits of that hash. */
export function codeOfHash(hash: Uint8Array): string {
  const value = hash.subarray(0, 8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return String(value % 1_000_000n).padStart(6, '0');
}

export async function securityCode(transcriptHash: Uint8Array): Promise<string> {
  return codeOfHash(new Uint8Array(await crypto.subtle.digest('SHA-256', codeInput(transcriptHash))));
}
