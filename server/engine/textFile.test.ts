import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textLanguage } from '../formats/text/parse.ts';
import { mostEndpoints } from '../posture/facts.ts';
import { rules } from '../rules/index.ts';
import { judgeTextContent } from './textFile.ts';
import { defaultConfiguration } from './configuration.ts';
import { makeWorkspace } from './workspace.fixture.ts';
import { WorkspaceTable } from './workspaceFacts.ts';

/** A text without certain words is passed over unread: no rule may wait for a word that is none of those. */
test('what is looked for before a text is parsed is in every example of the rules', async (context) => {
  const { root } = makeWorkspace(context, {});
  const settings = { limits: defaultConfiguration(root).limits, maxFileSize: null, allowedImports: [] };
  const missed: string[] = [];
  let seen = 0;
  for (const rule of rules) {
    if (rule.subject !== 'text' && !('checkText' in rule)) continue;
    const { meta } = rule;
    for (const { file, text, beside } of meta.avoid) {
      if (text === undefined || beside !== undefined || textLanguage(file) === null) continue;
      seen++;
      const { findings } = await judgeTextContent(file, text, new WorkspaceTable(root), settings);
      if (!findings.some(({ ruleId }) => ruleId === meta.id)) missed.push(`${meta.id}: ${file}`);
    }
  }
  assert.ok(seen > 100, `${seen}`);
  assert.deepEqual(missed, []);
});

test('a file that opens more endpoints than a report holds is told of, and weaknesses of all of them are found', async (context) => {
  const { root } = makeWorkspace(context, {});
  const settings = { limits: defaultConfiguration(root).limits, maxFileSize: null, allowedImports: [] };
  const open = 'server { listen 80; }\n';
  const weak = 'server { listen 443 ssl; ssl_verify_client optional; }\n';
  const judge = (text: string) => judgeTextContent('nginx.conf', text, new WorkspaceTable(root), settings);
  const all = await judge(`http {\n${open.repeat(mostEndpoints - 1)}${weak}}\n`);
  assert.equal(all.endpoints?.length, mostEndpoints);
  assert.deepEqual(
    all.findings.filter(({ ruleId }) => ruleId === 'file/incomplete'),
    [],
  );
  const { endpoints, findings } = await judge(`http {\n${open.repeat(mostEndpoints)}${weak}}\n`);
  assert.equal(endpoints?.length, mostEndpoints);
  assert.match(findings.find(({ ruleId }) => ruleId === 'file/incomplete')?.message ?? '', /more than 5000 endpoints/);
  const beyond = findings.find(({ ruleId }) => ruleId === 'endpoint/mtls-not-enforced');
  assert.equal(beyond?.location.line, mostEndpoints + 2);
});
