import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { weighbridge } from './weighbridge.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-texts-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

interface Report {
  findings: { ruleId: string; path: string; severity: string; location: { line: number | null } }[];
  posture: {
    path: string;
    line: number;
    product: string;
    controls: Record<string, { state: string; line: number | null }>;
  }[];
}

async function scan(...args: string[]): Promise<{ report: Report; code: number | null }> {
  const { stdout, code } = await weighbridge(folder, ['scan', '--format', 'json', '--no-cache', ...args]);
  return { report: JSON.parse(stdout) as Report, code };
}

describe('texts on the command line', () => {
  write(
    'serve/nginx.conf',
    'http {\n  server {\n    listen 80;\n    location / { proxy_pass http://127.0.0.1:1; }\n  }\n}\n',
  );
  write('req/requirements.txt', 'torch==2.3.0\nflask==1.0\n');
  write('req/load.py', 'import torch\n\nstate = torch.load("a.pt")\n');
  write(
    'osv/a.json',
    JSON.stringify({ id: 'GHSA-x', affected: [{ package: { ecosystem: 'PyPI', name: 'Flask' }, versions: ['1.0'] }] }),
  );

  test('the posture stands in the JSON, and as a table in the text', async () => {
    const { report } = await scan('serve');
    const [endpoint] = report.posture;
    assert.deepEqual([endpoint?.path, endpoint?.line, endpoint?.product], ['serve/nginx.conf', 2, 'nginx']);
    assert.equal(endpoint?.controls['authentication']?.state, 'not-visible');
    const { stdout } = await weighbridge(folder, ['scan', '--no-cache', 'serve']);
    assert.match(stdout, /^serve\/nginx\.conf:2 {2}nginx server 80 +- +- +- /m);
  });

  test('torch.load is judged by the version that stands beside it', async () => {
    const { report } = await scan('req');
    const found = report.findings.filter(({ path: file }) => file === 'req/load.py');
    assert.deepEqual(
      found.map(({ ruleId, severity }) => [ruleId, severity]),
      [['load/torch-load-unsafe', 'warning']],
    );
  });

  test('a local OSV export adds to what is known; one that is not there ends the scan', async () => {
    const vulnerable = (report: Report) =>
      report.findings.filter(({ ruleId }) => ruleId === 'dependency/vulnerable').length;
    assert.equal(vulnerable((await scan('req')).report), 1);
    write('weighbridge.yaml', 'version: 1\nvulnerabilities:\n  osv: osv\n');
    assert.equal(vulnerable((await scan('req')).report), 2);
    write('weighbridge.yaml', 'version: 1\nvulnerabilities:\n  osv: nothing\n');
    const { code, stderr } = await weighbridge(folder, ['scan', 'req']);
    assert.equal(code, 2);
    assert.match(stderr, /^weighbridge: there is no OSV export .*nothing; fetch it/);
    rmSync(path.join(folder, 'weighbridge.yaml'));
  });

  test('remarks with a reason are counted', async () => {
    write(
      'remark/a.py',
      'import pickle\n# weighbridge: ignore[load/pickle-family] our own cache\nx = pickle.load(f)\n',
    );
    const { stdout, code } = await weighbridge(folder, ['scan', '--no-cache', '--fail-on', 'warning', 'remark']);
    assert.equal(code, 0);
    assert.match(stdout, /1 finding accepted by remarks/);
  });

  test('fifty megabytes end at a limit that is told, and at once', async () => {
    write('large/a.yaml', `image: a\n${'- [a, b, c]\n'.repeat(4_400_000)}`);
    const { report, code } = await scan('large');
    assert.equal(code, 0);
    assert.deepEqual(
      report.findings.map(({ ruleId }) => ruleId),
      ['file/incomplete'],
    );
    rmSync(path.join(folder, 'large'), { recursive: true });
  });
});
