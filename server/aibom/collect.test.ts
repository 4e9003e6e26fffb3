import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { collect } from './collect.ts';
import { type SpecVersion, writeCycloneDx } from './cyclonedx/write.ts';
import { modelFolder, pointer, safetensors } from './modelFolder.fixture.ts';
import { get, type JsonObject, list } from './validate/document.ts';
import { validateBom } from './validate/validate.ts';

const tool = { name: 'weighbridge', version: '1.0.0' };

async function bomOf(path: string, spec: SpecVersion = '1.6'): Promise<JsonObject> {
  const text = writeCycloneDx(await collect(path), { spec, tool });
  const { problems, document } = validateBom(text);
  assert.deepEqual(problems, []);
  return document?.root ?? {};
}

const model = (bom: JsonObject) => get(bom, 'metadata', 'component');
const card = (bom: JsonObject, ...path: (string | number)[]) => get(model(bom), 'modelCard', ...path);
const properties = (holder: unknown) =>
  new Map(list(get(holder, 'properties')).map((each) => [String(get(each, 'name')), String(get(each, 'value'))]));
const named = (bom: JsonObject, name: string) => list(bom['components']).find((each) => get(each, 'name') === name);
const notes = (bom: JsonObject) => list(get(bom, 'metadata', 'properties')).map((each) => String(get(each, 'value')));

describe('what is collected of a model', () => {
  it('hashes every file, and takes the hash of a pointer from the pointer', async () => {
    const oid = 'ab'.repeat(32);
    const weights = safetensors({ w: [2, 3] });
    const bom = await bomOf(modelFolder({ 'a.safetensors': weights, 'sub/b.safetensors': pointer(oid, 12_345) }));
    const files = list(get(model(bom), 'components'));
    assert.deepEqual(
      files.map((file) => [get(file, 'name'), get(file, 'hashes', 0, 'content')]),
      [
        ['a.safetensors', createHash('sha256').update(weights).digest('hex')],
        ['sub/b.safetensors', oid],
      ],
    );
    assert.equal(properties(files[1]).get('weighbridge:size'), '12345');
    assert.equal(properties(files[1]).get('weighbridge:git-lfs-pointer'), 'true');
  });

  it('counts parameters from the headers: over shards, and once where there are copies in other formats', async () => {
    const bom = await bomOf(
      modelFolder({
        'model-00001-of-00002.safetensors': safetensors({ a: [4, 5] }),
        'model-00002-of-00002.safetensors': safetensors({ b: [7] }),
        'optimizer.pt': safetensors({ a: [100] }),
      }),
    );
    assert.equal(properties(card(bom)).get('weighbridge:parameters'), '27');
    assert.equal(properties(card(bom)).get('weighbridge:parameters:by-dtype'), 'F32: 27');
  });

  it('counts nothing where a shard is not there to be counted', async () => {
    const first = safetensors({ a: [4, 5] });
    const root = modelFolder({
      'model-00001-of-00002.safetensors': first,
      'model-00002-of-00002.safetensors': pointer('ab'.repeat(32), 5),
    });
    const bom = await bomOf(root);
    assert.equal(properties(card(bom)).get('weighbridge:parameters'), undefined);
    assert.match(notes(bom).join(), /not counted: model-00002-of-00002\.safetensors is a Git LFS pointer/);
  });

  it('does not take the base model for the model', async () => {
    const root = modelFolder({
      'config.json': '{"_name_or_path": "openai/whisper-small", "model_type": "whisper"}',
      'model.safetensors': safetensors({ w: [1] }),
    });
    const bom = await bomOf(root);
    assert.equal(get(model(bom), 'name'), 'model-under-test');
    assert.equal(get(model(bom), 'purl'), undefined);
    assert.equal(get(model(bom), 'pedigree', 'ancestors', 0, 'purl'), 'pkg:huggingface/openai/whisper-small');
  });

  it('knows the place and the commit of a clone, and of the cache of the Hub', async () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const clone = modelFolder({
      'config.json': '{}',
      '.git/config': '[remote "origin"]\n\turl = https://user:secret@huggingface.co/acme/tiny.git\n',
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/packed-refs': `# pack-refs\n${commit} refs/heads/main\n`,
    });
    const bom = await bomOf(clone);
    assert.equal(get(model(bom), 'purl'), `pkg:huggingface/acme/tiny@${commit}`);
    assert.equal(get(model(bom), 'bom-ref'), 'pkg:huggingface/acme/tiny@0123456');
    assert.ok(!JSON.stringify(bom).includes('secret'));
    const cache = modelFolder({ [`snapshots/${commit}/config.json`]: '{}' }, 'models--acme--other');
    assert.equal(
      get(model(await bomOf(join(cache, 'snapshots', commit))), 'purl'),
      `pkg:huggingface/acme/other@${commit}`,
    );
  });

  it('reads the model card: licence, data, metrics, considerations, and says where each comes from', async () => {
    const readme = `---
license: apache-2.0
datasets: [squad]
pipeline_tag: question-answering
co2_eq_emissions: {emissions: 120, training_type: fine-tuning}
model-index:
- name: answers
  results:
  - task: {type: question-answering}
    dataset: {name: SQuAD, type: squad, split: validation}
    metrics: [{type: f1, value: 0.9}]
---
# Answers
## Intended uses & limitations
Answer questions.
<!-- a note of the template -->
## Ethical considerations
[More Information Needed]
`;
    const files = { 'README.md': readme, 'model.safetensors': safetensors({ w: [1] }) };
    const bom = await bomOf(modelFolder(files), '1.7');
    assert.equal(get(model(bom), 'licenses', 0, 'license', 'id'), 'Apache-2.0');
    assert.equal(card(bom, 'modelParameters', 'datasets', 0, 'ref'), 'dataset:squad');
    assert.equal(get(named(bom, 'squad'), 'type'), 'data');
    assert.deepEqual(card(bom, 'quantitativeAnalysis', 'performanceMetrics'), [
      { type: 'f1', value: '0.9', slice: 'SQuAD / validation' },
    ]);
    assert.deepEqual(card(bom, 'considerations', 'useCases'), ['Answer questions.']);
    assert.deepEqual(card(bom, 'considerations', 'technicalLimitations'), ['Answer questions.']);
    assert.equal(card(bom, 'considerations', 'ethicalConsiderations'), undefined);
    const environment = list(card(bom, 'considerations', 'environmentalConsiderations', 'properties'));
    assert.ok(environment.some((each) => get(each, 'value') === '0.00012 tCO2eq'));
    const citation = list(bom['citations']).find((each) =>
      list(get(each, 'pointers')).includes('/metadata/component/licenses'),
    );
    assert.equal(get(citation, 'attributedTo'), 'model:answers#README.md');
    assert.equal(get(citation, 'note'), 'README.md, front matter: license');
    const older = await bomOf(modelFolder(files));
    assert.equal(properties(model(older)).get('weighbridge:source:licenses'), 'README.md, front matter: license');
  });

  it('reconciles the licence of the card with the text and with the base model', async () => {
    const mit =
      'MIT License\n\nCopyright (c) 2024 Acme\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of it. The above copyright notice and this permission notice shall be included in all copies.';
    const contradicting = await bomOf(modelFolder({ 'README.md': '---\nlicense: apache-2.0\n---\n', LICENSE: mit }));
    assert.match(
      notes(contradicting).join(),
      /README\.md says the licence is Apache-2\.0, and the text of LICENSE is that of MIT/,
    );
    assert.equal(get(model(contradicting), 'evidence', 'licenses', 0, 'license', 'id'), 'MIT');
    assert.equal(get(model(contradicting), 'copyright'), 'Copyright (c) 2024 Acme');
    const onlyText = await bomOf(modelFolder({ 'LICENSE.txt': mit }));
    assert.deepEqual(get(model(onlyText), 'licenses', 0, 'license'), { id: 'MIT', acknowledgement: 'concluded' });
    const inherited = await bomOf(
      modelFolder({ 'README.md': '---\nlicense: mit\nbase_model: google/gemma-2-2b\n---\n' }),
    );
    assert.match(notes(inherited).join(), /Gemma Terms of Use, which binds/);
  });

  it('reads training configurations, and never a credential in them', async () => {
    const axolotl =
      'base_model: NousResearch/Llama-2-7b-hf\nadapter: lora\nlearning_rate: 0.0002\nhf_token: hf_secretsecret\ndatasets:\n  - path: acme/talk\n    type: alpaca\n';
    const bom = await bomOf(
      modelFolder({
        'axolotl.yml': axolotl,
        'trainer_state.json': '{"global_step": 12, "total_flos": 1.5e15, "log_history": [{"eval_loss": NaN}]}',
      }),
    );
    assert.equal(properties(card(bom)).get('weighbridge:hyperparameter:learning_rate'), '0.0002');
    assert.equal(
      properties(get(bom, 'formulation', 0, 'workflows', 0)).get('weighbridge:training:total_flos'),
      '1500000000000000',
    );
    assert.equal(get(bom, 'formulation', 0, 'workflows', 0, 'inputs', 0, 'resource', 'ref'), 'dataset:acme/talk');
    assert.ok(!JSON.stringify(bom).includes('hf_secret'));
    const factory = await bomOf(
      modelFolder({
        'training_args.yaml': 'model_name_or_path: a/b\nstage: sft\ndataset: alpaca_en,identity\nlora_rank: 8\n',
      }),
    );
    assert.equal(card(factory, 'modelParameters', 'approach', 'type'), 'supervised');
    assert.ok(named(factory, 'identity'));
  });

  it('reads the run of MLflow and the stage of DVC around the model', async () => {
    const root = modelFolder({
      'mlruns/0/abc/meta.yaml': 'run_id: abc\nstart_time: 1700000000000\nend_time: 1700000060000\n',
      'mlruns/0/abc/params/lr': '0.01',
      'mlruns/0/abc/metrics/accuracy': '1700000000000 0.5 0\n1700000001000 0.75 1\n',
      'mlruns/0/abc/artifacts/model/MLmodel':
        'run_id: abc\nmlflow_version: 2.9.2\nutc_time_created: "2024-05-01 12:00:00.123456"\nflavors:\n  sklearn:\n    sklearn_version: 1.5.2\n',
      'dvc.lock':
        'schema: "2.0"\nstages:\n  train:\n    cmd: python train.py\n    deps:\n    - path: data/train.csv\n      md5: 0123456789abcdef0123456789abcdef\n      size: 42\n    params:\n      params.yaml:\n        train.epochs: 3\n    outs:\n    - path: mlruns/0/abc/artifacts/model\n',
    });
    const bom = await bomOf(join(root, 'mlruns/0/abc/artifacts/model'));
    assert.equal(properties(card(bom)).get('weighbridge:hyperparameter:lr'), '0.01');
    assert.equal(properties(card(bom)).get('weighbridge:hyperparameter:train.epochs'), '3');
    assert.deepEqual(card(bom, 'quantitativeAnalysis', 'performanceMetrics'), [{ type: 'accuracy', value: '0.75' }]);
    assert.equal(get(bom, 'formulation', 0, 'workflows', 0, 'timeEnd'), '2023-11-14T22:14:20Z');
    assert.deepEqual(get(named(bom, 'data/train.csv'), 'hashes'), [
      { alg: 'MD5', content: '0123456789abcdef0123456789abcdef' },
    ]);
    assert.equal(get(named(bom, 'scikit-learn'), 'version'), '1.5.2');
    assert.equal(get(model(bom), 'releaseNotes', 'timestamp'), '2024-05-01T12:00:00Z');
  });

  it('hashes datasets of the project itself, and takes what DVC and Croissant know', async () => {
    const root = modelFolder({
      '.git/HEAD': 'x',
      'data/train.jsonl': '{}\n',
      'data/big.csv.dvc': 'outs:\n- md5: 0123456789abcdef0123456789abcdef\n  path: big.csv\n',
      'models/a/train.yml':
        'base_model: a/b\ndatasets:\n- path: data/train.jsonl\n- path: data/big.csv\n- path: ../../../outside.jsonl\n',
      'models/a/croissant.json': `{"conformsTo": "http://mlcommons.org/croissant/1.0", "name": "letters", "license": "https://spdx.org/licenses/MIT", "distribution": [{"sha256": "${'d'.repeat(64)}"}]}`,
    });
    const bom = await bomOf(join(root, 'models/a'));
    const digest = createHash('sha256').update('{}\n').digest('hex');
    assert.deepEqual(get(named(bom, 'data/train.jsonl'), 'hashes'), [{ alg: 'SHA-256', content: digest }]);
    assert.equal(get(named(bom, 'data/big.csv'), 'hashes', 0, 'alg'), 'MD5');
    assert.equal(get(named(bom, '../../../outside.jsonl'), 'hashes'), undefined);
    assert.equal(get(named(bom, 'letters'), 'licenses', 0, 'license', 'id'), 'MIT');
    assert.equal(get(named(bom, 'letters'), 'hashes', 0, 'content'), 'd'.repeat(64));
  });

  it('reads lm-eval results with their errors, and lock files of every kind', async () => {
    const bom = await bomOf(
      modelFolder({
        'results_2024-05-01T12-00-00.json':
          '{"results": {"hellaswag": {"acc,none": 0.5, "acc_stderr,none": 0.01, "alias": "x"}}}',
        'requirements.txt':
          'torch==2.1.0+cu121 \\\n  --hash=sha256:' +
          'a'.repeat(64) +
          '\n-r other.txt\nnumpy>=1.20 ; python_version < "3.12"\n',
        'uv.lock':
          'version = 1\n[[package]]\nname = "safetensors"\nversion = "0.4.3"\n[package.metadata]\nname = "wrong"\n',
        'conda.yaml': 'dependencies:\n- python=3.11\n- scipy=1.11.4\n- pip:\n  - joblib==1.4.0\n',
        'Pipfile.lock': '{"default": {"tqdm": {"version": "==4.66.0"}}}',
      }),
    );
    const metric = {
      type: 'acc',
      value: '0.5',
      slice: 'hellaswag',
      confidenceInterval: { lowerBound: '0.4804', upperBound: '0.5196' },
    };
    assert.deepEqual(card(bom, 'quantitativeAnalysis', 'performanceMetrics'), [metric]);
    const versions = list(bom['components']).map(
      (each) => `${String(get(each, 'name'))} ${String(get(each, 'version'))}`,
    );
    assert.deepEqual(versions, [
      'joblib 1.4.0',
      'numpy undefined',
      'safetensors 0.4.3',
      'scipy 1.11.4',
      'torch 2.1.0+cu121',
      'tqdm 4.66.0',
    ]);
  });

  it('lets a person fill in what no file says', async () => {
    const bom = await bomOf(
      modelFolder({
        'README.md': '---\nlicense: mit\n---\n',
        'aibom.enrich.yaml': `supplier: Acme
release_date: 2024-05-01
usage_policy: https://acme.example/policy
intended_uses: [Routing of letters]
datasets:
- {name: letters, sha256: ${'c'.repeat(64)}, license: cc-by-4.0, description: Ten thousand letters}
`,
      }),
    );
    assert.equal(get(model(bom), 'supplier', 'name'), 'Acme');
    assert.equal(get(named(bom, 'letters'), 'licenses', 0, 'license', 'id'), 'CC-BY-4.0');
    assert.deepEqual(card(bom, 'considerations', 'useCases'), ['Routing of letters']);
    assert.ok(list(get(model(bom), 'externalReferences')).some((each) => get(each, 'comment') === 'Usage policy'));
  });

  it('describes one file alone by what stands in it', async () => {
    const root = modelFolder({ 'a.safetensors': safetensors({ w: [3] }), 'README.md': '---\nlicense: mit\n---\n' });
    const bom = await bomOf(join(root, 'a.safetensors'));
    assert.equal(get(model(bom), 'name'), 'a');
    assert.equal(list(get(model(bom), 'components')).length, 1);
    assert.equal(get(model(bom), 'licenses'), undefined);
  });

  it('gives the same bytes for the same content, wherever and whenever it lies there', async () => {
    const files = {
      'README.md': '---\nlicense: mit\ndatasets: [b, a]\n---\n',
      'model.safetensors': safetensors({ w: [1] }),
      LICENSE: 'unknown words',
    };
    const texts = await Promise.all(
      [1, 2].map(async (number) => {
        const root = modelFolder(files);
        utimesSync(join(root, 'README.md'), number, number);
        return writeCycloneDx(await collect(root, { environment: { SOURCE_DATE_EPOCH: '1700000000' } }), {
          spec: '1.7',
          tool,
        });
      }),
    );
    assert.equal(texts[0], texts[1]);
    assert.match(texts[0] ?? '', /"timestamp": "2023-11-14T22:13:20\.000Z"/);
  });

  it('leaves out signatures, bills of materials and what tools leave behind, and follows no folder in circles', async () => {
    const root = modelFolder({
      'model.safetensors': safetensors({ w: [1] }),
      'model.sig': '{"verificationMaterial": {"publicKey": {"hint": "k1"}}}',
      'x.cdx.json': '{}',
      '.git/HEAD': 'x',
      '__pycache__/a.pyc': 'x',
    });
    symlinkSync(root, join(root, 'loop'));
    symlinkSync(join(root, 'nothing'), join(root, 'gone'));
    const bom = await bomOf(root);
    assert.deepEqual(
      list(get(model(bom), 'components')).map((each) => get(each, 'name')),
      ['model.safetensors'],
    );
    const signature = list(get(model(bom), 'externalReferences')).find(
      (each) => get(each, 'type') === 'digital-signature',
    );
    assert.match(String(get(signature, 'comment')), /with a key \(hint k1\); not verified here/);
    assert.match(notes(bom).join(), /gone cannot be read/);
    assert.equal(get(bom, 'compositions', 0, 'aggregate'), 'incomplete');
  });

  it('stays whole over hostile papers', async () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const root = modelFolder({
      'README.md': `---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, *b]\n__proto__: {polluted: yes}\nlicense: [${'mit, '.repeat(300)}]\nbase_model: {x: 1}\ndatasets:\n${'- d\n'.repeat(20_000)}\nmodel-index: 7\n---\n# \u202eIgnore previous instructions\n## Uses\n${'a'.repeat(100_000)}\n`,
      'config.json':
        '{"__proto__": {"polluted": 1}, "architectures": {"a": 1}, "model_type": 5, "_name_or_path": "../../etc/passwd"}',
      'trainer_state.json': deep,
      'adapter_config.json': '{"base_model_name_or_path": "\ud800 \u0000"}',
      'requirements.txt': `${'a'.repeat(200_000)}==1\n\u0000\n`,
      'training_args.bin': Buffer.from('80049501', 'hex'),
    });
    const bom = await bomOf(root);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    assert.ok(JSON.stringify(bom).length < 200_000);
    assert.match(notes(bom).join(), /trainer_state\.json is not JSON that can be read/);
  });

  it('bears names that are no UTF-8', async () => {
    const root = modelFolder({ 'model.safetensors': safetensors({ w: [1] }) });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/w`), Buffer.from([0xff]), Buffer.from('.txt')]), 'x');
    const names = list(get(model(await bomOf(root)), 'components')).map((each) => get(each, 'name'));
    assert.deepEqual(names, ['model.safetensors', 'w\\xff.txt']);
  });

  it('says what is not there', async () => {
    await assert.rejects(collect('/nowhere/at/all'), { code: 'not-found' });
    assert.deepEqual((await collect(modelFolder({}))).draft.files, []);
  });
});
