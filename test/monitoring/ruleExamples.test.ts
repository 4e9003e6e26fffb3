import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { parseText } from '../../server/formats/text/parse.ts';
import { workspaceOf } from '../../server/rules/exampleFiles.fixture.ts';
import { rules } from '../../server/rules/index.ts';
import { alertsIn } from '../../server/rules/monitor/alerts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-promtool-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What promtool says of a file of rules. */
function check(text: string): { ok: boolean; said: string } {
  const file = path.join(folder, 'rules.yaml');
  writeFileSync(file, text);
  const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
  if (error) throw error;
  return { ok: status === 0, said: stdout + stderr };
}

const isBroken = ({ meta }: { meta: { id: string } }) => meta.id === 'monitor/broken-expression';

/** What a chart makes files of is not for promtool. */
const textsOf = (examples: readonly { file: string; text?: string }[]) =>
  examples.flatMap(({ file, text }) => (text === undefined || file.startsWith('templates/') ? [] : [text]));

const examples = rules
  .filter(({ meta }) => meta.id.startsWith('monitor/'))
  .flatMap((rule) => textsOf([...(isBroken(rule) ? [] : rule.meta.avoid), ...rule.meta.prefer]));

test('promtool refuses the examples of expressions that break the grammar', () => {
  const broken = rules.filter(isBroken).flatMap(({ meta }) => textsOf(meta.avoid));
  assert.ok(broken.length > 0);
  for (const text of broken) {
    const { ok, said } = check(text);
    assert.equal(ok, false);
    assert.match(said, /could not parse expression/);
  }
});

test('promtool takes every example of rules for Prometheus, and counts the alerts that are seen here', async () => {
  let compared = 0;
  for (const text of examples) {
    const { ok, said } = check(text);
    assert.ok(ok, said);
    const { problems, ...parsed } = await parseText('yaml', text);
    assert.deepEqual(problems, []);
    const alerts = alertsIn({ path: 'rules.yaml', text, workspace: workspaceOf(new Map(), new Map()), ...parsed });
    const counted = Number(/(\d+) rules? found/.exec(said)?.[1]);
    const others = (text.match(/^\s+- record:|node_/gm) ?? []).length;
    assert.equal(alerts.length + others, counted, `${said}\n${text}`);
    compared += counted;
  }
  assert.ok(compared >= 5, `${compared} rules`);
});
