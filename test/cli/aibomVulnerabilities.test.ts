import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { safetensors } from '../../server/aibom/modelFolder.fixture.ts';
import { weighbridge } from './weighbridge.ts';

interface Bom {
  vulnerabilities?: { id: string; source: { name: string }; affects: { ref: string }[] }[];
}

describe('vulnerabilities in bills of materials', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-aibom-osv-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'model'));
  writeFileSync(join(folder, 'model', 'model.safetensors'), safetensors({ w: [2, 2] }));
  writeFileSync(join(folder, 'model', 'requirements.txt'), 'torch==2.5.1\nnumpy==2.0.0\nexample_lib==1.0\nkeras>=3\n');

  const described = async (): Promise<[id: string, source: string, refs: string[]][]> => {
    const { code, stdout, stderr } = await weighbridge(folder, ['aibom', 'model']);
    assert.equal(code, 0, stderr);
    const { vulnerabilities = [] } = JSON.parse(stdout) as Bom;
    return vulnerabilities.map(({ id, source, affects }) => [id, source.name, affects.map(({ ref }) => ref)]);
  };

  it('names the known bugs of loading without any database, of exact versions alone', async () => {
    assert.deepEqual(await described(), [
      ['GHSA-53q9-r3pm-6pq6', 'Weighbridge: known bugs of loading', ['pkg:pypi/torch@2.5.1']],
      ['GHSA-63cw-57p8-fm3p', 'Weighbridge: known bugs of loading', ['pkg:pypi/torch@2.5.1']],
    ]);
  });

  it('names the advisories of a local OSV export, each once under whatever name, and none that was withdrawn', async () => {
    const advisory = (id: string, name: string, more: object = {}) =>
      writeFileSync(
        join(folder, 'osv', `${id}.json`),
        JSON.stringify({
          id,
          modified: '2026-01-01T00:00:00Z',
          summary: 'A bug',
          affected: [
            {
              package: { ecosystem: 'PyPI', name },
              ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '99' }] }],
            },
          ],
          ...more,
        }),
      );
    mkdirSync(join(folder, 'osv'));
    advisory('PYSEC-2026-1', 'Example.Lib');
    advisory('PYSEC-2026-2', 'example-lib', { withdrawn: '2026-02-01T00:00:00Z' });
    advisory('PYSEC-2025-41', 'torch', { aliases: ['CVE-2025-32434'] });
    writeFileSync(join(folder, 'weighbridge.yaml'), 'version: 1\nvulnerabilities:\n  osv: osv\n');
    assert.deepEqual(await described(), [
      ['GHSA-63cw-57p8-fm3p', 'Weighbridge: known bugs of loading', ['pkg:pypi/torch@2.5.1']],
      ['PYSEC-2025-41', 'OSV', ['pkg:pypi/torch@2.5.1']],
      ['PYSEC-2026-1', 'OSV', ['pkg:pypi/example-lib@1.0']],
    ]);
  });
});
