import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

async function severities(jobs: string, event = 'pull_request_target'): Promise<string[]> {
  const text = `on: ${event}\npermissions: {contents: read}\njobs:\n${jobs}`;
  const found = await judgeExample({ file: '.github/workflows/a.yml', text });
  return found.filter(({ ruleId }) => ruleId === 'ci/untrusted-training').map(({ severity }) => severity);
}

const checkout = `    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n        with: {ref: '\${{ github.event.pull_request.head.sha }}'}\n`;
const gate = '  gate:\n    environment: external\n    runs-on: ubuntu-24.04\n    steps: [{run: echo}]\n';

test('a job that waits for an approval is a warning, however far away the approval is', async () => {
  assert.deepEqual(await severities(`  a:\n${checkout}`), ['error']);
  assert.deepEqual(await severities(`  a:\n    needs: gate\n${checkout}${gate}`), ['warning']);
  assert.deepEqual(await severities(`  a:\n    needs: [b]\n${checkout}  b:\n    needs: [gate]\n${gate}`), ['warning']);
  assert.deepEqual(await severities(`  a:\n    needs: [b, c]\n${checkout}  b:\n    needs: a\n`), ['error']);
});

test('what a stranger writes into a script counts, and not what GitHub makes of it', async () => {
  const run = (command: string): string =>
    `  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: |\n          ${command}\n`;
  const taken = ['github.event.issue.title', 'github.event.comment.body', 'github.head_ref', "github.head_ref || 'a'"];
  for (const value of taken)
    assert.deepEqual(await severities(run(`echo "\${{ ${value} }}"`), 'issue_comment'), ['error'], value);
  const fixed = [
    'github.event.issue.number',
    "contains(github.event.comment.body, '/a')",
    'github.sha',
    'steps.a.outputs.title',
  ];
  for (const value of fixed)
    assert.deepEqual(await severities(run(`echo "\${{ ${value} }}"`), 'issue_comment'), [], value);
  assert.deepEqual(await severities(run('echo "${{ github.event.issue.title }}"'), 'push'), []);
});
