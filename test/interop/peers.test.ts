import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { libraryCorpus, sharedCorpus, type CorpusFile } from './corpus.ts';
import { runPython } from './python.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

type Verdict = 'dangerous' | 'suspicious' | 'clean' | 'error' | 'skipped';

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

/** Formats that this version names without reading: there, only silence is a failure. */
const notReadYet = /^(keras|tf|onnx|gguf|text)\/|^nemo\/target_(popen|builtins)/;

describe('picklescan, modelscan and fickling on the same files', () => {
  let workspace = '';
  let files: Judged[] = [];

  before(async () => {
    const corpus = [...sharedCorpus(), ...(await libraryCorpus())];
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
    const silent = files.filter(({ peers }) => Object.keys(peers).length < 3);
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

  it('every dangerous file of the formats that are read is an error', () => {
    const missed = files.filter((file) => file.expected === 'dangerous' && !notReadYet.test(file.name));
    assert.deepEqual(missed.filter(({ ours }) => ours !== 'dangerous').map(told), []);
  });

  it('every suspicious file of the formats that are read is a warning or an error', () => {
    const missed = files.filter((file) => file.expected === 'suspicious' && !notReadYet.test(file.name));
    assert.deepEqual(missed.filter(({ ours }) => ours !== 'dangerous' && ours !== 'suspicious').map(told), []);
  });

  it('a dangerous file of a format that is not read yet is named as not inspected', () => {
    const missed = files.filter((file) => /^(keras|tf|onnx|gguf)\//.test(file.name) && file.expected !== 'clean');
    assert.deepEqual(missed.filter(({ findings }) => findings.length === 0).map(told), []);
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
  const output = await runPython('peers.py', [], [...byFile.keys()].join('\n'));
  for (const line of output.trimEnd().split('\n')) {
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

/** Prints the verdicts counted by what each file deserves, and leaves the whole table as an artefact. */
function report(files: Judged[]): void {
  const names = ['weighbridge', 'picklescan', 'modelscan', 'fickling'];
  const verdict = (file: Judged, scanner: string): Verdict =>
    scanner === 'weighbridge' ? file.ours : (file.peers[scanner] ?? 'error');
  const counts = (['dangerous', 'suspicious', 'clean', 'any'] as const).flatMap((expected) => {
    const group = files.filter((file) => file.expected === expected);
    if (group.length === 0) return [];
    const cells = names.map((scanner) =>
      (['dangerous', 'suspicious', 'clean', 'error', 'skipped'] as const)
        .map((kind) => group.filter((file) => verdict(file, scanner) === kind).length)
        .join(' / '),
    );
    return [`| ${expected} | ${group.length} | ${cells.join(' | ')} |`];
  });
  const head = (columns: string[]): string => `| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}`;
  const summary = [head(['deserved', 'files', ...names]), ...counts].join('\n');
  console.log(`Verdicts: dangerous / suspicious / clean / error / skipped\n${summary}`);
  const all = files.map((file) => {
    const verdicts = names.map((scanner) => verdict(file, scanner));
    return `| ${file.name} | ${file.expected} | ${verdicts.join(' | ')} |`;
  });
  mkdirSync(path.join(repository, 'artifacts'), { recursive: true });
  writeFileSync(
    path.join(repository, 'artifacts', 'peers.md'),
    `# Verdicts\n\ndangerous / suspicious / clean / error / skipped\n\n${summary}\n\n${head(['file', 'deserved', ...names])}\n${all.join('\n')}\n`,
  );
}

function name(file: Judged): string {
  return file.name;
}

/** A line that tells a reader of the failure all there is to know. */
function told({ name, what, findings }: Judged): string {
  const said = findings.map(({ ruleId, severity, message }) => `${severity} ${ruleId}: ${message}`).join(' | ');
  return `${name} (${what}): ${said || 'nothing was said'}`;
}
