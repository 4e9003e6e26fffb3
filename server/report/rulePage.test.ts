import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rules } from '../rules/index.ts';
import { code, fenced, literal, prose, table } from './markdown.ts';
import { ruleIndex, rulePage } from './rulePage.ts';
import { settingsPage } from './settingsPage.ts';

test('nothing in a listing or a title becomes mark-up', () => {
  assert.equal(literal('a <b> | *c* [d](e) `f`'), 'a &lt;b\\> \\| \\*c\\* \\[d\\](e) \\`f\\`');
  assert.equal(prose('set `a<b>` or <stem>, 2*3'), 'set `a<b>` or &lt;stem>, 2\\*3');
  assert.equal(fenced('```\nx\n````\n', 'text'), '`````text\n```\nx\n````\n`````');
  assert.equal(code('a`b'), '`` a`b ``');
  assert.equal(table(['a'], [['x | y\nz']]), '| a |\n| --- |\n| x \\| y z |');
});

test('every page has the fixed form', () => {
  const form = ['Avoid', 'Prefer', 'Why', 'How to fix', 'Configuration', 'Mappings', 'References'];
  for (const rule of rules) {
    // Headings of examples stand in fences, which are cut out.
    const page = rulePage(rule).replace(/^(`{3,})\w*\n[^]*?\n\1$/gm, '');
    assert.deepEqual(
      [...page.matchAll(/^## (.*)$/gm)].map((match) => match[1]),
      form,
      rule.meta.id,
    );
    assert.ok(page.includes(`| \`${rule.meta.id}\` |`));
    assert.doesNotMatch(page, /undefined|\[object/, rule.meta.id);
  }
});

test('the index names every rule once, and links to its page', () => {
  const index = ruleIndex(rules);
  for (const { meta } of rules) assert.equal(index.split(`[${meta.id}](${meta.id}.md)`).length, 2, meta.id);
});

test('the settings page lists the keys of the file and of the editor', () => {
  const page = settingsPage({ 'weighbridge.x': { default: [1], description: 'a <b>' } });
  assert.match(page, /^\| `limits\.ratio` \| a whole number, at least 2 \| `200` \|/m);
  assert.match(page, /^\| `weighbridge\.x` \| `\[1\]` \| a &lt;b\\> \|$/m);
});
