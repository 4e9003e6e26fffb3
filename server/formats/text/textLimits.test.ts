// Limits of what is read of a text: what stands before one is kept, and that more follows is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText, textLimits } from './parse.ts';

const more = textLimits.facts + 1;

test('requirements: of a longer list the first are kept, whether they are requirements, options or packages of a lock', async () => {
  const cases: Record<string, string> = {
    lines: `torch==2.5.1\n${'a==1\n'.repeat(more)}`,
    options: `torch==2.5.1\n${'--pre\n'.repeat(more)}`,
    'tables of a lock': `[[package]]\nname = "torch"\nversion = "2.5.1"\n${'[[package]]\nname="a"\nversion="1"\n'.repeat(more)}`,
    'objects of a lock': `{"default": {"torch": {"version": "==2.5.1"}, ${'"a": {"version": "==1"},\n'.repeat(more)}}}`,
  };
  for (const [name, text] of Object.entries(cases)) {
    const parsed = await parseText('requirements', text);
    assert.ok(parsed.language === 'requirements', name);
    assert.equal(parsed.requirements[0]?.name, 'torch', name);
    assert.equal(parsed.requirements.length + parsed.options.length, textLimits.facts, name);
    assert.deepEqual(
      parsed.problems.map(({ code }) => code),
      ['limit-facts'],
      name,
    );
    assert.ok((parsed.problems[0]?.line ?? 0) >= textLimits.facts, name);
  }
});

test('requirements: as many as the limit are read without a word', async () => {
  const parsed = await parseText('requirements', 'a==1\n'.repeat(textLimits.facts));
  assert.deepEqual(parsed.problems, []);
});
