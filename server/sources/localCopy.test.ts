import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BlockCache } from './http/blockCache.ts';
import { anonymous, Traffic } from './http/exchange.ts';
import { LocalCopy, whyNoName } from './localCopy.ts';
import { givePart, standIn } from './standIn.fixture.ts';

const weights = Buffer.alloc(1 << 20, 3);
const texts: Record<string, Buffer> = { 'config.json': Buffer.from('{}'), 'model.safetensors': weights };

async function copyOf(context: TestContext, files: { path: string; size: number }[]) {
  const { origin, asked } = await standIn(context, (request, response) => {
    const content = texts[decodeURIComponent((request.url ?? '').slice(1))];
    if (content) givePart(request, response, content);
    else response.writeHead(404).end();
  });
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-copy-'));
  const { signal } = new AbortController();
  const cache = new BlockCache();
  const setting = { folder, traffic: new Traffic(), signal, cache, onProgress: () => undefined };
  const copy = new LocalCopy(setting);
  context.after(async () => {
    await copy.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await copy.place({
    name: 'test',
    isFile: false,
    problems: [],
    files: files.map((file) => {
      const address = `${origin}/${file.path}`;
      return { ...file, address, url: new URL(address), authorize: anonymous };
    }),
  });
  return { copy, folder, asked };
}

test('texts are fetched, weights only where somebody asks for them', async (context) => {
  const { copy, folder, asked } = await copyOf(context, [
    { path: 'config.json', size: 2 },
    { path: 'model.safetensors', size: weights.length },
  ]);
  assert.deepEqual(copy.problems, []);
  assert.equal(readFileSync(join(folder, 'config.json'), 'utf8'), '{}');
  const model = join(folder, 'model.safetensors');
  assert.equal(statSync(model).size, weights.length);
  assert.ok(copy.isHole(model) && !copy.isHole(join(folder, 'config.json')));
  assert.deepEqual(
    asked.map(({ path }) => path),
    ['/config.json'],
  );
  assert.deepEqual([...(await copy.read(model, 500_000, 2))], [3, 3]);
  await copy.fill(folder);
  assert.deepEqual(readFileSync(model), weights);
  assert.ok(!copy.isHole(model));
});

test('what cannot be fetched is told, and is not there as if it were empty', async (context) => {
  const { copy, folder } = await copyOf(context, [{ path: 'gone.json', size: 10 }]);
  assert.match(copy.problems[0]?.message ?? '', /does not have it \(404\)/);
  assert.ok(!existsSync(join(folder, 'gone.json')));
});

test('a text that is shorter than the listing says is told', async (context) => {
  const { copy } = await copyOf(context, [{ path: 'config.json', size: 3 }]);
  assert.match(copy.problems[0]?.message ?? '', /sends others|where it had 3 before/);
});

test('two files of one name, or a file that is a folder as well, are told', async (context) => {
  const { copy } = await copyOf(context, [
    { path: 'model.safetensors', size: weights.length },
    { path: 'model.safetensors', size: weights.length },
    { path: 'model.safetensors/inside.safetensors', size: weights.length },
  ]);
  assert.deepEqual(
    copy.problems.map(({ message }) => message),
    Array.from({ length: 2 }, () => 'its name stands for another file or folder as well'),
  );
});

test('names that lead out are refused', () => {
  for (const path of [
    '../a',
    'a/../../b',
    '/etc/passwd',
    'a//b',
    '',
    '.',
    'a/./b',
    `${'x'.repeat(300)}`,
    'a\u0000b',
    'a\nb',
  ])
    assert.notEqual(whyNoName(path), null, JSON.stringify(path));
  for (const path of ['a', 'a b/\u00fc.bin', '..a/b..', '.gitattributes']) assert.equal(whyNoName(path), null, path);
});
