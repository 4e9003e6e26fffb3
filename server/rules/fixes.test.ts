import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseText, textLanguage } from '../formats/text/parse.ts';
import { judgeExample } from './exampleFiles.fixture.ts';
import { answerMark, type AskedEdit, type Finding, type TextEdit } from './finding.ts';
import { rules } from './index.ts';
import type { Example } from './rule.ts';
import { withChanges } from './textEdits.fixture.ts';

/** What speaks of a finding, whatever line it stands on by now. */
function brief(findings: readonly Finding[], file: string): string[] {
  return findings.filter(({ path }) => path === file).map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

/** The sign of a comment, where the language has one and any line may be one. */
function remark(file: string): string | null {
  const language = textLanguage(file);
  return language === null || language === 'json' || language === 'notebook' ? null : '#';
}

async function assertFixed(example: Example, finding: Finding, changes: TextEdit[], title: string): Promise<void> {
  const text = example.text ?? '';
  const fixed = withChanges(text, changes);
  const name = `${finding.ruleId}: ${title}\n${fixed}`;
  assert.notEqual(fixed, text, name);
  const before = brief(await judgeExample(example), example.file);
  const after = brief(await judgeExample({ ...example, text: fixed }), example.file);
  assert.ok(
    !after.includes(`${finding.ruleId}: ${finding.message}`),
    `${name}\nmust not say any more: ${finding.message}`,
  );
  const fresh = after.filter((each) => !before.includes(each) && !each.startsWith(finding.ruleId));
  assert.deepEqual(fresh, [], `${name}\nmust bring nothing new`);
  const language = textLanguage(example.file);
  assert.ok(language);
  const parsed = await parseText(language, fixed);
  assert.deepEqual(parsed.problems, [], `${name}\nmust follow its grammar`);
  // What is not in the ranges of the changes stays, character by character.
  const kept = withChanges(
    text,
    changes.map((change) => ({ ...change, newText: '' })),
  );
  let at = 0;
  for (const sign of kept) {
    at = fixed.indexOf(sign, at) + 1;
    assert.notEqual(at, 0, name);
  }
}

/** What a person would answer. */
const answers = {
  commit: '0123456789abcdef0123456789abcdef01234567',
  digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
};

function answered({ changes, wanted }: AskedEdit): TextEdit[] {
  return changes.map((change) => ({ ...change, newText: change.newText.replaceAll(answerMark, answers[wanted]) }));
}

describe('every change that a finding of an example offers', () => {
  for (const { meta } of rules) {
    for (const [index, example] of meta.avoid.entries()) {
      if (example.text === undefined || textLanguage(example.file) === null) continue;
      test(`${meta.id}, example ${index + 1}: the finding is gone, nothing else changed`, async () => {
        const sign = remark(example.file);
        const remarked = sign === null ? example.text : `${sign} first\n${example.text}${sign} last\n`;
        for (const text of [example.text, remarked]) {
          const shown = { ...example, text: text ?? '' };
          const findings = (await judgeExample(shown)).filter(({ ruleId }) => ruleId === meta.id);
          for (const finding of findings) {
            for (const { changes, title } of finding.edits ?? []) await assertFixed(shown, finding, changes, title);
            for (const each of finding.asked ?? []) await assertFixed(shown, finding, answered(each), each.title);
          }
        }
      });
    }
  }
});
