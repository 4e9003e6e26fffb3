// `npm run bench`: what Weighbridge and its peers cost on the same files, in turn, in one run. It asserts nothing.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { pythonWithPackages } from '../interop/python.ts';
import { benchAdmission } from './admission.ts';
import { benchAibom } from './aibom.ts';
import { benchDatasets } from './datasets.ts';
import { benchFleet } from './fleet.ts';
import { benchKeystrokes } from './keystrokes.ts';
import { TimedServer } from './languageServer.ts';
import { benchPolicy } from './policy.ts';
import { compare, medianOf, type Cost, type Measured } from './measure.ts';
import { benchRegisters } from './registers.ts';
import { benchScans } from './scans.ts';
import { benchServerMemory } from './serverMemory.ts';
import { benchSigning } from './signing.ts';
import { benchTexts } from './texts.ts';
import { markdownTable, memoryGoal, opcodesGoal, ratioGoal, type Goal, type Row } from './table.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, '..', '..');
const weighbridge = [process.execPath, path.join(repository, 'dist', 'weighbridge.cjs')];
const rounds = Number(process.argv[2] ?? 5);
/** Parts to measure: all of them, or those that are named. */
const parts = process.argv.slice(3);
const allParts = [
  'scan',
  'convert',
  'server',
  'typing',
  'memory',
  'signing',
  'registers',
  'aibom',
  'datasets',
  'models',
  'policy',
  'texts',
  'fleet',
  'admission',
];
/** Parts that write what they measure themselves. */
const ownFiles = ['typing', 'memory', 'texts', 'fleet', 'admission'];
const unknown = parts.filter((part) => !allParts.includes(part));
if (unknown.length > 0 || !(rounds >= 1)) {
  console.error(
    `npm run bench -- [RUNS [PART...]], with ${allParts.join(', ')}; there is no ${unknown.join(', ') || process.argv[2]}`,
  );
  process.exit(2);
}
const measures = (part: string): boolean => parts.length === 0 || parts.includes(part);
// modelaudit tells its makers of every run, unless it is asked not to.
for (const name of ['PROMPTFOO_DISABLE_TELEMETRY', 'NO_ANALYTICS', 'DO_NOT_TRACK']) process.env[name] = '1';

const python = await pythonWithPackages();
const modelaudit = path.join(path.dirname(await pythonWithPackages('venv-modelaudit')), 'modelaudit');
const peer = (name: string): string => path.join(path.dirname(python), name);
const folder = mkdtempSync(path.join(os.tmpdir(), 'weighbridge-bench-'));
const basicPeers = ['picklescan', 'modelscan', 'fickling'];
const rows: Row[] = [];
try {
  if (parts.length === 0 || parts.some((part) => !ownFiles.includes(part))) {
    console.error('writing 800 MB of files ...');
    execFileSync(python, [path.join(here, 'make_bench_files.py'), folder]);
  }
  if (measures('texts')) {
    console.error('texts ...');
    rows.push(...(await benchTexts({ folder, python, weighbridge, rounds })));
  }
  if (measures('scan')) await scans();
  if (measures('convert')) await convert();
  if (measures('server')) await languageServer();
  if (measures('typing')) {
    console.error('typing ...');
    rows.push(...(await benchKeystrokes(folder, weighbridge)));
  }
  if (measures('memory')) {
    console.error('memory of the server ...');
    rows.push(...(await benchServerMemory(folder, python, path.join(repository, 'dist'))));
  }
  if (measures('signing')) await signing();
  if (measures('registers')) await registers();
  if (measures('aibom')) {
    console.error('bills of materials ...');
    rows.push(...(await benchAibom({ folder, python, weighbridge, rounds })));
  }
  if (measures('datasets')) {
    console.error('data ...');
    rows.push(...(await benchDatasets({ folder, weighbridge, rounds })));
  }
  if (measures('models')) {
    console.error('scans of models ...');
    // Each round takes a minute.
    rows.push(...(await benchScans({ python, weighbridge, rounds: Math.min(rounds, 3) })));
  }
  if (measures('policy')) {
    console.error('policies ...');
    rows.push(...(await benchPolicy({ folder, python, weighbridge, rounds })));
  }
  if (measures('fleet')) {
    console.error('fleets of one, two and four workers ...');
    rows.push(...(await benchFleet(folder)));
  }
  if (measures('admission')) {
    console.error('admission under load ...');
    rows.push(...(await benchAdmission(folder)));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const table = markdownTable(rows);
console.log(
  `\n${table}\n\nMedian of ${rounds} runs; ${os.cpus().length} x ${os.cpus()[0]?.model.trim()}, Node ${process.version}.`,
);
mkdirSync(path.join(repository, 'artifacts'), { recursive: true });
writeFileSync(
  path.join(repository, 'artifacts', 'bench.json'),
  `${JSON.stringify({ schemaVersion: 1, node: process.version, processors: os.cpus().length, rounds, rows }, null, 2)}\n`,
);

async function scans(): Promise<void> {
  await scan('200 small files', 'small', { goal: (ours, peers) => ratioGoal(3, ours, peers) });
  await scan('500 MB PyTorch zip', 'large.pt', {
    among: ['picklescan', 'modelscan', 'fickling', 'modelaudit'],
    goal: (ours, peers) => ratioGoal(10, ours, peers, 'modelaudit'),
  });
  await scan('300 MB raw pickle', 'large.pkl');
  await scan('12 MB pickle of 5.6 million opcodes', 'opcodes.pkl', {
    goal: (ours) => opcodesGoal(30, 5.6e6, ours),
  });
  await scan('5,000 mixed files', 'mixed', { among: ['picklescan', 'modelscan'] });
  await scan('PyTorch zip of 100,000 tensors', 'tensors.pt', { among: ['picklescan', 'modelscan'] });
  await scan('safetensors of 100,000 tensors', 'tensors.safetensors', { among: [] });
}

interface ScanJob {
  /** The peers that take part; another one would need minutes for it, or reads no such file. */
  among?: string[];
  /** What is wanted beside the bound of memory. */
  goal?: (ours: Measured, peers: Record<string, Measured>) => Goal;
}

async function scan(job: string, name: string, { among = basicPeers, goal }: ScanJob = {}): Promise<void> {
  console.error(`${job} ...`);
  const target = path.join(folder, name);
  const peerCommands: Record<string, string[]> = {
    picklescan: [peer('picklescan'), '-p', target],
    modelscan: [peer('modelscan'), '-p', target],
    fickling: [python, path.join(here, 'peer_scan.py'), target],
    modelaudit: [modelaudit, 'scan', '--no-cache', '--format', 'json', target],
  };
  const takePart = Object.entries(peerCommands).filter(([one]) => among.includes(one));
  const { ours, ...peers } = await compare(
    python,
    { ours: [...weighbridge, 'scan', target, '--no-cache', '--fail-on', 'never'], ...Object.fromEntries(takePart) },
    // modelaudit reads every tensor: minutes.
    among.includes('modelaudit') ? Math.min(rounds, 2) : rounds,
    undefined,
    // modelscan ends with 2 after an error of its own and with 3 when it knows no file.
    [0, 1, 2, 3],
  );
  rows.push({ job: `scan: ${job}`, ours, peers, goals: [...(goal ? [goal(ours, peers)] : []), memoryGoal(ours)] });
}

async function convert(): Promise<void> {
  console.error('conversion ...');
  const from = path.join(folder, 'large.pt');
  const to = path.join(folder, 'large.safetensors');
  const { ours, ...peers } = await compare(
    python,
    {
      ours: [...weighbridge, 'convert', from, '--out', to],
      'torch.load + save_file': [python, path.join(here, 'convert_with_torch.py'), from, to],
    },
    Math.max(1, Math.ceil(rounds / 2)),
    () => rmSync(to, { force: true }),
    [0],
  );
  rows.push({ job: 'convert: 500 MB PyTorch zip', ours, peers, goals: [memoryGoal(ours)] });
}

async function registers(): Promise<void> {
  console.error('data against what DVC recorded ...');
  const scratch = path.join(folder, 'registers');
  mkdirSync(scratch);
  const dvc = await pythonWithPackages('venv-registers');
  const inTurn = Math.min(rounds, 3);
  rows.push(...(await benchRegisters({ folder: scratch, python, dvc, weighbridge, rounds: inTurn })));
}

async function signing(): Promise<void> {
  console.error('verification of 2 GB of signed files ...');
  const scratch = path.join(folder, 'signed');
  mkdirSync(scratch);
  process.env['XDG_CACHE_HOME'] = path.join(scratch, 'cache');
  // In CI digests are never taken from the cache, which is what is measured.
  delete process.env['CI'];
  const reference = await pythonWithPackages('venv-signing');
  const inTurn = Math.min(rounds, 3);
  rows.push(...(await benchSigning({ folder: scratch, python, reference, weighbridge, rounds: inTurn })));
}

async function languageServer(): Promise<void> {
  console.error('language server ...');
  const workspace = path.join(folder, 'workspace');
  cpSync(path.join(repository, 'examples'), workspace, { recursive: true });
  const config = path.join(workspace, 'training', 'train.yaml');
  const text = readFileSync(config, 'utf8');
  const starts: Cost[] = [];
  const keystrokes: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    let begun = performance.now();
    const server = new TimedServer([...weighbridge, 'lsp', '--stdio']);
    await server.firstDiagnostics(workspace);
    starts.push({ seconds: (performance.now() - begun) / 1000, cpuSeconds: Number.NaN, peakBytes: server.peakBytes() });
    const type = await server.type(config, 'yaml');
    for (let version = 2; version < 22; version++) {
      begun = performance.now();
      // Everything moves down a line: what did not change, a server need not send again.
      await type(`${'# typed\n'.repeat(version)}${text}`, version);
      keystrokes.push({
        seconds: (performance.now() - begun) / 1000,
        cpuSeconds: Number.NaN,
        peakBytes: server.peakBytes(),
      });
    }
    await server.stop();
  }
  rows.push({ job: 'server start to first diagnostics', ours: medianOf(starts), peers: {} });
  rows.push({ job: 'keystroke to diagnostics', ours: medianOf(keystrokes), peers: {} });
}
