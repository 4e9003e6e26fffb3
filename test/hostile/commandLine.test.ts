import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { hardFiles } from './hardFiles.ts';
import { dangerousListings } from './subjects.ts';

const program = fileURLToPath(new URL('../../dist/weighbridge.mjs', import.meta.url));

interface Report {
  artifacts: { path: string; complete: boolean }[];
  findings: { path: string; severity: string; ruleId: string; message: string }[];
}

describe('weighbridge scan on a hostile folder', () => {
  let folder = '';
  let report: Report = { artifacts: [], findings: [] };
  let complaints = '';

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-hostile-'));
    for (const { name, bytes } of hardFiles()) writeFileSync(path.join(folder, name), bytes);
    const call = assemblePickle(dangerousListings['protocol 2'] ?? '');

    const deep = path.join(folder, ...Array<string>(60).fill('deeper'));
    mkdirSync(deep, { recursive: true });
    writeFileSync(path.join(deep, 'model.pkl'), call);
    symlinkSync('..', path.join(deep, 'loop'));
    symlinkSync('.', path.join(folder, 'itself'));
    symlinkSync('nowhere.pkl', path.join(folder, 'dangling.pkl'));
    writeFileSync(path.join(folder, 'line\nbreak and "quotes".pkl'), call);
    if (process.platform !== 'win32') execFileSync('mkfifo', [path.join(folder, 'pipe.pkl')]);

    // Sparse: 20 GB that take no space, behind a call that counts.
    writeFileSync(path.join(folder, 'sparse.pkl'), call);
    truncateSync(path.join(folder, 'sparse.pkl'), 20 * 2 ** 30);

    const levels = Array.from(
      { length: 40 },
      (_, level) =>
        `l${level}: &l${level} [${Array(9)
          .fill(`*l${level - 1}`)
          .join(', ')}]`,
    );
    writeFileSync(path.join(folder, 'laughs.yaml'), ['l: &l-1 [lol]', ...levels.slice(1)].join('\n'));
    writeFileSync(path.join(folder, 'deep.yaml'), `model: ${'['.repeat(50_000)}`);
    writeFileSync(path.join(folder, 'deep.json'), `{"model": ${'['.repeat(200_000)}`);
    writeFileSync(path.join(folder, 'deep.py'), `x = ${'('.repeat(20_000)}`);
    writeFileSync(path.join(folder, 'long.yaml'), `model: ${'a'.repeat(5 << 20)}`);

    const run = await scan(folder);
    complaints = run.stderr;
    assert.equal(run.code, 1, complaints);
    report = JSON.parse(run.stdout) as Report;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('ends without a stack', () => {
    assert.doesNotMatch(complaints, /^\s+at /m);
  });

  it('finds the call however it is hidden in the tree', () => {
    const errors = new Set(
      report.findings.filter(({ severity }) => severity === 'error').map((finding) => finding.path),
    );
    const deep = `${'deeper/'.repeat(60)}model.pkl`;
    for (const expected of [deep, 'line\nbreak and "quotes".pkl', 'sparse.pkl']) {
      assert.ok(errors.has(expected), `no error for ${JSON.stringify(expected)}`);
    }
  });

  it('meets no file twice', () => {
    const paths = report.artifacts.map((artifact) => artifact.path);
    assert.equal(new Set(paths).size, paths.length);
    assert.ok(paths.every((one) => !one.includes('loop/') && !one.startsWith('itself/')));
  });

  it('says of every file that was not read whole what could not be read', () => {
    const incomplete = report.artifacts.filter(({ complete }) => !complete);
    assert.ok(incomplete.length > 0);
    for (const artifact of incomplete) {
      assert.ok(
        report.findings.some((finding) => finding.path === artifact.path),
        artifact.path,
      );
    }
  });
});

/** With a heap that holds no model. */
function scan(folder: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = ['--max-old-space-size=200', program, 'scan', '.', '--format', 'json', '--no-cache'];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: folder, maxBuffer: 64 << 20, timeout: 240_000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
