// SPDX-License-Identifier: Apache-2.0
// Every text of the pages goes through t(). The one file that knows @lit/localize: the Chinese source text is the
// message's id, each page registers its English catalogue, and switching is possible at any moment.
import { configureLocalization, msg, updateWhenLocaleChanges } from '@lit/localize';
import type { LitElement } from 'lit';
import type { Words } from '../lib/model';

export type Locale = 'zh-CN' | 'en';
type Values = Record<string, string | number>;

const KEPT = 'huijian-locale';
const english: Record<string, string> = {};

const { getLocale, setLocale: switchLocale } = configureLocalization({
  sourceLocale: 'zh-CN',
  targetLocales: ['en'],
  loadLocale: async () => ({ templates: english }),
});

/** Adds a page's English texts: Chinese source text to English text, `{name}` marks a value. */
export function registerEnglish(catalogue: Record<string, string>): void {
  Object.assign(english, catalogue);
}

/** The text in the reader's language. The argument is a literal (a test collects them), `{name}` is replaced. */
export function t(source: string, values?: Values): string {
  const text = msg(source, { id: source });
  return values ? text.replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark)) : text;
}

/** Marks a text for the catalogue where it stands in a table; t() reads it later. */
export function mark(source: string): string {
  return source;
}

export function locale(): Locale {
  return getLocale() === 'en' ? 'en' : 'zh-CN';
}

function keep(value: Locale): void {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

function kept(): Locale {
  try {
    const value = localStorage.getItem(KEPT);
    if (value === 'en' || value === 'zh-CN') return value;
  } catch {
    // As above.
  }
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

export async function setLocale(value: Locale, remember = true): Promise<void> {
  if (remember) keep(value);
  document.documentElement.lang = value;
  await switchLocale(value);
}

/** Sets the language the reader chose last, or the browser's. Call once after the page's registerEnglish(). */
export async function startLocale(): Promise<void> {
  await setLocale(kept(), false);
}

/** Makes an element render again when the language changes. */
export function followLocale(element: LitElement): void {
  updateWhenLocaleChanges(element);
}

/** A text that came from the server, in the reader's language. */
export function pick(words: Words | null | undefined): string {
  if (words === null || words === undefined) return '';
  if (typeof words === 'string') return words;
  return locale() === 'en' ? words.en || words.zh : words.zh || words.en;
}
