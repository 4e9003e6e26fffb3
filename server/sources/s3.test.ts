import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage } from './s3.ts';

const url = new URL('https://store.example/bucket/?prefix=x');

test('a page of a listing: keys are decoded, and markup in them is none', () => {
  const page = readPage(
    `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated><EncodingType>url</EncodingType>
     <Contents><Key>a+b%2Fc%26%3CKey%3E.pt</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;ab-2&quot;</ETag><Size>12</Size></Contents><Contents><Key>x</Key><Size>-1</Size></Contents>
     <NextContinuationToken>1&amp;2</NextContinuationToken></ListBucketResult>`,
    url,
  );
  assert.deepEqual(page, {
    keys: [{ key: 'a b/c&<Key>.pt', size: 12, tag: '"ab-2"', modified: '2026-01-02T03:04:05.000Z' }],
    next: '1&2',
  });
});

test('keys of a store that does not encode them', () => {
  const xml =
    '<ListBucketResult><Contents><Key>a+b &amp;&#x27;&#233;%41</Key><ETag>ab</ETag><Size>1</Size></Contents></ListBucketResult>';
  assert.deepEqual(readPage(xml, url), {
    keys: [{ key: "a+b &'\u00e9%41", size: 1, tag: '"ab"', modified: null }],
    next: null,
  });
});

test('a last page ends the list, and something else is no listing', () => {
  const last =
    '<ListBucketResult><IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>';
  assert.deepEqual(readPage(last, url), { keys: [], next: null });
  assert.throws(() => readPage('<html>Sign in</html>', url), /something that is no listing/);
});

test('entries that never end are read in one go', () => {
  const page = readPage(`<ListBucketResult>${'<Contents>'.repeat(1_000_000)}<Key>`, url);
  assert.deepEqual(page, { keys: [], next: null });
});
