import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchError } from './http/fetchError.ts';
import { listHub } from './hub.ts';
import { Traffic } from './http/exchange.ts';
import { EndOfList } from './listed.ts';
import { listBucket } from './s3.ts';
import { standIn } from './standIn.fixture.ts';

const commit = 'a'.repeat(40);
const setting = (environment: NodeJS.ProcessEnv) => ({
  traffic: new Traffic(),
  signal: new AbortController().signal,
  environment: { HOME: '/nonexistent', ...environment },
});

test('a list that never ends is given up, whether its pages are empty or full', () => {
  const empty = new EndOfList('https://store.example/');
  assert.throws(() => {
    for (;;) empty.page(0);
  }, /page after page with nothing on it/);
  const full = new EndOfList('https://store.example/');
  assert.throws(() => {
    for (;;) full.page(1000);
  }, FetchError);
});

test('a key or path with half of a character costs itself and not the list', async (context) => {
  const { origin } = await standIn(context, ({ url = '' }, response) => {
    if (url.includes('/revision/')) return response.end(JSON.stringify({ sha: commit }));
    if (url.includes('/tree/'))
      return response.end('[{"type":"file","path":"a\\ud800.pt","size":1},{"type":"file","path":"b.pt","size":1}]');
    const keys = ['a&#xD800;.pt', 'b.pt'].map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`);
    return response.end(`<ListBucketResult>${keys.join('')}</ListBucketResult>`);
  });
  const hub = { kind: 'hub', type: 'models', repository: 'o/m', revision: null, path: '' } as const;
  const listings = [
    await listHub(hub, setting({ HF_ENDPOINT: origin })),
    await listBucket({ kind: 's3', bucket: 'bucket', prefix: '' }, setting({ AWS_ENDPOINT_URL_S3: origin })),
  ];
  for (const { files, problems } of listings) {
    assert.deepEqual(
      files.map(({ path }) => path),
      ['b.pt'],
    );
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['its name is no text: it holds half of a character'],
    );
  }
});
