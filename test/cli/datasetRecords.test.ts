import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { weighbridge as run, type Outcome } from './weighbridge.ts';

const csv = 'text,label\nhi,1\n';
const sha256 = '602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630';

/** A repository of nobody in particular: who takes data in comes from the environment alone. */
function repository(context: TestContext, files: Record<string, string | Uint8Array>) {
  const workspace = makeWorkspace(context, files);
  mkdirSync(workspace.path('.git'));
  const home = { HOME: workspace.root, SOURCE_DATE_EPOCH: '1780308000', GITHUB_ACTIONS: '', GITLAB_CI: '' };
  const environment = { ...home, GIT_AUTHOR_NAME: '', GIT_AUTHOR_EMAIL: '' };
  const weighbridge = (args: string[], more: NodeJS.ProcessEnv = {}): Promise<Outcome> =>
    run(workspace.root, args, { ...environment, ...more });
  const record = (path = 'data/provenance.json') =>
    (JSON.parse(readFileSync(workspace.path(path), 'utf8')) as { datasets: Record<string, unknown>[] }).datasets;
  return { ...workspace, weighbridge, record };
}

test('register writes what is given, and says what is still open; verify compares it', async (context) => {
  const { weighbridge, record, write } = repository(context, { 'data/train.csv': csv });
  const first = await weighbridge(['dataset', 'register', 'data/train.csv', '--by', 'Ada', '--untransformed']);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^registered data\/train\.csv: data\/provenance\.json\n/);
  assert.match(first.stdout, /Still open: say --update with --source URI, --validated CHECK\./);
  assert.deepEqual(record(), [
    {
      path: 'train.csv',
      source: null,
      ingestedBy: { agent: 'Ada', at: '2026-06-01T10:00:00Z' },
      validatedAt: null,
      transforms: 'none',
      hash: { algorithm: 'sha256', digest: sha256, size: 16 },
    },
  ]);
  assert.equal((await weighbridge(['dataset', 'verify'])).code, 0);

  const again = await weighbridge(['dataset', 'register', 'data/train.csv']);
  assert.deepEqual([again.code, again.stderr.split('\n').length], [2, 2]);
  assert.match(again.stderr, /registered already .* --update/);

  const filled = [
    '--source',
    'https://example.org/v3',
    '--licence',
    'CC0-1.0',
    '--validated',
    'read it',
    '--valid-until',
    '2027-01-01',
  ];
  const classified = ['--classification', 'regulated', '--personal-data', 'personal', '--legal-basis', 'contract'];
  await weighbridge(['dataset', 'register', 'data/train.csv', '--update', ...filled, ...classified]);
  const [complete] = record();
  assert.deepEqual(complete?.['validatedAt'], {
    at: '2026-06-01T10:00:00Z',
    check: 'read it',
    result: 'passed',
    until: '2027-01-01T00:00:00Z',
  });
  assert.deepEqual(complete['classification'], {
    level: 'regulated',
    personalData: 'personal',
    legalBasis: 'contract',
  });
  assert.deepEqual(complete['ingestedBy'], { agent: 'Ada', at: '2026-06-01T10:00:00Z' });

  write('data/train.csv', csv.replace('1\n', '0\n'));
  const wrong = await weighbridge(['dataset', 'verify', 'data', '--format', 'json']);
  assert.equal(wrong.code, 1);
  const report = JSON.parse(wrong.stdout) as {
    datasets: { path: string; state: string; records: { line: number }[] }[];
  };
  assert.deepEqual(
    report.datasets.map(({ path, state }) => [path, state]),
    [['data/train.csv', 'mismatch']],
  );
  // Other bytes: what was found out about the old ones is gone, and who takes in the new ones has to be said.
  const changed = await weighbridge(['dataset', 'register', 'data/train.csv', '--update', '--by', 'Bob']);
  assert.match(changed.stdout, /validated\s+not yet/);
  assert.equal(record()[0]?.['validatedAt'], null);
  assert.deepEqual(record()[0]?.['source'], { uri: 'https://example.org/v3', licence: 'CC0-1.0' });
});

test('several files of a folder share a record, and a folder has its own, which sha256sum can compute', async (context) => {
  const { root, path, weighbridge, record } = repository(context, {
    'data/b.csv': 'b',
    'data/a.csv': 'a',
    'images/cat/1.png': 'x',
    'images/é "q"\\back.png': 'y',
    'images/\u{1f600}.png': 'z',
    'images/\uffee.png': 'w',
  });
  for (const name of ['data/b.csv', 'data/a.csv', 'images'])
    assert.equal((await weighbridge(['dataset', 'register', name])).code, 0);
  assert.deepEqual(
    record().map((each) => each['path']),
    ['a.csv', 'b.csv'],
  );
  const listing =
    'find . -type f ! -path ./provenance.json -printf "%P\\0" | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum';
  const theirs = execFileSync('sh', ['-c', listing], { cwd: path('images'), encoding: 'utf8' }).slice(0, 64);
  assert.equal((record('images/provenance.json')[0]?.['hash'] as { digest: string }).digest, theirs);
  const verified = await weighbridge(['dataset', 'verify', '--format', 'json']);
  assert.equal(verified.code, 0, verified.stdout);
  assert.equal((JSON.parse(verified.stdout) as { datasets: object[] }).datasets.length, 3);
  assert.ok(root);
});

test('what other registers know is taken over: a DVC import, a stage, a Croissant file', async (context) => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const { weighbridge, record } = repository(context, {
    'data/train.csv': csv,
    'data/train.csv.dvc': `deps:\n- path: reviews/train.csv\n  repo:\n    url: https://example.org/registry\n    rev_lock: ${commit}\nouts:\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  size: 16\n  hash: md5\n  path: train.csv\n`,
    'out/clean.csv': csv,
    'dvc.lock':
      "schema: '2.0'\nstages:\n  clean:\n    cmd: python clean.py\n    deps:\n    - path: clean.py\n      hash: md5\n      md5: 4c176a5d418613c562f4ea298ad505a1\n    outs:\n    - path: out/clean.csv\n      hash: md5\n      md5: 4c176a5d418613c562f4ea298ad505a1\n",
    'hub/README.md': '---\nlicense: cc-by-4.0\npretty_name: Reviews\nsource_datasets:\n- original\n---\n# Reviews\n',
    'hub/rows.csv': csv,
  });
  await weighbridge(['dataset', 'register', 'data/train.csv']);
  assert.deepEqual(record()[0]?.['source'], {
    uri: 'https://example.org/registry',
    version: commit,
    register: 'DVC file data/train.csv.dvc',
  });
  await weighbridge(['dataset', 'register', 'out/clean.csv']);
  assert.deepEqual(record('out/provenance.json')[0]?.['transforms'], [
    { step: 'python clean.py', code: 'clean.py@md5:4c176a5d418613c562f4ea298ad505a1' },
  ]);
  const card = await weighbridge([
    'dataset',
    'register',
    'hub/rows.csv',
    '--from',
    'hub/README.md',
    '--format',
    'json',
  ]);
  assert.equal(card.code, 0, card.stderr);
  assert.deepEqual(record('hub/provenance.json')[0]?.['source'], {
    uri: 'original',
    licence: 'cc-by-4.0',
    register: 'dataset card hub/README.md',
  });
  const both = await weighbridge(['dataset', 'verify', 'data/train.csv', '--format', 'json']);
  const [state] = (
    JSON.parse(both.stdout) as { datasets: { state: string; records: { kind: string; state: string }[] }[] }
  ).datasets;
  assert.deepEqual(state?.records.map(({ kind, state: each }) => [kind, each]).sort(), [
    ['dvc', 'verified'],
    ['provenance', 'verified'],
  ]);
});

test('who takes data in is the person whom git knows, or the job', async (context) => {
  const { weighbridge, record, write } = repository(context, { 'data/a.csv': 'a', 'data/b.csv': 'b' });
  write('.git/config', '[core]\n\tbare = false\n[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n');
  await weighbridge(['dataset', 'register', 'data/a.csv']);
  const job = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/data', GITHUB_RUN_ID: '7' };
  await weighbridge(['dataset', 'register', 'data/b.csv'], job);
  assert.deepEqual(
    record().map((each) => (each['ingestedBy'] as { agent: string }).agent),
    ['Ada Lovelace <ada@example.org>', 'https://github.com/acme/data/actions/runs/7'],
  );
});

test('a record is signed like a model, and verify says by whom, or that it was changed', async (context) => {
  const { root, path, weighbridge } = repository(context, { 'data/train.csv': csv });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(root, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(root, 'pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const signed = await weighbridge(['dataset', 'register', 'data/train.csv', '--by', 'Ada', '--key', 'key.pem']);
  assert.equal(signed.code, 0, signed.stderr);
  assert.match(signed.stdout, /signed\s+data\/provenance\.json\.sig/);
  assert.equal((await weighbridge(['verify', 'data/provenance.json', '--key', 'pub.pem'])).code, 0);
  const good = await weighbridge(['dataset', 'verify', '--key', 'pub.pem', '--signed']);
  assert.equal(good.code, 0, good.stdout);
  // Without anybody who is trusted, a signature proves nothing.
  assert.equal((await weighbridge(['dataset', 'verify'])).code, 1);
  const file = path('data/provenance.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"Ada"', '"Eve"'));
  const forged = await weighbridge(['dataset', 'verify', '--key', 'pub.pem']);
  assert.equal(forged.code, 1);
  assert.match(forged.stdout, /NOT SIGNED\s+data\/provenance\.json/);
});

test('pointers of Git LFS are not hashed as data; what is recorded of the data is compared with what they say', async (context) => {
  const pointer = (oid: string) => `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 16\n`;
  const datapackage = JSON.stringify({
    name: 'r',
    resources: [{ path: 'train.csv', hash: `sha256:${sha256}`, bytes: 16 }],
  });
  const { weighbridge, write } = repository(context, {
    'data/datapackage.json': datapackage,
    'data/train.csv': pointer(sha256),
  });
  const states = async () =>
    (
      JSON.parse((await weighbridge(['dataset', 'verify', '--format', 'json'])).stdout) as {
        datasets: { state: string }[];
      }
    ).datasets.map(({ state }) => state);
  assert.deepEqual(await states(), ['not-fetched']);
  write('data/train.csv', pointer('f'.repeat(64)));
  assert.deepEqual(await states(), ['mismatch']);
});

test('what is wrong is one line and exit code 2, and nothing is written or lost', async (context) => {
  const { weighbridge, path, write } = repository(context, { 'data/train.csv': csv, 'data/plain.csv': 'x' });
  const cases: [args: string[], message: RegExp][] = [
    [['register'], /name one file or folder/],
    [['register', 'data/none.csv'], /there is no /],
    [['register', 'data/train.csv', '--valid-until', '2027-01-01'], /--validated CHECK/],
    [['register', 'data/train.csv', '--validated', 'x', '--valid-until', 'soon'], /a date or a time/],
    [['register', 'data/train.csv', '--personal-data', 'none'], /--classification LEVEL/],
    [['register', 'data/train.csv', '--classification', 'secret'], /must be public, internal/],
    [['register', 'data/train.csv', '--transform', 'a', '--untransformed'], /not both/],
    [['register', 'data/train.csv', '--source', ''], /--source needs a value/],
    [['register', 'data/train.csv', '--from', 'data/plain.csv'], /no register that is known/],
    [['verify', 'data/none.csv'], /there is no /],
    [['verfy'], /did you mean "verify"/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await weighbridge(['dataset', ...args]);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
  // SLSA provenance, or anything else of that name, is not replaced.
  for (const text of ['{"_type": "https://in-toto.io/Statement/v1"}', '{"schemaVersion": 1, "datasets": [', '[]']) {
    write('data/provenance.json', text);
    const { code, stderr } = await weighbridge(['dataset', 'register', 'data/train.csv', '--update']);
    assert.equal(code, 2, text);
    assert.match(stderr, /is no (?:record of ours|JSON)/);
    assert.equal(readFileSync(path('data/provenance.json'), 'utf8'), text);
  }
});

test('data that nobody registered, and nothing to compare, is not verified', async (context) => {
  const { weighbridge } = repository(context, { 'data/train.csv': csv });
  const named = await weighbridge(['dataset', 'verify', 'data/train.csv']);
  assert.equal(named.code, 1);
  assert.match(named.stdout, /UNREGISTERED\s+data\/train\.csv/);
  assert.equal((await weighbridge(['dataset', 'verify'])).code, 1);
});
