import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coloured } from './colour.ts';
import { jsonReport } from './json.ts';
import { bytesInWords, printable } from './printable.ts';
import { atByte, inEntry, report } from './report.fixture.ts';
import { textReport } from './text.ts';

test('findings stand under their file, each with its place and rule, and one line sums up', () => {
  assert.equal(
    textReport(report),
    `models/a b/pytorch_model.bin
  error    Loading it calls os.system('true').  [pickle/dangerous-import]  at archive/data.pkl @ byte 41

train.yaml
  warning  Loads code from the hub.  [load/trust-remote-code]  at 3:5

x.pkl
  error    Loading it calls os.system('true').  [pickle/dangerous-import]  at byte 0
  warning  Could not be fully inspected: the stream ends inside a string.  [file/incomplete]  at byte 9

Looked at 9 files, 3 artifacts: 2 errors, 2 warnings, 0 info (1 path could not be read; 1 not completely inspected; 1 finding accepted by the baseline; 3 left out by .gitignore; 4 left out by configuration or default).
`,
  );
});

test('nothing found is said in one line', () => {
  const clean = { ...report, artifacts: [], findings: [], accepted: 0, counts: { error: 0, warning: 0, info: 0 } };
  assert.equal(
    textReport({ ...clean, skipped: { ignored: 0, excluded: 0 } }),
    'Looked at 9 files, 0 artifacts: no findings (1 path could not be read).\n',
  );
});

test('text from files cannot command the terminal', () => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007\r\nfake: clean\u202egnp.exe\u200b\u{e0041}';
  const findings = [
    { ...inEntry, path: `a${hostile}`, message: hostile, location: { ...inEntry.location, entry: hostile } },
  ];
  for (const text of [textReport({ ...report, findings }), textReport({ ...report, findings }, coloured)]) {
    const bare = text.replaceAll(/\u001b\[\d+m/g, '');
    assert.doesNotMatch(bare, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u200b]|\u{e0041}/u);
    assert.ok(bare.includes('\\x1b[2J'));
    assert.ok(!bare.split('\n').some((line) => line.startsWith('fake')));
  }
});

test('letters of all scripts and Windows paths are shown as they are', () => {
  for (const text of ['C:\\models\\größe.pt', '模型/权重.bin', 'naïve 🤗']) assert.equal(printable(text), text);
});

test('sizes are in the unit a person would use', () => {
  assert.deepEqual([0, 1, 999, 1000, 123_456, 5_000_000_000].map(bytesInWords), [
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.0 kB',
    '123 kB',
    '5.0 GB',
  ]);
});

test('JSON has exactly the documented fields, with null where there is nothing', () => {
  const json = JSON.parse(jsonReport({ ...report, findings: [atByte] })) as Record<string, unknown>;
  assert.deepEqual(Object.keys(json), [
    'schemaVersion',
    'tool',
    'summary',
    'artifacts',
    'findings',
    'posture',
    'errors',
  ]);
  assert.deepEqual(json['summary'], { artifacts: 3, error: 2, warning: 2, info: 0 });
  assert.deepEqual(json['artifacts'], report.artifacts);
  assert.deepEqual(json['findings'], [
    {
      ruleId: 'pickle/dangerous-import',
      severity: 'error',
      message: "Loading it calls os.system('true').",
      path: 'x.pkl',
      location: { entry: null, byteOffset: 0, line: null, column: null },
      evidence: { module: 'os', name: 'system', opcode: 'STACK_GLOBAL' },
      fixes: ['convert-to-safetensors'],
      cwe: ['CWE-502', 'CWE-94'],
      advisories: ['GHSA-vvpj-8cmc-gx39'],
    },
  ]);
});
