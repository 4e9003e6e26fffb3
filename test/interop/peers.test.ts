import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { comparisonPage, countsBySet, scanners, type ComparedFile, type Verdict } from './comparison.ts';
import { libraryCorpus, libraryModels, sharedCorpus, type CorpusFile } from './corpus.ts';
import { runPython } from './python.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Finding {
  ruleId: string;
  severity: 'error' | 'warning' | 'info';
  message: string;
  path: string;
}

interface Judged extends CorpusFile {
  /** What this scanner says of it. */
  findings: Finding[];
  ours: Verdict;
  peers: Record<string, Verdict>;
}

const full = process.env['WEIGHBRIDGE_TEST_FULL'] === '1';
/** modelaudit takes a second a file: of the types of model that libraries write, every so many is compared. */
const modelsEach = full ? 1 : 6;

describe('picklescan, modelscan, fickling and modelaudit on the same files', () => {
  let workspace = '';
  let files: Judged[] = [];

  before(async () => {
    const models = (await libraryModels()).filter((_model, index) => index % modelsEach === 0);
    const corpus = [...sharedCorpus(), ...(await libraryCorpus()), ...models];
    workspace = mkdtempSync(path.join(tmpdir(), 'weighbridge-peers-'));
    for (const { file, name } of corpus) cpSync(file, path.join(workspace, name), { recursive: true });
    const [findings, peers] = await Promise.all([scanned(workspace), peersOn(workspace, corpus)]);
    files = corpus.map((entry) => {
      const own = findings.filter((finding) => finding.path === entry.name);
      return { ...entry, findings: own, ours: worst(own), peers: peers.get(entry.name) ?? {} };
    });
    report(files);
  });

  after(() => rmSync(workspace, { recursive: true, force: true }));

  it('every peer answers for every file', () => {
    const silent = files.filter(({ peers }) => Object.keys(peers).length < scanners.length - 1);
    assert.deepEqual(silent.map(name), []);
  });

  it('nothing that a peer calls dangerous, and that is not benign, passes without a finding', () => {
    const passed = files.filter(
      ({ expected, findings, peers }) =>
        (expected === 'dangerous' || expected === 'suspicious') &&
        Object.values(peers).includes('dangerous') &&
        findings.length === 0,
    );
    assert.deepEqual(passed.map(told), []);
  });

  it('every dangerous file is an error', () => {
    const missed = files.filter(({ expected, ours }) => expected === 'dangerous' && ours !== 'dangerous');
    assert.deepEqual(missed.map(told), []);
  });

  it('every suspicious file is a warning or an error', () => {
    const missed = files.filter((file) => file.expected === 'suspicious');
    assert.deepEqual(missed.filter(({ ours }) => ours !== 'dangerous' && ours !== 'suspicious').map(told), []);
  });

  it('no benign file raises a warning or an error', () => {
    const alarmed = files.filter(({ expected, ours }) => expected === 'clean' && ours !== 'clean');
    assert.deepEqual(alarmed.map(told), []);
  });
});

async function scanned(folder: string): Promise<Finding[]> {
  const args = ['scan', '.', '--format', 'json', '--fail-on', 'never', '--no-cache'];
  const program = path.join(repository, 'dist', 'weighbridge.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd: folder,
    maxBuffer: 256 << 20,
  });
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

async function peersOn(folder: string, corpus: CorpusFile[]): Promise<Map<string, Record<string, Verdict>>> {
  const byFile = new Map(corpus.map(({ name }) => [path.join(folder, name), name]));
  const answers = new Map<string, Record<string, Verdict>>(corpus.map((file) => [file.name, {}]));
  const input = [...byFile.keys()].join('\n');
  const outputs = [
    await runPython('peers.py', ['picklescan', 'modelscan', 'fickling'], input),
    await runPython('peers.py', ['modelaudit', 'modelaudit'], input, 'venv-modelaudit'),
  ];
  for (const line of outputs.join('').trimEnd().split('\n')) {
    const answer = JSON.parse(line) as { path: string; peer: string; verdict: Verdict };
    const verdicts = answers.get(byFile.get(answer.path) ?? '');
    if (verdicts) verdicts[answer.peer] = answer.verdict;
  }
  return answers;
}

function worst(findings: Finding[]): Verdict {
  if (findings.some(({ severity }) => severity === 'error')) return 'dangerous';
  return findings.some(({ severity }) => severity === 'warning') ? 'suspicious' : 'clean';
}

/** Prints the verdicts counted by what each file deserves, and leaves the page and the whole table as artefacts. */
function report(files: Judged[]): void {
  const rows: ComparedFile[] = files.map(({ name, expected, ours, peers }) => ({
    name,
    expected,
    verdicts: { weighbridge: ours, ...peers },
  }));
  console.log(`Verdicts: dangerous / suspicious / clean / error / skipped\n${countsBySet(rows)}`);
  const artifacts = path.join(repository, 'artifacts');
  mkdirSync(artifacts, { recursive: true });
  const page = readFileSync(path.join(repository, 'docs', 'comparison.md'), 'utf8');
  writeFileSync(path.join(artifacts, 'comparison.md'), comparisonPage(page, rows));
  const lines = rows.map(({ name, expected, verdicts }) => {
    return `| ${name} | ${expected} | ${scanners.map((scanner) => verdicts[scanner] ?? 'error').join(' | ')} |`;
  });
  const head = ['file', 'deserved', ...scanners];
  const table = [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines].join('\n');
  writeFileSync(path.join(artifacts, 'peers.md'), `# Verdicts\n\n${table}\n`);
}

function name(file: Judged): string {
  return file.name;
}

/** A line that tells a reader of the failure all there is to know. */
function told({ name, what, findings }: Judged): string {
  const said = findings.map(({ ruleId, severity, message }) => `${severity} ${ruleId}: ${message}`).join(' | ');
  return `${name} (${what}): ${said || 'nothing was said'}`;
}
