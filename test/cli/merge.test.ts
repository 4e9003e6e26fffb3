// The parts of a scan, joined again, are the scan: byte for byte, in JSON and in SARIF.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  dangerousPickle,
  emptySafetensors,
  harmlessPickle,
  makeWorkspace,
} from '../../server/engine/workspace.fixture.ts';
import { weighbridge } from './weighbridge.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

interface Part {
  shards?: { count: number; present: number[] };
  artifacts: { path: string; size: number }[];
  findings: { path: string; ruleId: string }[];
}

async function scan(root: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await weighbridge(root, ['scan', '--no-cache', '--fail-on', 'never', ...args]);
  assert.equal(stderr, '');
  return stdout;
}

/** Writes the reports of all parts. @returns their names. */
async function parts(root: string, count: number, format: 'json' | 'sarif', ...args: string[]): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const name = `.git/part-${at + 1}.${format}`;
      const part = ['--format', format, '--shard', `${at + 1}/${count}`, '--jobs', '1'];
      writeFileSync(join(root, name), await scan(root, ...part, ...args));
      return name;
    }),
  );
}

/** What rules of texts, folders and signatures say depends on other files, which other parts may hold. */
async function workspace(test: Pick<TestContext, 'after'>) {
  const made = makeWorkspace(test, {
    '.git/HEAD': '',
    'train.py': 'import torch\nmodel = torch.load("models/flat/model-3.bin")\n',
    'deep/er/config.yaml': 'checkpoint: ../../models/twins/a.pt\nmodel: models/flat/model-12.bin\n',
    'models/twins/a.pt': dangerousPickle,
    'models/twins/a.safetensors': emptySafetensors,
    'models/flat/model-3.safetensors': emptySafetensors,
    'models/flat/tool.so': new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
    'models/broken.pt': 'PK\x03\x04aaaaaa',
    'models/sp ace/ü.pkl': dangerousPickle,
    'signed/model.safetensors': emptySafetensors,
    'signed/below/other.safetensors': emptySafetensors,
    'single/one.safetensors': emptySafetensors,
    'single/two.pkl': harmlessPickle,
  });
  for (let index = 0; index < 24; index++) {
    const padding = new Uint8Array(index * 40_000);
    const bytes = Buffer.concat([Buffer.from(index % 5 === 0 ? dangerousPickle : harmlessPickle), padding]);
    made.write(`models/flat/model-${index}.bin`, bytes);
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  made.write('.git/key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  made.write('key.pub', publicKey.export({ type: 'spki', format: 'pem' }));
  for (const args of [['signed'], ['single/one.safetensors', '--signature', 'single/one.safetensors.sig']]) {
    const signed = await weighbridge(made.root, ['sign', ...args, '--key', '.git/key.pem']);
    assert.equal(signed.code, 0, signed.stderr);
  }
  made.write('signed/below/late.bin', harmlessPickle);
  made.write(
    'weighbridge.yaml',
    'version: 1\nsigning:\n  trust:\n    - models: ["signed/**", "single/**"]\n      keys: [key.pub]\n      required: true\n',
  );
  return made;
}

test('parts of a workspace, joined, are the whole', async (context) => {
  const { root } = await workspace(context);
  for (const format of ['json', 'sarif'] as const) {
    const whole = await scan(root, '--format', format);
    for (const count of format === 'json' ? [1, 3, 7] : [4]) {
      const names = await parts(root, count, format);
      // In any order, and one of them twice.
      const merged = await weighbridge(root, ['merge', ...names.reverse(), names[0] ?? '', '--fail-on', 'never']);
      assert.equal(merged.stderr, '');
      assert.equal(merged.stdout, whole, `${format} in ${count} parts`);
      assert.equal(merged.code, 0);
    }
  }
  const text = await scan(root, '--format', 'json');
  for (const rule of ['model/pickle-twin', 'model/bundled-executable', 'load/', 'signing/', 'file/incomplete']) {
    assert.ok(text.includes(`"${rule}`), `the workspace shows nothing of ${rule}`);
  }
});

test('parts of the examples, joined, are the whole', async (context) => {
  const { root } = makeWorkspace(context, { '.git/HEAD': '' });
  cpSync(examples, root, { recursive: true });
  for (const format of ['json', 'sarif'] as const) {
    const names = await parts(root, 4, format);
    assert.equal((await weighbridge(root, ['merge', ...names])).stdout, await scan(root, '--format', format));
  }
});

test('each file is in one part, and the parts are about as large', async (context) => {
  const { root } = await workspace(context);
  const names = await parts(root, 3, 'json', 'models/flat');
  const seen = names.map((name) => JSON.parse(readFileSync(join(root, name), 'utf8')) as Part);
  const paths = seen.flatMap(({ artifacts }) => artifacts.map(({ path }) => path));
  assert.equal(new Set(paths).size, paths.length);
  assert.equal(paths.length, 25);
  const sizes = seen.map(({ artifacts }) => artifacts.reduce((sum, { size }) => sum + size, 0));
  assert.ok(Math.max(...sizes) < 1.2 * Math.min(...sizes), `sizes ${sizes.join(', ')}`);
  assert.deepEqual(seen[1]?.shards, { count: 3, present: [2] });
});

test('a missing part is an error, unless a part is what is wanted', async (context) => {
  const { root } = await workspace(context);
  const names = await parts(root, 3, 'json');
  const missing = await weighbridge(root, ['merge', ...names.slice(1)]);
  assert.deepEqual([missing.code, missing.stdout], [2, '']);
  assert.match(missing.stderr, /of 3 parts 1 is missing \(1\)/);
  const partial = await weighbridge(root, ['merge', ...names.slice(1), '--partial', '--output', '.git/two.json']);
  assert.equal(partial.code, 1);
  const two = JSON.parse(readFileSync(join(root, '.git/two.json'), 'utf8')) as Part;
  assert.deepEqual(two.shards, { count: 3, present: [2, 3] });
  const whole = await weighbridge(root, ['merge', '.git/two.json', names[0] ?? '']);
  assert.equal(whole.stdout, await scan(root, '--format', 'json'));
});

test('the exit code is that of the whole: 1 with findings, 2 where something could not be read', async (context) => {
  const { root } = makeWorkspace(context, { 'bad.pkl': dangerousPickle, 'fine.pkl': harmlessPickle });
  const report = async (name: string, ...args: string[]) =>
    weighbridge(root, ['scan', '--format', 'json', '--output', name, ...args]);
  await report('1.json', 'bad.pkl');
  await report('2.json', 'fine.pkl');
  await report('3.json', 'none.pkl');
  const code = async (...args: string[]) => (await weighbridge(root, ['merge', ...args])).code;
  assert.equal(await code('1.json', '2.json', '3.json'), 1);
  assert.equal(await code('1.json', '2.json', '--fail-on', 'never'), 0);
  assert.equal(await code('2.json'), 0);
  assert.equal(await code('2.json', '3.json'), 2);
});

test('what is no report, or of another state, is refused in one line', async (context) => {
  const { root, write } = makeWorkspace(context, {
    'a.pkl': harmlessPickle,
    'text.json': '{"runs": 3}',
    'no.json': '{',
  });
  const report = (name: string, format = 'json', ...args: string[]) =>
    weighbridge(root, ['scan', 'a.pkl', '--format', format, '--output', name, ...args]);
  await report('before.json');
  await report('one.json', 'json', '--shard', '1/2');
  await report('three.json', 'json', '--shard', '1/3');
  await report('a.sarif', 'sarif');
  write('a.pkl', Buffer.concat([harmlessPickle, Buffer.alloc(9)]));
  await report('after.json');
  const refusal = async (...names: string[]) => {
    const { code, stdout, stderr } = await weighbridge(root, ['merge', ...names]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
    return stderr;
  };
  assert.match(await refusal(), /name the reports/);
  assert.match(await refusal('text.json'), /text\.json is no report/);
  assert.match(await refusal('no.json'), /no\.json is no report/);
  assert.match(await refusal('absent.json'), /absent\.json/);
  assert.match(await refusal('a.pkl'), /a\.pkl is no report/);
  assert.match(await refusal('before.json', 'a.sarif'), /JSON and SARIF/);
  assert.match(await refusal('before.json', 'after.json'), /do not agree about a\.pkl/);
  for (const format of ['json', 'sarif']) {
    const text = readFileSync(join(root, format === 'json' ? 'before.json' : 'a.sarif'), 'utf8');
    const older = text.replace(/("name": "weighbridge",\s*"version": )"[^"]*"/i, '$1"0.0.1"');
    write(`older.${format}`, older);
    write(`deep.${format}`, text.replace('"message"', `"deep": ${'['.repeat(99_999)}${']'.repeat(99_999)}, "message"`));
  }
  assert.match(await refusal('before.json', 'older.json'), /older\.json is from another version/);
  assert.match(await refusal('a.sarif', 'older.sarif'), /older\.sarif is from another version/);
  for (const deep of ['deep.json', 'deep.sarif']) assert.match(await refusal(deep), /nested deeper/);
  assert.match(await refusal('one.json', 'three.json'), /one of 3 parts, and others are of 2/);
  for (const shard of ['0/2', '3/2', '2', 'a/b', '1/0', '1/99999', '-1/2', '']) {
    const { code, stderr } = await weighbridge(root, ['scan', '--shard', shard]);
    assert.equal(code, 2);
    assert.match(stderr, /--shard/);
  }
});

test('runs of other tools stay as they are, once each, and no list of a part is lost', async (context) => {
  const { root, write } = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const own = JSON.parse(await scan(root, '--format', 'sarif')) as { runs: Record<string, unknown>[] };
  const tool = { driver: { name: 'Other' } };
  const others = ['python', 'go'].map((id) => ({
    tool,
    automationDetails: { id },
    results: [{ message: { text: id } }],
  }));
  const empty = { tool: own.runs[0]?.['tool'], columnKind: own.runs[0]?.['columnKind'] };
  write('own.sarif', JSON.stringify({ ...own, runs: [{ ...own.runs[0], originalUriBaseIds: undefined }, ...others] }));
  write('empty.sarif', JSON.stringify({ ...own, runs: [empty, others[0]] }));
  const merged = await weighbridge(root, ['merge', 'empty.sarif', 'own.sarif', '--fail-on', 'never']);
  assert.equal(merged.code, 0, merged.stderr);
  const { runs } = JSON.parse(merged.stdout) as typeof own;
  assert.deepEqual(runs.slice(1), others);
  assert.deepEqual(runs[0]?.['results'], own.runs[0]?.['results']);
  assert.deepEqual(runs[0]?.['artifacts'], own.runs[0]?.['artifacts']);
});

test('a report may come as PowerShell writes it', async (context) => {
  const { root, write } = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const text = await scan(root, '--format', 'json');
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  const forms = { 'a.json': Buffer.from(`\ufeff${text}`), 'b.json': little, 'c.json': Buffer.from(little).swap16() };
  for (const [name, bytes] of Object.entries(forms)) {
    write(name, bytes);
    assert.equal((await weighbridge(root, ['merge', name])).stdout, text, name);
    assert.equal((await weighbridge(root, ['diff', name, name])).code, 0, name);
  }
});
