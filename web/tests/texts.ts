// SPDX-License-Identifier: Apache-2.0
// Finds every text of the pages in their sources: what t() and mark() take, and Chinese that stands anywhere else.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

export const WEB = join(import.meta.dirname, '..');
const NOT_PAGES = new Set(['lib', 'tests', 'public', 'node_modules']);
export const PARTS = readdirSync(WEB, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NOT_PAGES.has(entry.name)).map((entry) => entry.name);

export interface Found {
  texts: Map<string, string>;
  strays: string[];
}

const CJK = /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]/;

export function hasChinese(text: string): boolean {
  return CJK.test(text);
}

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesOf(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') && entry.name !== 'english.ts' ? [path] : [];
  });
}

/** A language is named in itself, and the product by both of its names, in every language of the page. */
const OWN_NAMES = new Set(['中文', '会见']);

function visit(node: ts.Node, source: ts.SourceFile, found: Found): void {
  const place = () => `${relative(WEB, source.fileName)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && ['t', 'mark'].includes(node.expression.text)) {
    const first = node.arguments[0];
    if (first && ts.isStringLiteralLike(first)) found.texts.set(first.text, place());
    for (const argument of node.arguments.slice(first && ts.isStringLiteralLike(first) ? 1 : 0)) visit(argument, source, found);
    return;
  }
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
    const chinese = node.text.match(/[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+/g) ?? [];
    if (chinese.some((text) => !OWN_NAMES.has(text))) found.strays.push(`${place()} ${chinese.join(' ')}`);
  }
  ts.forEachChild(node, (child) => visit(child, source, found));
}

export function textsOf(part: string): Found {
  const found: Found = { texts: new Map(), strays: [] };
  for (const path of sourcesOf(join(WEB, part))) {
    const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    visit(source, source, found);
  }
  return found;
}
