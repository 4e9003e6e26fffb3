import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { Finding } from '../finding.ts';

const csv = 'text,label\nhi,1\n';
const dvc = (hash: string): string => `outs:\n- md5: ${hash}\n  size: 16\n  hash: md5\n  path: train.csv\n`;
const data = { file: 'data/train.csv', text: csv };

async function said(file: string, text: string, beside: { file: string; text: string }[] = [data]): Promise<Finding[]> {
  const findings = await judgeExample({ file, text, beside });
  return findings.filter((finding) => finding.path === file && finding.ruleId.startsWith('dataset/'));
}

/** Each place where a text is told to use unregistered data: the words that the finding stands on. */
async function unregisteredIn(file: string, text: string, beside = [data]): Promise<string[]> {
  const findings = await said(file, text, beside);
  return findings
    .filter(({ ruleId }) => ruleId === 'dataset/unregistered')
    .map(({ location: { line, column, endColumn } }) =>
      (text.split('\n')[(line ?? 1) - 1] ?? '').slice((column ?? 1) - 1, (endColumn ?? 1) - 1),
    );
}

test('training configs name data in their own ways, and the finding stands on the path', async () => {
  const configs: [file: string, text: string][] = [
    ['axolotl.yaml', 'base_model: a/b\ndatasets:\n  - path: data/train.csv\n    type: alpaca\n'],
    ['axolotl.yaml', 'base_model: a/b\ndatasets:\n  - path: json\n    data_files: [data/train.csv]\n'],
    ['axolotl.yaml', 'base_model: a/b\npretraining_dataset:\n  - path: "data/train.csv"\n'],
    ['data/dataset_info.json', '{"reviews": {"file_name": "train.csv"}}'],
    [
      'torchtune.yaml',
      'dataset:\n  _component_: torchtune.datasets.text_completion_dataset\n  source: json\n  data_files: data/train.csv\n',
    ],
    ['conf/data/reviews.yaml', '_target_: mylab.Reviews\ntrain_path: ../../data/train.csv\n'],
    ['conf/config.yaml', 'defaults: [model]\ndata:\n  train:\n    file: data/train.csv\n'],
    ['args.json', '{"train_file": "data/train.csv", "output_dir": "out"}'],
    ['dvc.yaml', 'stages:\n  fit:\n    cmd: python fit.py\n    deps:\n    - data/train.csv\n    - fit.py\n'],
    ['plain.yaml', 'validation_data: ./data/train.csv\n'],
  ];
  for (const [file, text] of configs) {
    const found = await unregisteredIn(file, text);
    assert.equal(found.length, 1, `${file}: ${text}`);
    assert.match(found[0] ?? '', /^(?:\.\/|\.\.\/\.\.\/data\/|data\/)?(?:data\/)?train\.csv$/, file);
  }
});

test('LLaMA-Factory names entries of dataset_info.json, and each name of a list is a place of its own', async () => {
  const info =
    '{"reviews": {"file_name": "train.csv"}, "hub": {"hf_hub_url": "acme/x"}, "other": {"file_name": "b.csv"}}';
  const beside = [data, { file: 'data/dataset_info.json', text: info }, { file: 'data/b.csv', text: csv }];
  const config = (more: string) => `model_name_or_path: acme/base\nstage: sft\n${more}`;
  const found = (text: string, files = beside) => unregisteredIn('examples/sft.yaml', text, files);
  assert.deepEqual(await found(config('dataset: hub, reviews,other\n')), ['reviews', 'other']);
  assert.deepEqual(await found(config('eval_dataset: "reviews"\ndataset_dir: data\n')), ['reviews']);
  assert.deepEqual(await found(config('dataset:\n  - other\n  - nobody\n')), ['other']);
  assert.deepEqual(await found(config('dataset: hub\n')), []);
  assert.deepEqual(await found(config('dataset: reviews\ndataset_dir: elsewhere\n')), []);
  assert.deepEqual(await found('stage: sft\ndataset: reviews\n'), [], 'no config of a training');
  const moved = beside.map(({ file, text }) => ({ file: file.replace('data/', 'sets/'), text }));
  assert.deepEqual(await found(config('dataset: reviews\ndataset_dir: sets\n'), moved), ['reviews']);
});

test('Python: loaders by whatever name they are imported, with paths as they are written', async () => {
  const programs = [
    'import datasets\n\nd = datasets.load_dataset("csv", data_files="data/train.csv")\n',
    'from datasets import load_dataset as ld\n\nd = ld("csv", data_files={"train": "data/train.csv"})\n',
    'import pandas as pd\n\nd = pd.read_csv("data/train.csv")\n',
    'import polars\n\nd = polars.scan_csv(source="data/train.csv")\n',
    'import tensorflow as tf\n\nd = tf.data.TextLineDataset("data/train.csv")\n',
  ];
  for (const text of programs) assert.deepEqual(await unregisteredIn('train.py', text), ['data/train.csv'], text);
});

test('what is no certain reference to local data is left alone', async () => {
  const texts: [file: string, text: string][] = [
    ['train.py', 'from datasets import load_dataset\n\nd = load_dataset("acme/reviews")\n'],
    ['train.py', 'import pandas as pd\n\npd.read_csv("results.csv")\n'],
    ['train.py', 'import pandas as pd\n\npd.read_csv(path)\n'],
    ['train.py', 'open("data/train.csv")\n'],
    ['train.py', 'from datasets import load_dataset\n\nd = load_dataset("csv", data_files="data/*.csv")\n'],
    ['tests/test_data.py', 'import pandas as pd\n\npd.read_csv("../data/train.csv")\n'],
    ['train.yaml', 'datasets:\n  - path: acme/reviews\n'],
    ['train.yaml', 'datasets:\n  - path: s3://bucket/data/train.csv\n'],
    ['train.yaml', 'output_dir: data\n'],
    ['train.yaml', 'test: data\n'],
    ['train.yaml', 'data: "{{ dataset }}"\n'],
    ['data/config.yaml', 'data_dir: .\n'],
    ['mkdocs.yaml', 'extra:\n  data_file_note: data/train.csv is described below\n'],
  ];
  for (const [file, text] of texts) assert.deepEqual(await unregisteredIn(file, text), [], `${file}: ${text}`);
});

test('it is a warning where the repository keeps records, and information for a script that reads a table', async () => {
  const other = { file: 'data/other.csv.dvc', text: dvc('4c176a5d418613c562f4ea298ad505a1').replace('train', 'other') };
  const severity = async (file: string, text: string, beside: { file: string; text: string }[]) =>
    (await said(file, text, beside)).find(({ ruleId }) => ruleId === 'dataset/unregistered')?.severity;
  const config = 'datasets:\n  - path: data/train.csv\n';
  assert.equal(await severity('a.yaml', config, [data]), 'info');
  assert.equal(await severity('a.yaml', config, [data, other]), 'warning');
  assert.equal(await severity('a.py', 'import pandas\n\npandas.read_csv("data/train.csv")\n', [data, other]), 'info');
});

test('the record of a folder covers what is in it, and a change of any part shows where the folder is used', async () => {
  const config = 'datasets:\n  - path: data/train.csv\n';
  const good = { file: 'data/train.csv.dvc', text: dvc('4c176a5d418613c562f4ea298ad505a1') };
  const bad = { file: 'data/train.csv.dvc', text: dvc('0'.repeat(32)) };
  assert.deepEqual(await said('a.yaml', config, [data, good]), []);
  const [broken] = await said('a.yaml', config, [data, bad]);
  assert.equal(broken?.ruleId, 'dataset/invalid-record-in-use');
  assert.deepEqual(broken.related, [{ path: 'data/train.csv.dvc', message: 'The record', line: 2 }]);
  const [folder] = await said('a.yaml', 'data_dir: data\n', [data, bad]);
  assert.match(folder?.message ?? '', /^data is not what the DVC file data\/train\.csv\.dvc says of data\/train\.csv/);
});

test('a quick fix records what the data is now: digest, size and count, and never for DVC', async () => {
  const text = JSON.stringify({
    name: 'r',
    licenses: ['x'],
    resources: [{ path: 'train.csv', hash: `sha256:${'0'.repeat(64)}`, bytes: 1 }],
  });
  const [finding] = (await said('data/datapackage.json', text)).filter(
    ({ ruleId }) => ruleId === 'dataset/hash-mismatch',
  );
  assert.deepEqual(
    finding?.edits?.map(({ fix, kind, changes }) => [fix, kind, changes.map(({ newText }) => newText)]),
    [
      [
        'update-dataset-hash',
        'suggestion',
        ['sha256:602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630', '16'],
      ],
    ],
  );
  const [ofDvc] = await said('data/train.csv.dvc', dvc('0'.repeat(32)));
  assert.equal(ofDvc?.edits, undefined);
});

test('a stale lock: parameters, commands, code; and a lock that fits says nothing', async () => {
  const lock = (learningRate: number, md5: string) =>
    `schema: '2.0'\nstages:\n  fit:\n    cmd: python fit.py\n    deps:\n    - path: fit.py\n      hash: md5\n      md5: ${md5}\n    params:\n      params.yaml:\n        fit.lr: ${learningRate}\n    outs:\n    - path: model.pkl\n      md5: x\n`;
  const code = { file: 'fit.py', text: 'print(1)\n' };
  const parameters = { file: 'params.yaml', text: 'fit:\n  lr: 0.1\n' };
  const md5 = '6a1f68b3ed10ed59ae36a4d3cdf2bdfe';
  const stale = async (text: string) =>
    (await said('dvc.lock', text, [code, parameters]))
      .filter(({ ruleId }) => ruleId === 'dataset/stale-lock')
      .map(({ location }) => location.line);
  const { createHash } = await import('node:crypto');
  const real = createHash('md5').update(code.text).digest('hex');
  assert.deepEqual(await stale(lock(0.1, real)), []);
  assert.deepEqual(await stale(lock(0.2, real)), [11]);
  assert.deepEqual(await stale(lock(0.1, md5)), [8]);
});

test('a validation is judged by its end, its result, and by when the data came in', async () => {
  const record = (validatedAt: object) =>
    JSON.stringify({
      schemaVersion: 1,
      datasets: [
        {
          path: 'train.csv',
          source: { uri: 'https://x/y', licence: 'MIT' },
          ingestedBy: { agent: 'a', at: '2026-01-01T00:00:00Z' },
          validatedAt,
          transforms: 'none',
          hash: { algorithm: 'sha256', digest: '602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630' },
        },
      ],
    });
  const messages = async (validatedAt: object) =>
    (await said('data/provenance.json', record(validatedAt))).map(({ message }) => message);
  const good = { at: '2026-02-01T00:00:00Z', check: 'x', result: 'passed' };
  assert.deepEqual(await messages(good), []);
  assert.match(
    (await messages({ ...good, until: '2026-03-01T00:00:00Z' }))[0] ?? '',
    /has run out: it held until 2026-03-01/,
  );
  assert.match((await messages({ ...good, result: 'failed' }))[0] ?? '', /of train\.csv failed/);
  assert.match((await messages({ ...good, at: '2025-12-31T00:00:00Z' }))[0] ?? '', /older than the data/);
  assert.match((await messages({ ...good, at: '2030-01-01T00:00:00Z' }))[0] ?? '', /in the future/);
});
