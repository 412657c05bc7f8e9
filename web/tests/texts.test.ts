// @vitest-environment node
// SPDX-License-Identifier: Apache-2.0
// Both languages are complete: every text has its English, with the same values in it, and no Chinese stands outside t().
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PARTS, WEB, hasChinese, textsOf } from './texts';

async function catalogueOf(part: string): Promise<Record<string, string>> {
  if (!existsSync(join(WEB, part, 'english.ts'))) return {};
  const module: unknown = await import(/* @vite-ignore */ join(WEB, part, 'english.ts'));
  return (module as { english?: Record<string, string> }).english ?? {};
}

const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

describe.each(PARTS)('texts of %s', (part) => {
  const { texts, strays } = textsOf(part);

  it('all have English', async () => {
    const known = { ...(await catalogueOf('ui')), ...(await catalogueOf('staff')), ...(await catalogueOf('staff')), ...(await catalogueOf(part)) };
    expect([...texts].filter(([text]) => !Object.hasOwn(known, text)).map(([text, place]) => `${place} ${text}`)).toEqual([]);
  });

  it('name the same values in both languages, and the English is English', async () => {
    const wrong = Object.entries(await catalogueOf(part))
      .filter(([zh, en]) => values(zh).join() !== values(en).join() || hasChinese(en) || en.trim() === '');
    expect(wrong).toEqual([]);
  });

  it('leave no entry behind that nobody uses', async () => {
    expect(Object.keys(await catalogueOf(part)).filter((text) => !texts.has(text))).toEqual([]);
  });

  it('go through the catalogue', () => {
    expect(strays).toEqual([]);
  });
});

describe('texts of lib', () => {
  it('do not exist: lib speaks to no person', () => {
    const { texts, strays } = textsOf('lib');
    expect([...texts.keys(), ...strays]).toEqual([]);
  });
});
