import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseWholePython } from '../../server/formats/text/python.ts';
import { rules } from '../../server/rules/index.ts';
import { advisoryRecords, auditedRequirements } from './advisories.fixture.ts';
import { pythonWithPackages, runPython } from './python.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Finding {
  ruleId: string;
  path: string;
  location: { line: number | null };
  evidence: Record<string, unknown>;
}

/** What another tool says of a place. */
interface Theirs {
  path: string;
  check: string;
  line: number | null;
  endLine: number | null;
  note: string;
}

/** A check of another tool, and the rules that look for the same. */
interface Pair {
  check: string;
  what: string;
  rules: string[];
}

const banditPairs: Pair[] = [
  { check: 'B202', what: 'tarfile.extractall', rules: ['load/archive-extractall'] },
  { check: 'B301', what: 'pickle and its like', rules: ['load/pickle-family'] },
  { check: 'B302', what: 'marshal', rules: ['load/pickle-family'] },
  { check: 'B501', what: 'verify=False', rules: ['fetch/insecure-transport'] },
  { check: 'B506', what: 'yaml.load', rules: ['load/yaml-unsafe'] },
  { check: 'B602', what: 'shell=True', rules: ['exec/shell-true'] },
  { check: 'B605', what: 'os.system', rules: ['exec/shell-true'] },
  { check: 'B614', what: 'torch.load', rules: ['load/torch-load-unsafe'] },
  {
    check: 'B615',
    what: 'hub without a revision',
    rules: ['pin/model-revision', 'pin/dataset-revision', 'load/trust-remote-code'],
  },
];

const checkovPairs: Pair[] = [
  { check: 'CKV_K8S_14', what: 'image without a fixed tag', rules: ['pin/container-image'] },
  { check: 'CKV_K8S_16', what: 'privileged container', rules: ['job/privileged'] },
  { check: 'CKV_K8S_17', what: 'host process IDs', rules: ['job/privileged'] },
  { check: 'CKV_K8S_18', what: 'host IPC', rules: ['job/privileged'] },
  { check: 'CKV_K8S_19', what: 'host network', rules: ['job/privileged'] },
  { check: 'CKV_K8S_27', what: 'socket of Docker', rules: ['job/privileged'] },
  { check: 'CKV_K8S_39', what: 'CAP_SYS_ADMIN', rules: ['job/privileged'] },
  { check: 'CKV_K8S_20', what: 'privilege escalation', rules: ['job/no-security-context'] },
  { check: 'CKV_K8S_23', what: 'root container', rules: ['job/no-security-context'] },
  { check: 'CKV_DOCKER_7', what: 'FROM latest', rules: ['pin/container-image'] },
  { check: 'CKV2_DOCKER_2', what: 'curl without certificates', rules: ['fetch/insecure-transport'] },
  { check: 'CKV2_DOCKER_3', what: 'wget without certificates', rules: ['fetch/insecure-transport'] },
  { check: 'CKV2_DOCKER_4', what: 'pip --trusted-host', rules: ['pin/python-deps'] },
  { check: 'CKV_SECRET_2', what: 'AWS access key', rules: ['secret/literal', 'job/secret-in-env'] },
  { check: 'CKV_SECRET_13', what: 'private key', rules: ['secret/literal', 'endpoint/inline-private-key'] },
];

const gixyPairs: Pair[] = [{ check: 'weak_ssl_tls', what: 'old TLS', rules: ['endpoint/plaintext-listener'] }];

/** Why a finding of bandit is none of ours: told by the call itself, and not by a list of places. */
const reasons: Record<string, readonly [note: string, why: string][]> = {
  B202: [
    ['members', 'members are filtered'],
    ['zip', 'it may be a zip archive'],
  ],
  B301: [['copy', 'what is unpickled was pickled in the same call']],
  B506: [['loader', 'BaseLoader builds no objects']],
  B602: [['computed', 'the command is not put together from values']],
  B614: [['spread', 'the option may come with the keywords']],
  B615: [
    ['computed', 'the name is computed, or that of a folder'],
    ['files', 'it reads files that are given to it'],
    ['spread', 'the revision may come with the keywords'],
  ],
};

describe('texts, as bandit, checkov, gixy-ng, pip-audit and Python’s own parser see them', () => {
  let folder = '';
  let ours: Finding[] = [];
  const tables: string[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-texts-'));
    writeExamples(path.join(folder, 'examples'));
    copyLibraries(path.dirname(path.dirname(await pythonWithPackages())), path.join(folder, 'libraries'));
    const args = ['scan', '.', '--format', 'json', '--fail-on', 'never', '--no-cache'];
    const program = path.join(repository, 'dist', 'weighbridge.cjs');
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
      cwd: folder,
      maxBuffer: 256 << 20,
    });
    ours = (JSON.parse(stdout) as { findings: Finding[] }).findings;
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.join(repository, 'artifacts'), { recursive: true });
    const page = `# Rules of texts beside other tools\n\n${tables.join('\n\n')}\n`;
    writeFileSync(path.join(repository, 'artifacts', 'text-scanners.md'), page);
    console.log(page);
  });

  async function ask<T>(tool: string, where: string): Promise<T> {
    return JSON.parse(await runPython('text_scanners.py', [tool, where], '', 'venv-text-scanners')) as T;
  }

  /** Those of a rule in a file; many rules tell of a file once. */
  const inFile = (file: string, ids: readonly string[]): Finding[] =>
    ours.filter((finding) => finding.path === file && ids.includes(finding.ruleId));

  /** Adds the table of a tool, and gives what it finds and nobody here does. */
  function compare(tool: string, pairs: readonly Pair[], theirs: readonly Theirs[], ends: RegExp): Theirs[] {
    const unsaid: Theirs[] = [];
    const rows = pairs.map(({ check, what, rules: ids }) => {
      const all = theirs.filter((each) => each.check === check);
      const both = all.filter(({ path: file }) => inFile(file, ids).length > 0);
      const explained = all.filter(
        (each) =>
          !both.includes(each) &&
          (isNearClean(each.path, ids) || (reasons[check] ?? []).some(([note]) => each.note.split(',').includes(note))),
      );
      const missed = all.filter((each) => !both.includes(each) && !explained.includes(each));
      unsaid.push(...missed);
      const files = new Set(all.map(({ path: file }) => file));
      const alone = new Set(
        ours
          .filter((each) => ids.includes(each.ruleId) && ends.test(each.path) && !files.has(each.path))
          .map((each) => each.path),
      );
      return [check, what, ids.join(', '), all.length, both.length, explained.length, missed.length, alone.size];
    });
    const others = new Map<string, number>();
    for (const { check } of theirs)
      if (!pairs.some((pair) => pair.check === check)) others.set(check, (others.get(check) ?? 0) + 1);
    const head = [
      'check',
      'what',
      'rules here',
      `found by ${tool}`,
      'both',
      'none of ours, with its reason',
      'missed here',
      'files found here alone',
    ];
    const counted = [...others].sort((a, b) => b[1] - a[1]).map(([check, count]) => `${check} ${count}`);
    tables.push(
      [
        `## ${tool}`,
        '',
        markdown([head, ...rows]),
        ...(counted.length > 0 ? ['', `Found by ${tool}, and looked for by no rule here: ${counted.join(', ')}.`] : []),
      ].join('\n'),
    );
    return unsaid;
  }

  it('bandit: what both can see is found here, in 190 files of libraries and in the examples', async () => {
    const theirs = await ask<Theirs[]>('bandit', folder);
    assert.ok(theirs.length > 300, `${theirs.length} findings of bandit`);
    assert.deepEqual(compare('bandit', banditPairs, theirs, /\.py$/), []);
  });

  it('checkov: what both can see is found here', async () => {
    const theirs = await ask<Theirs[]>('checkov', path.join(folder, 'examples'));
    assert.ok(theirs.length > 100, `${theirs.length} findings of checkov`);
    const there = theirs.map((each) => ({ ...each, path: `examples/${each.path}` }));
    assert.deepEqual(compare('checkov', checkovPairs, there, /\.(?:ya?ml|json)$|file$/i), []);
  });

  it('gixy-ng: what both can see is found here', async () => {
    const theirs = await ask<Theirs[]>('gixy', path.join(folder, 'examples'));
    assert.ok(theirs.length > 10, `${theirs.length} findings of gixy-ng`);
    const there = theirs.map((each) => ({ ...each, path: `examples/${each.path}` }));
    assert.deepEqual(compare('gixy-ng', gixyPairs, there, /\.conf$/), []);
  });

  it('pip-audit: the same advisories for the same packages, from the same records', async () => {
    const where = path.join(folder, 'audit');
    mkdirSync(path.join(where, 'osv'), { recursive: true });
    for (const record of advisoryRecords)
      writeFileSync(path.join(where, 'osv', `${record.id}.json`), JSON.stringify(record));
    writeFileSync(path.join(where, 'requirements.txt'), auditedRequirements);
    writeFileSync(path.join(where, 'weighbridge.yaml'), 'version: 1\nvulnerabilities:\n  osv: osv\n');
    const theirs = await ask<{ package: string; version: string; ids: string[][] }[]>('pip-audit', where);
    const program = path.join(repository, 'dist', 'weighbridge.cjs');
    const args = ['scan', 'requirements.txt', '--format', 'json', '--fail-on', 'never', '--no-cache'];
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { cwd: where });
    const found = (JSON.parse(stdout) as { findings: Finding[] }).findings.filter(
      ({ ruleId }) => ruleId === 'dependency/vulnerable',
    );
    const told = new Map(
      found.map(({ evidence }) => [String(evidence['package']), evidence['advisories'] as string[]]),
    );
    const rows = theirs.map(({ package: name, version, ids }) => {
      const own = told.get(name) ?? [];
      const same = ids.filter((names) => names.some((id) => own.includes(id)));
      return [
        name,
        version,
        ids.length,
        own.length,
        ids.length - same.length,
        own.filter((id) => !ids.some((names) => names.includes(id))).length,
      ];
    });
    tables.push(
      [
        '## pip-audit',
        '',
        markdown([
          ['package', 'version', 'advisories by pip-audit', 'by weighbridge', 'missed here', 'told here alone'],
          ...rows,
        ]),
      ].join('\n'),
    );
    assert.ok(
      rows.some((row) => row[2] !== 0) && rows.some((row) => row[2] === 0),
      'some are affected, and some are not',
    );
    assert.deepEqual(
      rows.filter((row) => row[4] !== 0),
      [],
      'nothing is missed',
    );
    assert.deepEqual(
      rows.filter((row) => row[5] !== 0),
      [],
      'nothing is told that pip-audit does not know',
    );
  });

  it('Python’s own parser: every call, at its place, with its keywords', async () => {
    const theirs = await ask<{ path: string; calls: [number, number, number, number, string[]][] }[]>('ast', folder);
    let [compared, read] = [0, 0];
    for (const { path: file, calls } of theirs) {
      const parsed = await parseWholePython(readFileSync(path.join(folder, file), 'utf8').replace(/^\uFEFF/, ''));
      // What holds nothing that a rule looks for is not parsed.
      if (parsed.calls.length === 0) continue;
      read++;
      const own = new Set(
        parsed.calls
          .filter(({ callee }) => callee !== 'dict')
          .map(({ range, keywords }) =>
            JSON.stringify([range.line, range.column, range.endLine, range.endColumn, Object.keys(keywords).sort()]),
          ),
      );
      const missing = calls.filter((call) => !own.has(JSON.stringify(call)) && !isDict(call, parsed.calls));
      assert.deepEqual(missing.slice(0, 3), [], file);
      compared += calls.length;
    }
    tables.push(
      [
        '## Python’s own parser',
        '',
        `${read} files, ${compared} calls: each is found here at the same place, with the same keywords.`,
      ].join('\n'),
    );
    assert.ok(read > 150 && compared > 20_000, `${read} files, ${compared} calls`);
  });
});

/** An example of a rule that is written so that the rule says nothing: its page says why. */
function isNearClean(file: string, ids: readonly string[]): boolean {
  return ids.some((id) => file.startsWith(`examples/${id}/prefer-`));
}

/** A call of `dict` itself. */
function isDict(
  call: readonly unknown[],
  calls: readonly { callee: string; range: { line: number; column: number } }[],
): boolean {
  return calls.some(({ callee, range }) => callee === 'dict' && range.line === call[0] && range.column === call[1]);
}

/** Every text of every rule page, and pods with one danger each. */
function writeExamples(folder: string): void {
  for (const { meta } of rules) {
    for (const [kind, examples] of [
      ['avoid', meta.avoid],
      ['prefer', meta.prefer],
    ] as const) {
      for (const [index, example] of examples.entries()) {
        for (const { file, text } of [example, ...(example.beside ?? [])]) {
          if (text === undefined) continue;
          const place = path.join(folder, meta.id, `${kind}-${index}`, file);
          mkdirSync(path.dirname(place), { recursive: true });
          writeFileSync(place, text);
        }
      }
    }
  }
  for (const [name, lines] of Object.entries(dangers)) {
    const place = path.join(folder, 'pods', name, 'deployment.yaml');
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, pod(lines));
  }
  const server = path.join(folder, 'servers', 'nginx.conf');
  mkdirSync(path.dirname(server), { recursive: true });
  writeFileSync(
    server,
    'http {\n  server {\n    listen 443 ssl;\n    ssl_protocols TLSv1 TLSv1.2;\n    ssl_ciphers HIGH;\n    location / { proxy_pass http://127.0.0.1:8000; }\n  }\n}\n',
  );
  const image = path.join(folder, 'pods', 'image', 'Dockerfile');
  mkdirSync(path.dirname(image), { recursive: true });
  writeFileSync(
    image,
    'FROM pytorch/pytorch:latest\nRUN curl -k https://example.org/a.sh -o a.sh\nRUN wget --no-check-certificate https://example.org/b.sh\nRUN pip install --trusted-host pypi.example.org torch==2.6.0\n',
  );
}

const dangers: Record<string, { pod?: string; container?: string }> = {
  privileged: { container: 'securityContext: {privileged: true}' },
  processes: { pod: 'hostPID: true' },
  memory: { pod: 'hostIPC: true' },
  network: { pod: 'hostNetwork: true' },
  socket: { pod: 'volumes: [{name: d, hostPath: {path: /var/run/docker.sock}}]' },
  capability: { container: 'securityContext: {capabilities: {add: [SYS_ADMIN]}}' },
  escalation: { container: 'securityContext: {allowPrivilegeEscalation: true}' },
  root: { container: 'securityContext: {runAsUser: 0, runAsNonRoot: false}' },
  untagged: { container: 'workingDir: /work' },
};

function pod({ pod: own, container }: { pod?: string; container?: string }): string {
  const image = container === 'workingDir: /work' ? 'example/train' : 'example/train:1.4.2';
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: train\nspec:\n  selector: {matchLabels: {app: train}}\n  template:\n    metadata: {labels: {app: train}}\n    spec:\n${own ? `      ${own}\n` : ''}      containers:\n        - name: train\n          image: ${image}\n${container ? `          ${container}\n` : ''}`;
}

/** Python of the libraries that the tests install anyway: what loads, unpacks or starts something. */
function copyLibraries(environment: string, folder: string): void {
  const lib = path.join(environment, 'lib');
  const version = readdirSync(lib).find((name) => name.startsWith('python3')) ?? '';
  const packages = path.join(lib, version, 'site-packages');
  const telling =
    /torch\.load|pickle\.loads?\(|yaml\.load|shell=True|verify=False|extractall|read_pickle|load_dataset\(|marshal\.load|os\.system/;
  const chosen = [
    'transformers',
    'joblib',
    'accelerate',
    'skl2onnx',
    'modelscan',
    'picklescan',
    'fickling',
    'keras',
    'xgboost',
    'lightgbm',
    'onnx',
  ];
  for (const name of chosen) {
    for (const file of readdirSync(path.join(packages, name), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.py')) continue;
      const from = path.join(packages, name, file);
      if (!telling.test(readFileSync(from, 'utf8'))) continue;
      const to = path.join(folder, name, file);
      mkdirSync(path.dirname(to), { recursive: true });
      cpSync(from, to);
    }
  }
}

function markdown(rows: readonly (readonly (string | number)[])[]): string {
  const [head = [], ...rest] = rows;
  return [head, head.map(() => '---'), ...rest].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
