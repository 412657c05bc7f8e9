// SPDX-License-Identifier: Apache-2.0
// The worker that ships, with a watch on what each frame spends in it: from the moment the browser hands it over until it is
// handed on, waiting and WebCrypto's own threads included.
import './timed.mjs';
import '../../../web/lib/e2ee/worker.ts';
