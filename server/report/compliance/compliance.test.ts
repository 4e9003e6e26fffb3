import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { defaultConfiguration } from '../../engine/configuration.ts';
import { complianceFacts } from '../../engine/complianceFacts.ts';
import { WorkspaceScanner } from '../../engine/workspaceScanner.ts';
import { appendAuditEntry } from '../../policy/auditLog.ts';
import { complianceReport, type ComplianceReport } from './complianceReport.ts';
import { controls } from './controls.ts';
import { complianceHtml } from './html.ts';
import { complianceMarkdown } from './markdown.ts';

const at = new Date('2026-03-01T00:00:00Z');

describe('the compliance report', () => {
  const folders: string[] = [];
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  async function reportOn(files: Record<string, string | Uint8Array>): Promise<ComplianceReport> {
    const folder = mkdtempSync(join(tmpdir(), 'weighbridge-report-'));
    folders.push(folder);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const configuration = defaultConfiguration(folder);
    configuration.policy = { ...configuration.policy, auditLog: join(folder, 'audit', 'log.jsonl') };
    if ('gate' in files) {
      await appendAuditEntry(join(folder, 'audit', 'log.jsonl'), {
        kind: 'gate',
        gate: 'hotfix',
        decision: 'allow',
        model: { path: 'models/churn', digest: null },
        obligations: [{ kind: 'audit', due: '2026-02-01T00:00:00.000Z' }],
      });
    }
    const scanner = new WorkspaceScanner({ base: folder, configuration, cache: false });
    try {
      const scan = await scanner.scan([folder]);
      return complianceReport('churn <b>', await complianceFacts(scan, folder, configuration, at.getTime()), at);
    } finally {
      await scanner.dispose();
    }
  }

  const stateOf = (report: ComplianceReport, id: string) => report.controls.find((control) => control.id === id)?.state;

  it('says of an empty folder that nothing can be seen, and not that all is well', async () => {
    const report = await reportOn({ 'README.md': 'Nothing yet.\n' });
    assert.equal(report.controls.length, 12);
    assert.deepEqual(report.counts, { met: 0, 'not-met': 0, unseen: 12 });
  });

  it('calls not met what a finding contradicts, and met what records show', async () => {
    // Unpickling it calls os.system.
    const pickle = Buffer.from('cos\nsystem\n(S"true"\ntR.', 'latin1');
    const report = await reportOn({
      'models/churn/model.pkl': pickle,
      gate: '',
      'runbooks/rollback.md': '# Roll back\n',
      'evidence/redteam.json': '{"schemaVersion":1,"decision":"pass","suiteSha256":"00"}',
      'churn.baseline.json': '{"schemaVersion":1,"kind":"drift-baseline","recordedAt":"2026-01-01"}',
      'alerts.yaml': 'groups: [{rules: [{expr: ml_drift_alarm == 1}]}]\n',
    });
    assert.equal(stateOf(report, 'safetensors-only'), 'not-met');
    assert.equal(stateOf(report, 'signing'), 'not-met');
    assert.equal(stateOf(report, 'gates'), 'not-met', 'an audit is overdue');
    assert.match(
      report.controls.find(({ id }) => id === 'gates')?.evidence.join(' ') ?? '',
      /owes an audit by 2026-02-01T00:00:00\.000Z, which has passed/,
    );
    assert.equal(stateOf(report, 'backdoors'), 'met');
    assert.equal(stateOf(report, 'drift'), 'met');
    assert.equal(stateOf(report, 'incident-runbook'), 'met');
    assert.equal(stateOf(report, 'endpoints'), 'unseen');
    const row = report.frameworks.find(({ name }) => name === 'EU AI Act')?.rows.find(({ findings }) => findings > 0);
    assert.ok(row, 'findings are mapped by the metadata of their rules');
  });

  it('is a page that loads nothing, runs nothing, and shows text of files as text', async () => {
    const report = await reportOn({
      'models/<img src=x onerror=alert(1)>/model.pkl': Buffer.from('cos\nsystem\n(tR.', 'latin1'),
    });
    const page = complianceHtml(report);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/);
    assert.doesNotMatch(page, /<script|<img|<link|onerror=alert\(1\)>\/|churn <b>/);
    assert.match(page, /aria-label="Controls: \d+ met, \d+ not met, \d+ cannot be seen from here"/);
    for (const { title } of controls) assert.ok(page.includes(title), title);
    const markdown = complianceMarkdown(report);
    assert.doesNotMatch(markdown, /<img|churn <b>/);
    assert.match(markdown, /It is no statement that a law or a standard is fulfilled/);
    assert.doesNotMatch(page + markdown, /\bcompliant\b/i);
  });

  it('is the same for the same files at the same time', async () => {
    const files = { 'models/a/model.pkl': Buffer.from('cos\nsystem\n(tR.', 'latin1') };
    const [one, two] = [await reportOn(files), await reportOn(files)];
    assert.equal(complianceHtml(one), complianceHtml(two));
    assert.equal(complianceMarkdown(one), complianceMarkdown(two));
  });
});
