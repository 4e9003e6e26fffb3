import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText, textLanguage } from '../../formats/text/parse.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import type { DatasetRegister } from './facts.ts';
import { registerOf } from './readRegister.ts';
import { timeOf } from './source.ts';

async function read(path: string, text: string): Promise<DatasetRegister | null> {
  const language = textLanguage(path) ?? assert.fail(`${path} is no text`);
  const parsed = await parseText(language, text);
  assert.ok(parsed.language === 'yaml' || parsed.language === 'json');
  return registerOf({ path, text, language: parsed.language, scalars: parsed.scalars });
}

/** The text at a place. */
function at(text: string, { line, column, endColumn }: TextRange): string {
  return (text.split(/\r?\n/)[line - 1] ?? '').slice(column - 1, endColumn - 1);
}

test('every digest is found with the place of exactly what is written', async () => {
  const md5 = '4c176a5d418613c562f4ea298ad505a1';
  const texts: [path: string, text: string, digests: string[]][] = [
    ['a.csv.dvc', `outs:\r\n- md5: ${md5}\r\n  path: a.csv\r\n`, [md5]],
    ['d.dvc', `outs:\n- {path: d, md5: '${md5}.dir', nfiles: 3}\n`, [`${md5}.dir`]],
    ['number.dvc', 'outs:\n- md5: 12345678901234567890e12345678901\n  path: a\n', ['12345678901234567890e12345678901']],
    [
      'datapackage.json',
      `{"resources":[{"path":"a.csv","hash":"sha256:${'a'.repeat(64)}"},{"path":"b","hash":"${md5}"}]}`,
      [`sha256:${'a'.repeat(64)}`, md5],
    ],
    [
      'dataset_infos.json',
      `{"default":{"features":{},"download_checksums":{"https://x/y":{"num_bytes":1,"checksum":"${'b'.repeat(64)}"}}}}`,
      ['b'.repeat(64)],
    ],
    [
      'mlruns/0/datasets/1/meta.yaml',
      'digest: \'7e0911bd\'\nname: r\nsource: \'{"uri": "/x/train.csv"}\'\nsource_type: local\n',
      ['7e0911bd'],
    ],
  ];
  for (const [path, text, digests] of texts) {
    const register = await read(path, text);
    const found = register?.data.flatMap((entry) => entry.digests) ?? [];
    assert.deepEqual(
      found.map(({ written }) => written),
      digests,
      path,
    );
    assert.deepEqual(
      found.map(({ range }) => at(text, range)),
      digests,
      path,
    );
  }
});

test('DVC: what is hashed how, where imports come from, and what a lock says of stages', async () => {
  const digests = (register: DatasetRegister | null) =>
    register?.data.map(({ path, digests: [digest] }) => [path, digest?.algorithm]);
  const imported = await read(
    'sub/x.dvc',
    'wdir: ..\nfrozen: true\ndeps:\n- path: data\n  repo:\n    url: https://example.org/r\n    rev: main\n    rev_lock: 0123456789abcdef0123456789abcdef01234567\nouts:\n- md5: 4c176a5d418613c562f4ea298ad505a1.dir\n  hash: md5\n  path: raw\n',
  );
  assert.deepEqual(digests(imported), [['../raw', 'md5-dir']]);
  assert.equal(imported?.data[0]?.url?.value, 'https://example.org/r');
  assert.equal(imported.data[0].pin?.value, '0123456789abcdef0123456789abcdef01234567');
  const old = await read(
    'y.dvc',
    'outs:\n- md5: 4c176a5d418613c562f4ea298ad505a1.dir\n  path: y\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  path: z\n',
  );
  assert.deepEqual(digests(old), [
    ['y', 'md5-dos2unix-dir'],
    ['z', 'md5-dos2unix'],
  ]);
  const url = await read(
    'u.dvc',
    'deps:\n- etag: \'"abc"\'\n  path: https://example.org/u.csv\nouts:\n- path: u.csv\n  md5: 4c176a5d418613c562f4ea298ad505a1\n',
  );
  assert.deepEqual([url?.data[0]?.url?.value, url?.data[0]?.pin?.value], ['https://example.org/u.csv', '"abc"']);
  const remote = await read(
    'dvc.lock',
    'schema: "2.0"\nstages:\n  get:\n    cmd: curl\n    outs:\n    - path: s3://bucket/x\n      md5: 4c176a5d418613c562f4ea298ad505a1\n',
  );
  assert.equal(remote?.data[0]?.path, null);
  assert.equal(await read('empty.dvc', 'outs: []\n'), null);
});

test('Croissant: prefixes, PROV and RAI, live data, what lies in an archive', async () => {
  const text = JSON.stringify({
    '@context': { cr: 'http://mlcommons.org/croissant/' },
    '@type': ['sc:Dataset'],
    'dct:conformsTo': 'http://mlcommons.org/croissant/1.1',
    'sc:name': 'reviews',
    'prov:wasDerivedFrom': { '@id': 'https://example.org/source' },
    'prov:wasAttributedTo': [{ '@type': 'prov:Agent', 'prov:label': 'Ada' }],
    'prov:wasGeneratedBy': [{ '@type': 'prov:Activity', 'prov:label': 'validation by hand' }],
    'rai:dataPreprocessingProtocol': 'lower-cased',
    'sc:license': { '@id': 'https://spdx.org/licenses/MIT' },
    'sc:distribution': [
      {
        '@type': 'cr:FileObject',
        'cr:sha256': 'c'.repeat(64),
        'sc:contentUrl': 'https://x/a.zip',
        'sc:contentSize': '1.5 MB',
      },
      { '@type': 'cr:FileObject', 'sc:contentUrl': 'inside.csv', containedIn: { '@id': 'a.zip' } },
      { '@type': 'cr:FileSet', includes: '*.csv' },
      { '@type': 'cr:FileObject', 'sc:contentUrl': 'open.csv', contentSize: '16 B' },
    ],
  });
  const register = await read('anything.json', text);
  assert.deepEqual([register?.kind, register?.version, register?.name], ['croissant', '1.1', 'reviews']);
  assert.deepEqual(
    register?.data.map(({ path, wantsDigest, size }) => [path, wantsDigest, size?.value ?? null]),
    [
      [null, true, null],
      [null, false, null],
      [null, false, null],
      ['open.csv', true, 16],
    ],
  );
  const [record] = register.records;
  assert.deepEqual(
    Object.values(record?.parts ?? {}).map((part) => part?.value),
    ['https://example.org/source', 'prov:Agent', 'validation by hand', 'lower-cased', 'c'.repeat(64)],
  );
  assert.equal(register.licence?.found?.value, 'https://spdx.org/licenses/MIT');
});

test('cards of datasets are told from cards of models, and globs are no files', async () => {
  const card = await read(
    'hub/README.md',
    '---\npretty_name: R\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: train.csv\n  - split: test\n    path: "test-*.csv"\n---\n# R\n',
  );
  assert.deepEqual(
    card?.data.map(({ path }) => path),
    ['train.csv'],
  );
  assert.equal(card.licence?.found, null);
  assert.equal(
    await read('README.md', '---\nlicense: mit\npipeline_tag: text-classification\ndatasets: [x]\n---\n'),
    null,
  );
  assert.equal(await read('README.md', '# No front matter\n\n---\npretty_name: x\n---\n'), null);
});

test('Kaggle, OpenLineage: what they say and what they cannot', async () => {
  const kaggle = await read('dataset-metadata.json', '{"id":"ada/reviews","title":"R","resources":[{"path":"a.csv"}]}');
  assert.deepEqual([kaggle?.name, kaggle?.data[0]?.path, kaggle?.licence?.found], ['ada/reviews', 'a.csv', null]);
  const event = {
    eventTime: '2026-05-01T10:00:00Z',
    run: { runId: '3f5e83fa-3480-44ff-99c5-ff943904e5e8' },
    job: { namespace: 'n', name: 'clean' },
    inputs: [{ namespace: 's3://raw', name: 'reviews' }],
    outputs: [
      {
        namespace: 'file',
        name: 'data/clean.csv',
        facets: {
          dataQualityAssertions: { assertions: [{ assertion: 'not_null', success: true }] },
          version: { datasetVersion: '7' },
        },
      },
    ],
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json',
  };
  const lineage = await read('events/1.json', JSON.stringify(event));
  assert.deepEqual([lineage?.kind, lineage?.version], ['openlineage', '2-0-2']);
  assert.deepEqual(
    lineage?.data.map(({ path, role }) => [path, role]),
    [
      [null, 'input'],
      ['data/clean.csv', 'output'],
    ],
  );
  assert.deepEqual(
    Object.values(lineage.records[0]?.parts ?? {}).map((part) => part?.value),
    ['reviews', '3f5e83fa-3480-44ff-99c5-ff943904e5e8', 'not_null', 'clean', '7'],
  );
});

test('OpenLineage as a log of one event a line: each event, at its own line; a broken line takes no other along', async () => {
  const event = (name: string) =>
    JSON.stringify({
      eventTime: '2026-05-01T10:00:00Z',
      run: { runId: '3f5e83fa-3480-44ff-99c5-ff943904e5e8' },
      job: { namespace: 'n', name: 'clean' },
      outputs: [{ namespace: 'file', name }],
    });
  const log = `${event('data/a.csv')}\r\n\n{"eventTime": "2026-\n${event('data/b.csv')}\n`;
  for (const file of ['events/lineage.ndjson', 'openlineage.jsonl', 'run/openlineage.json']) {
    const lineage = await read(file, log);
    assert.equal(lineage?.kind, 'openlineage', file);
    assert.deepEqual(
      lineage.data.map(({ path, place }) => [path, place.line]),
      [
        ['data/a.csv', 1],
        ['data/b.csv', 4],
      ],
    );
    const { place } = lineage.data[1] ?? assert.fail();
    assert.equal((log.split('\n')[3] ?? '').slice(place.column - 1, place.endColumn - 1), 'data/b.csv');
  }
  assert.equal(textLanguage('rows.jsonl'), null, 'lines of JSON of any other name are data');
});

test('what only looks like a register is none', async () => {
  assert.equal(await read('provenance.json', '{"_type":"https://in-toto.io/Statement/v1","predicate":{}}'), null);
  assert.equal(await read('meta.yaml', 'artifact_location: x\nexperiment_id: 0\n'), null);
  assert.equal(await read('a.json', '{"name":"see http://mlcommons.org/croissant/"}'), null);
  assert.equal(await read('datapackage.json', '[]'), null);
});

test('times: with and without zone, and what is none', () => {
  assert.equal(timeOf('2026-05-01T10:00:00Z'), Date.UTC(2026, 4, 1, 10));
  assert.equal(timeOf('2026-05-01T10:00:00+02:00'), Date.UTC(2026, 4, 1, 8));
  assert.equal(timeOf('2026-05-01'), Date.UTC(2026, 4, 1));
  for (const text of ['', 'soon', '2026', '2026-13-45', '5 May 2026']) assert.equal(timeOf(text), null, text);
});
