import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { defaultConfiguration } from '../../server/engine/configuration.ts';
import { WorkspaceScanner } from '../../server/engine/workspaceScanner.ts';
import type { Finding } from '../../server/rules/finding.ts';

/** Registers that somebody wrote to break, slow down or fool their reader. */
const hostile: Record<string, string> = {
  'prototype.dvc':
    'outs:\n- __proto__: {md5: x}\n  constructor: 1\n  path: __proto__\n  md5: 4c176a5d418613c562f4ea298ad505a1\n',
  'outside.dvc': 'wdir: /etc\nouts:\n- path: passwd\n  hash: md5\n  md5: 00000000000000000000000000000000\n',
  'climbing.dvc': 'outs:\n- path: ../../../../../../etc/passwd\n  hash: md5\n  md5: 00000000000000000000000000000000\n',
  'linked.dvc': 'outs:\n- path: link\n  hash: md5\n  md5: 00000000000000000000000000000000\n',
  'nul.dvc': 'outs:\n- path: "a\\0b"\n  md5: 00000000000000000000000000000000\n',
  'itself.dvc': 'outs:\n- path: itself.dvc\n  hash: md5\n  md5: 00000000000000000000000000000000\n',
  'alias.dvc': `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nouts: *c\n`,
  'wrong-types.dvc': 'outs:\n- path: [1]\n  md5: {a: b}\n  size: "many"\n  nfiles: -1e999\ndeps: 7\nwdir: [x]\n',
  'dvc.lock': `schema: '2.0'\nstages:\n${Array.from({ length: 5000 }, (_, index) => `  s${index}:\n    cmd: x\n    outs:\n    - path: p${index}\n      md5: 0\n`).join('')}`,
  'dvc.yaml': 'stages: [1, 2, {outs: x}]\n',
  'a/provenance.json': JSON.stringify({
    schemaVersion: 1,
    datasets: Array.from({ length: 3000 }, () => ({
      path: '..',
      hash: { algorithm: 'sha256-tree', digest: '0'.repeat(64) },
    })),
  }),
  'b/provenance.json': `{"schemaVersion":1,"datasets":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  'c/provenance.json': '{"schemaVersion":1,"datasets":[{"path":"x","hash":{"algorithm":"sha256","digest":"',
  'croissant.json': JSON.stringify({
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.0',
    distribution: { '@type': 'cr:FileObject', contentUrl: 'x'.repeat(100_000), sha256: 'y'.repeat(1_000_000) },
  }),
  'datapackage.json': '{"resources":{"path":"a","hash":12}}',
  'dataset-metadata.json': '{"id":{},"licenses":"x","resources":[null,1,{"path":5}]}',
  'dataset_infos.json': '{"x":{"download_checksums":{"u":{"checksum":{}}},"features":1}}',
  'README.md': `---\npretty_name: x\nconfigs: ${'['.repeat(300)}${']'.repeat(300)}\n---\n`,
  'mlruns/0/datasets/1/meta.yaml': `digest: x\nsource: '${'{"uri":'.repeat(2000)}'\nsource_type: local\n`,
  'event.json': '{"eventTime":1,"run":{"runId":2},"job":{"name":"x"},"inputs":{"name":{"a":1}},"outputs":"x"}',
  'train.yaml': `datasets:\n${Array.from({ length: 2000 }, (_, index) => `  - path: ${'../'.repeat(index % 70)}a\n`).join('')}`,
  'secret.yaml': 'datasets:\n  - path: link\n  - path: /etc/passwd\n  - path: file:///etc/passwd\n',
};

describe('hostile registers', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'weighbridge-registers-'));
  const base = path.join(root, 'deep', 'in', 'here');
  after(() => rmSync(root, { recursive: true, force: true }));

  it('none of them stops the scan, is followed out of the folder, or hides another', { timeout: 300_000 }, async () => {
    for (const [name, text] of Object.entries(hostile)) {
      mkdirSync(path.dirname(path.join(base, name)), { recursive: true });
      writeFileSync(path.join(base, name), text);
    }
    writeFileSync(path.join(root, 'secret'), 'not for you\n');
    symlinkSync(path.join(root, 'secret'), path.join(base, 'link'));
    writeFileSync(path.join(base, 'good.csv'), 'a\n');
    writeFileSync(
      path.join(base, 'good.csv.dvc'),
      'outs:\n- path: good.csv\n  hash: md5\n  md5: 00000000000000000000000000000000\n',
    );
    const scanner = new WorkspaceScanner({ base, configuration: defaultConfiguration(base), cache: false, jobs: 1 });
    let findings: Finding[];
    try {
      const report = await scanner.scan();
      assert.deepEqual(report.errors, []);
      findings = report.findings;
    } finally {
      await scanner.dispose();
    }
    const mismatches = findings
      .filter(({ ruleId }) => ruleId === 'dataset/hash-mismatch')
      .map(({ path: where }) => where);
    assert.ok(mismatches.includes('good.csv.dvc'));
    for (const name of ['outside.dvc', 'climbing.dvc', 'linked.dvc', 'nul.dvc'])
      assert.ok(!mismatches.includes(name), name);
    // Neither the digest nor a word of what lies outside is told to anybody.
    for (const { message } of findings) {
      assert.doesNotMatch(message, /not for you|root:x|passwd is not what/);
      assert.ok(message.length < 5000, message.slice(0, 200));
    }
    assert.deepEqual(
      findings.filter(({ path: where, ruleId }) => where === 'secret.yaml' && ruleId.startsWith('dataset/')),
      [],
    );
    assert.equal(
      findings.filter(({ ruleId, path: where }) => ruleId === 'dataset/record-incomplete' && where.startsWith('a/'))
        .length,
      100,
    );
    const invalid = findings
      .filter(({ ruleId }) => ruleId === 'dataset/invalid-record')
      .map(({ path: where }) => where);
    assert.ok(invalid.includes('c/provenance.json'));
  });
});
