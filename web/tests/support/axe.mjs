// SPDX-License-Identifier: Apache-2.0
// Axe on a page of ours, for the walks and for the end-to-end tests.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A dialog that fades is neither there nor gone: its colours are nobody's. */
function settled(page) {
  return page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll('*')].map(({ shadowRoot }) => shadowRoot).filter(Boolean)];
    const passing = roots.flatMap((root) => root.getAnimations()).filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
    return Promise.allSettled(passing.map(({ finished }) => finished)).then(() => undefined);
  });
}

/** What axe finds on the page as it is now; impacts: only findings this grave. One line each. */
export async function axeFindings(page, impacts = ['minor', 'moderate', 'serious', 'critical']) {
  await settled(page);
  // The CSP forbids injected script tags; the debugger's evaluate is outside of it.
  await page.evaluate(source);
  const { violations } = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), RULES);
  return violations
    .filter(({ impact }) => impacts.includes(impact ?? 'minor'))
    .map(({ impact, id, nodes }) => `axe ${impact} ${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3).join(' | ')}`);
}
