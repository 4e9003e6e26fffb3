import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WorkspaceScanner } from '../../server/engine/workspaceScanner.ts';
import { defaultConfiguration } from '../../server/engine/configuration.ts';

/** Small files with the verdict that each deserves; a clone that stands alone does not have them. */
const corpus = fileURLToPath(new URL('../../../shared/data/model-files', import.meta.url));

if (existsSync(join(corpus, 'manifest.tsv'))) {
  test('every file of the corpus gets the verdict that it deserves', async () => {
    const scanner = new WorkspaceScanner({ base: corpus, configuration: defaultConfiguration(corpus), cache: false });
    const report = await scanner.scan();
    await scanner.dispose();
    const rows = readFileSync(join(corpus, 'manifest.tsv'), 'utf8').trim().split('\n').slice(1);
    const wrong: string[] = [];
    for (const row of rows) {
      const [path = '', deserved = '', why = ''] = row.split('\t');
      const severities = new Set(
        report.findings.filter((finding) => finding.path === path).map((finding) => finding.severity),
      );
      const right =
        deserved === 'dangerous'
          ? severities.has('error')
          : deserved === 'suspicious'
            ? severities.has('error') || severities.has('warning')
            : !severities.has('error') && !severities.has('warning');
      if (!right) wrong.push(`${path}: ${deserved} (${why}), found ${[...severities].join(', ') || 'nothing'}`);
    }
    assert.deepEqual(wrong, []);
    assert.ok(rows.length > 100);
  });
}
