import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { Finding } from '../finding.ts';
import { withChanges } from '../textEdits.fixture.ts';

async function told(
  text: string,
  ruleId = 'ci/token-permissions',
  file = '.github/workflows/a.yml',
): Promise<Finding[]> {
  return (await judgeExample({ file, text })).filter((finding) => finding.ruleId === ruleId);
}

const job = '    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n';
const commit = '0123456789abcdef0123456789abcdef01234567';

test('missing permissions are told of where they would stand, and the change puts them there', async () => {
  const text = `on: push\njobs:\n  a:\n${job}`;
  const [finding] = await told(text);
  assert.deepEqual([finding?.severity, finding?.location.line, finding?.location.endColumn], ['info', 2, 5]);
  const changed = withChanges(text, finding?.edits?.[0]?.changes ?? []);
  assert.equal(changed, `on: push\npermissions:\n  contents: read\njobs:\n  a:\n${job}`);
  assert.deepEqual(await told(changed), []);
});

test('a workflow that uses nothing of others, or pins it, may leave permissions out', async () => {
  assert.deepEqual(await told('on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps: [{run: make}]\n'), []);
  assert.deepEqual(await told(`on: push\njobs:\n  a:\n${job.replace('v4', commit)}`), []);
  assert.equal((await told(`on: push\njobs:\n  a:\n    permissions: {}\n${job}  b:\n${job}`)).length, 1);
});

test('write-all is told of at the workflow and at a job, and a single right is not', async () => {
  const found = await told(`on: push\npermissions: write-all\njobs:\n  a:\n    permissions: write-all\n${job}`);
  assert.deepEqual(
    found.map(({ severity, location: { line, column } }) => [severity, line, column]),
    [
      ['warning', 2, 14],
      ['warning', 5, 18],
    ],
  );
  assert.deepEqual(await told(`on: push\npermissions: {contents: write, packages: write}\njobs:\n  a:\n${job}`), []);
});

test('what a composite action uses and runs is judged, and permissions are none of its keys', async () => {
  const text = `name: a\nruns:\n  using: composite\n  steps:\n    - uses: org/setup@v1\n    - run: |\n        curl -sSf https://tools.example.org/a.sh | sh\n      shell: bash\n`;
  const judged = await judgeExample({ file: 'setup/action.yml', text });
  assert.deepEqual(
    judged.map(({ ruleId, severity, location }) => [ruleId, severity, location.line]),
    [
      ['ci/mutable-action', 'info', 5],
      ['fetch/no-checksum', 'warning', 7],
    ],
  );
  const javascript = text.replace('composite', 'node20').replace(/ {2}steps:[^]*/, '  main: dist/index.js\n');
  assert.deepEqual(await judgeExample({ file: 'setup/action.yml', text: javascript }), []);
  assert.deepEqual(await told(text.replace('v1', commit), 'ci/mutable-action', 'action.yml'), []);
});
