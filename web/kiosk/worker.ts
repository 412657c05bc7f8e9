// SPDX-License-Identifier: Apache-2.0
// The worker of the encryption, under the kiosk's policy of trusted types: its own file is the one script that a worker may be
// (docs/kiosk.md).
import url from '../lib/e2ee/worker?worker&url';

interface Policy {
  createScriptURL(url: string): unknown;
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): Policy;
}

let policy: Policy | null = null;

function onlyTheWorker(asked: string): string {
  if (asked !== url) throw new TypeError('not the worker');
  return asked;
}

export function newWorker(): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: Factory };
  policy ??= trustedTypes?.createPolicy('huijian-worker', { createScriptURL: onlyTheWorker }) ?? { createScriptURL: onlyTheWorker };
  return new Worker(policy.createScriptURL(url) as string, { type: 'module' });
}
