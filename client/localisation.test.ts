import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { inWords, textsIn } from '../scripts/localisation.mjs';

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')) as unknown;
const { contributes, capabilities } = read('package.json') as Record<'contributes' | 'capabilities', unknown>;
const words = read('package.nls.json') as Record<string, string>;

/** Fields of the manifest that VS Code shows to people. */
const shown =
  /^(title|shortTitle|category|displayName|userDescription|contextualTitle|contents|label|aliases|description|markdownDescription|deprecationMessage|enumDescriptions|markdownEnumDescriptions|enumItemLabels)$/;

/** They are the same in every language. */
const names = new Set(['Weighbridge', 'Rego']);

/** Every text in those fields, with where it stands. What a model reads of a tool (`inputSchema`) is no word for people. */
function textsOf(part: unknown, path: string, isShown: boolean): { path: string; text: string }[] {
  if (typeof part === 'string') return isShown ? [{ path, text: part }] : [];
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, each]) => {
    if (key === 'inputSchema') return [];
    const isView = key === 'name' && path.includes('/views/');
    return textsOf(each, `${path}/${key}`, isView || shown.test(key) || (Array.isArray(part) && isShown));
  });
}

describe('words that can be translated', () => {
  it('stand in package.nls.json, all of them and no others', () => {
    const texts = [...textsOf(contributes, 'contributes', false), ...textsOf(capabilities, 'capabilities', false)];
    const literal = texts.filter(({ text }) => !names.has(text) && !/^%[\w.]+%$/.test(text));
    assert.deepEqual(literal, [], 'write these into package.nls.json, and %key% in their place');
    assert.ok(texts.length > 80, String(texts.length));
    const used = new Set(texts.map(({ text }) => text.slice(1, -1)));
    assert.deepEqual(
      Object.keys(words).filter((key) => !used.has(key)),
      [],
    );
    inWords({ contributes, capabilities }, words);
  });

  it('are collected from the client as they stand, and refused where nobody could translate them', () => {
    const source = `const a = vscode.l10n.t('Wrote {0}.', b); const c = l10n.t("it's"); other.t('No');`;
    assert.deepEqual(textsIn('a.ts', source), ['Wrote {0}.', "it's"]);
    assert.throws(() => textsIn('a.ts', 'x();\nvscode.l10n.t(`Wrote ${b}.`);'), /^Error: a\.ts:2 /);
    assert.throws(() => inWords({ title: '%gone%' }, words), /no words for gone/);
  });
});
