import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { givePart, standIn } from '../standIn.fixture.ts';
import { BlockCache } from './blockCache.ts';
import { anonymous, Traffic } from './exchange.ts';
import { RangedFile } from './rangedFile.ts';

const content = randomBytes(300_000);

async function fileAt(
  context: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  promise: { size?: number; sha256?: string; tag?: string } = {},
) {
  const { origin, asked } = await standIn(context, answer);
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-ranged-'));
  const local = join(folder, 'model.bin');
  const size = promise.size ?? content.length;
  writeFileSync(local, '');
  truncateSync(local, size);
  const traffic = new Traffic();
  const url = new URL(`${origin}/model.bin?signature=secret`);
  const { sha256, tag } = promise;
  const told = { ...(sha256 ? { sha256 } : {}), ...(tag ? { tag } : {}) };
  const file = new RangedFile(
    { path: 'model.bin', size, url, address: `${origin}/model.bin`, authorize: anonymous, ...told },
    { cache: new BlockCache(), traffic, signal: new AbortController().signal, local },
  );
  context.after(async () => {
    await file.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { file, asked, traffic, local };
}

test('reads by position, and what was fetched is not asked for again', async (context) => {
  const { file, asked, traffic } = await fileAt(context, (request, response) => givePart(request, response, content));
  assert.deepEqual(Buffer.from(await file.read(100, 50)), content.subarray(100, 150));
  assert.deepEqual(Buffer.from(await file.read(200_000, 20)), content.subarray(200_000, 200_020));
  assert.deepEqual(Buffer.from(await file.read(299_990, 500)), content.subarray(299_990));
  assert.equal((await file.read(300_000, 1)).length, 0);
  const requests = asked.length;
  assert.deepEqual(Buffer.from(await file.read(10, 60_000)), content.subarray(10, 60_010));
  assert.equal(asked.length, requests);
  assert.ok(traffic.bytes < content.length, `${traffic.bytes} bytes were fetched`);
});

test('reading on fetches ever more at once', async (context) => {
  const { file, asked } = await fileAt(context, (request, response) => givePart(request, response, content));
  for (let at = 0; at < content.length; at += 4096)
    assert.deepEqual(Buffer.from(await file.read(at, 4096)), content.subarray(at, at + 4096));
  assert.ok(asked.length <= 3, `${asked.length} requests`);
});

/** Lies of a server, each with what a person is told. */
const lies: { name: string; answer: (request: IncomingMessage, response: ServerResponse) => void; told: RegExp }[] = [
  {
    name: 'other bytes than asked for',
    answer: (_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 65536-131071/${content.length}` });
      response.end(content.subarray(65_536, 131_072));
    },
    told: /was asked for bytes 0 to 65535 and sends others/,
  },
  {
    name: 'no word of what it sends',
    answer: (_request, response) => response.writeHead(206).end(content.subarray(0, 65_536)),
    told: /Content-Range: none/,
  },
  {
    name: 'another length of the file',
    answer: (_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-65535/999' });
      response.end(content.subarray(0, 65_536));
    },
    told: /says that the file has 999 bytes, where it had 300000 before/,
  },
  {
    name: 'an endless part',
    answer: (_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-65535/${content.length}` });
      const block = Buffer.alloc(64 << 10);
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', more);
      more();
    },
    told: /sends more bytes than it was asked for/,
  },
  {
    name: 'too few bytes',
    answer: (_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-65535/${content.length}` });
      response.end(content.subarray(0, 1000));
    },
    told: /ends after 1000 of 65536 bytes/,
  },
  {
    name: 'a compressed file',
    answer: (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(content);
    },
    told: /compressed, which moves every position/,
  },
  {
    name: 'a whole file of another length',
    answer: (_request, response) => {
      response.writeHead(200, { 'content-length': 12 });
      response.end('not the file');
    },
    told: /sends 12 bytes, where the file had 300000 before/,
  },
  {
    name: 'a whole file without an end',
    answer: (_request, response) => {
      response.writeHead(200);
      const block = Buffer.alloc(64 << 10);
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', more);
      more();
    },
    told: /sends more than the 300000 bytes that the file has/,
  },
];

for (const { name, answer, told } of lies) {
  test(`a server that sends ${name} is told, and never what the address holds`, async (context) => {
    const { file } = await fileAt(context, answer);
    const reading = name.includes('whole') ? file.pour() : file.read(0, 10);
    await assert.rejects(reading, (error: Error) => {
      assert.match(error.message, told);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

test('a file that changes while it is read is told', async (context) => {
  let count = 0;
  const { file } = await fileAt(context, (request, response) => {
    response.setHeader('etag', `"${count++}"`);
    givePart(request, response, content);
  });
  await file.read(0, 10);
  await assert.rejects(file.read(250_000, 10), /it changed while it was read/);
});

for (const [name, first, second, told] of [
  [
    'its date',
    { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' },
    { 'last-modified': 'Tue, 02 Jan 2024 00:00:00 GMT' },
    /it changed while it was read/,
  ],
  ['the loss of its tag', { etag: '"a"' }, {}, /does not tell any more which file it gives/],
] as const) {
  test(`a file that changes while it is read is told by ${name}`, async (context) => {
    let count = 0;
    const { file } = await fileAt(context, (request, response) => {
      for (const [header, value] of Object.entries(count++ === 0 ? first : second)) response.setHeader(header, value);
      givePart(request, response, content);
    });
    await file.read(0, 10);
    await assert.rejects(file.read(250_000, 10), told);
  });
}

test('a server that gives no parts is read from the start, as far as is needed', async (context) => {
  let sent = 0;
  const { file, asked } = await fileAt(
    context,
    (_request, response) => {
      response.writeHead(200, { 'content-length': 64 << 20 });
      const block = Buffer.alloc(64 << 10, 7);
      const more = () => {
        while (sent < 64 << 20 && !response.destroyed && response.write(block)) sent += block.length;
      };
      response.on('drain', more);
      more();
    },
    { size: 64 << 20 },
  );
  assert.deepEqual([...(await file.read(0, 3))], [7, 7, 7]);
  assert.deepEqual([...(await file.read(1_000_000, 2))], [7, 7]);
  assert.deepEqual([...(await file.read(5, 2))], [7, 7]);
  assert.equal(asked.length, 1);
  assert.ok(sent < 32 << 20, `${sent} bytes were sent`);
});

test('fetching whole holds the bytes against the digest that the source promises', async (context) => {
  const answer = (request: IncomingMessage, response: ServerResponse) => givePart(request, response, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const good = await fileAt(context, answer, { sha256 });
  await good.file.pour();
  assert.deepEqual(readFileSync(good.local), content);
  const bad = await fileAt(context, answer, { sha256: '0'.repeat(64) });
  await assert.rejects(bad.file.pour(), /sends other bytes than its digest promises/);
});

test('a server that stumbles is asked again', async (context) => {
  let count = 0;
  const { file } = await fileAt(context, (request, response) => {
    if (count++ === 0) response.writeHead(503, { 'retry-after': '0' }).end();
    else if (count === 2) response.destroy();
    else givePart(request, response, content);
  });
  assert.deepEqual(Buffer.from(await file.read(0, 10)), content.subarray(0, 10));
  assert.equal(count, 3);
});
