import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { judgeExample } from './exampleFiles.fixture.ts';
import { rules } from './index.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

describe('the examples of every rule page', () => {
  for (const { meta } of rules) {
    test(meta.id, async () => {
      assert.notEqual(meta.avoid.length, 0, 'an example of what to avoid');
      assert.notEqual(meta.prefer.length, 0, 'an example of what to prefer');
      for (const example of meta.avoid) {
        const fired = (await judgeExample(example)).map(({ ruleId }) => ruleId);
        assert.ok(
          fired.includes(meta.id),
          `avoid: ${example.file} must fire ${meta.id}, and fires ${fired.join(', ')}`,
        );
      }
      for (const example of meta.prefer) {
        const found = (await judgeExample(example)).filter(({ ruleId }) => ruleId === meta.id);
        assert.deepEqual(
          found.map(({ message }) => message),
          [],
          `prefer: ${example.file} must not fire ${meta.id}`,
        );
      }
    });
  }
});

describe('what every rule says of itself', () => {
  test('ids are unique, and named by area and rule', () => {
    const ids = rules.map(({ meta }) => meta.id);
    assert.deepEqual([...new Set(ids)], ids);
    for (const id of ids) assert.match(id, /^[a-z\d]+\/[a-z]+(?:-[a-z]+)*$/);
  });

  test('no field is left empty', () => {
    for (const { meta } of rules) {
      for (const [field, value] of Object.entries(meta)) {
        assert.ok(Array.isArray(value) ? value.length > 0 : value !== '', `${meta.id}: ${field} is empty`);
      }
      for (const reference of meta.references) assert.match(reference.url, /^https:\/\//, meta.id);
      for (const cwe of meta.cwe) assert.ok(Number.isInteger(cwe) && cwe > 0, meta.id);
      for (const owasp of meta.owasp) assert.match(owasp, /^(?:ML(?:0[1-9]|10):2023|LLM(?:0[1-9]|10):2025)$/, meta.id);
      for (const article of meta.euAiAct)
        assert.match(article, /^(?:Article \d+(?:\(\w+\))*|Annex [IVX]+.*)$/, meta.id);
      assert.match(meta.since, /^\d+\.\d+\.\d+$/);
      assert.ok(meta.since.localeCompare(version, 'en', { numeric: true }) <= 0, `${meta.since} is no version yet`);
    }
  });

  test('identifiers exist in their catalogues', () => {
    for (const { meta } of rules) {
      for (const id of meta.atlas) assert.match(id, /^AML\.T\d{4}(?:\.\d{3})?$/, meta.id);
      for (const id of meta.nistAiRmf) assert.match(id, /^(?:GOVERN|MAP|MEASURE|MANAGE) \d\.\d{1,2}$/, meta.id);
    }
    // The full catalogues are reference data that a plain clone does not hold.
    const atlas = catalogue('atlas-5.6.0-ids.json');
    const nist = catalogue('nist-ai-rmf-1.0-subcategories.json');
    for (const { meta } of rules) {
      for (const id of atlas === null ? [] : meta.atlas) assert.ok(atlas?.includes(`"${id}"`), `${meta.id}: ${id}`);
      for (const id of nist === null ? [] : meta.nistAiRmf) assert.ok(nist?.includes(`"${id}"`), `${meta.id}: ${id}`);
    }
  });
});

function catalogue(name: string): string | null {
  const file = new URL(`../../../shared/data/compliance/${name}`, import.meta.url);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
