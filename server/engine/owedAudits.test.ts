import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { appendAuditEntry } from '../policy/auditLog.ts';
import { loadConfiguration } from './configuration.ts';
import { WorkspaceScanner } from './workspaceScanner.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighbridge-audits-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function scan(): Promise<{ findings: string[]; errors: string[] }> {
  const configuration = await loadConfiguration(join(folder, 'weighbridge.yaml'));
  const scanner = new WorkspaceScanner({ base: folder, configuration, cache: false });
  try {
    const { findings, errors } = await scanner.scan();
    return {
      findings: findings
        .filter(({ ruleId }) => ruleId === 'policy/overdue-audit')
        .map(({ severity, path, evidence }) => `${severity} ${path} ${JSON.stringify(evidence['id'])}`),
      errors: errors.map(({ path, message }) => `${path}: ${message}`),
    };
  } finally {
    await scanner.dispose();
  }
}

it('an audit that a hotfix owes is told of at its model until it is recorded, and a log that was cut is told of, too', async () => {
  writeFileSync(join(folder, 'weighbridge.yaml'), 'version: 1\npolicy:\n  audit-log: audit/decisions.jsonl\n');
  for (const name of ['churn', 'fraud', 'spam']) {
    mkdirSync(join(folder, 'models', name), { recursive: true });
    // Unpickling it does nothing, which is enough for a model.
    writeFileSync(join(folder, 'models', name, 'model.pkl'), Buffer.from([0x80, 2, 0x7d, 0x2e]));
  }
  const log = join(folder, 'audit', 'decisions.jsonl');
  const hotfix = (model: string, due: string) =>
    appendAuditEntry(log, {
      kind: 'gate',
      gate: 'hotfix',
      decision: 'allow',
      model: { path: model, digest: null },
      obligations: [{ kind: 'audit', due }],
    });
  await hotfix('models/churn', '2020-01-02T00:00:00.000Z');
  await hotfix('./models/fraud/', '2999-01-01T00:00:00.000Z');
  await hotfix('models/spam', '2020-01-02T00:00:00.000Z');
  await appendAuditEntry(log, { kind: 'audit-closed', audit: '3' });
  assert.deepEqual(await scan(), {
    findings: ['error models/churn "1"', 'info models/fraud "2"'],
    errors: [],
  });

  const text = readFileSync(log, 'utf8');
  writeFileSync(log, text.slice(0, text.indexOf('\n') + 1));
  const { findings, errors } = await scan();
  assert.deepEqual(findings, []);
  assert.match(errors[0] ?? '', /^audit\/decisions\.jsonl: the audit log .* is damaged/);
});
