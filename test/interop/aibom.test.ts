import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { compareWithDisk } from '../../server/aibom/check.ts';
import { collect } from '../../server/aibom/collect.ts';
import { writeCycloneDx } from '../../server/aibom/cyclonedx/write.ts';
import { spdx3Of } from '../../server/aibom/exports/spdx3.ts';
import { mergeBoms } from '../../server/aibom/merge.ts';
import { updateAibom } from '../../server/aibom/editing/update.ts';
import { get, isObject, type JsonObject, list } from '../../server/aibom/validate/document.ts';
import { schemaBreaches } from '../../server/aibom/validate/schema.ts';
import { SeededRandom } from '../hostile/seededRandom.ts';
import { hubModelFolder, hubModels } from './hubModels.ts';
import { runPython } from './python.ts';

const tool = { name: 'weighbridge', version: '1.0.0' };

describe('bills of materials of what transformers writes', () => {
  let models = '';
  let out = '';
  const file = (name: string) => path.join(out, name);
  const bom = (name: string) => JSON.parse(readFileSync(file(`${name}.1.7.json`), 'utf8')) as JsonObject;
  const card = (name: string, ...keys: (string | number)[]) =>
    get(bom(name), 'metadata', 'component', 'modelCard', ...keys);
  const property = (name: string, key: string) =>
    get(
      list(card(name, 'properties')).find((each) => get(each, 'name') === key),
      'value',
    );

  before(async () => {
    models = await hubModelFolder();
    out = mkdtempSync(path.join(tmpdir(), 'weighbridge-hub-'));
    for (const name of hubModels) {
      const record = await collect(path.join(models, name));
      for (const spec of ['1.6', '1.7'] as const)
        writeFileSync(file(`${name}.${spec}.json`), writeCycloneDx(record, { spec, tool }));
      writeFileSync(file(`${name}.spdx.json`), spdx3Of(bom(name)).text);
    }
  });

  after(() => rmSync(out, { recursive: true, force: true }));

  it('pass the schemas and the models of cyclonedx-python-lib and of spdx-python-model', async () => {
    const sbom =
      '{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"library","name":"x","version":"1","purl":"pkg:pypi/x@1"}]}';
    writeFileSync(file('merged.json'), mergeBoms(bom('gpt-shards'), [JSON.parse(sbom) as JsonObject]).text);
    const documents = [
      'merged.json',
      ...hubModels.flatMap((name) => [`${name}.1.6.json`, `${name}.1.7.json`, `${name}.spdx.json`]),
    ].map(file);
    const results = JSON.parse(await runPython('check_cyclonedx.py', documents, '', 'venv-cyclonedx')) as Record<
      string,
      string | null
    >;
    assert.equal(Object.keys(results).length, documents.length);
    assert.deepEqual(
      Object.entries(results).filter(([, error]) => error !== null),
      [],
    );
  });

  it('tell of the Trainer: the base model, the data, the arguments in its pickle, steps and loss', () => {
    const name = 'bert-sentiment';
    assert.equal(
      get(bom(name), 'metadata', 'component', 'pedigree', 'ancestors', 0, 'purl'),
      'pkg:huggingface/google-bert/bert-base-uncased',
    );
    assert.equal(get(bom(name), 'metadata', 'component', 'licenses', 0, 'license', 'id'), 'Apache-2.0');
    assert.equal(card(name, 'modelParameters', 'datasets', 0, 'ref'), 'dataset:imdb');
    // What the card does not say stands in training_args.bin, which is never unpickled.
    assert.equal(property(name, 'weighbridge:hyperparameter:per_device_train_batch_size'), '4');
    assert.equal(property(name, 'weighbridge:hyperparameter:seed'), '7');
    const workflow = get(bom(name), 'formulation', 0, 'workflows', 0);
    assert.ok(
      list(get(workflow, 'properties')).some(
        (each) => get(each, 'name') === 'weighbridge:training:global_step' && get(each, 'value') === '2',
      ),
    );
    assert.equal(card(name, 'quantitativeAnalysis', 'performanceMetrics', 0, 'type'), 'loss');
  });

  it('count parameters as PyTorch does, over shards and in pickled checkpoints', () => {
    assert.equal(property('bert-sentiment', 'weighbridge:parameters'), '11810');
    assert.equal(property('gpt-shards', 'weighbridge:parameters'), '124672');
    assert.equal(property('vit-labels', 'weighbridge:parameters'), '3187');
  });

  it('know a clone without LFS by its remote, its commit and the hashes in its pointers', () => {
    const component = get(bom('pointers-only'), 'metadata', 'component');
    assert.equal(
      get(component, 'purl'),
      'pkg:huggingface/example-labs/tiny-translate@0123456789abcdef0123456789abcdef01234567',
    );
    const weights = list(get(component, 'components')).find((each) => get(each, 'name') === 'model.safetensors');
    assert.equal(
      get(weights, 'hashes', 0, 'content'),
      '4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393',
    );
  });

  it('are up to date with what they were written from', async () => {
    for (const name of hubModels) {
      const record = await collect(path.join(models, name));
      const text = readFileSync(file(`${name}.1.7.json`), 'utf8');
      const { generated, differences, contradictions } = compareWithDisk(text, record);
      assert.deepEqual(
        { generated, differences, contradictions },
        { generated: true, differences: [], contradictions: [] },
        name,
      );
      assert.equal(writeCycloneDx(record, { spec: '1.7', tool }), text);
      assert.equal(updateAibom(text, record, { tool }), null);
    }
  });

  it('are judged by the schema as the Python library judges them, also when they are broken', async () => {
    const random = new SeededRandom(1);
    const documents = Array.from({ length: 200 }, (_, index) =>
      broken(bom(hubModels[index % hubModels.length] ?? 'gpt-shards'), random),
    );
    const input = documents.map((document) => `${JSON.stringify(document)}\n`).join('');
    const theirs = JSON.parse(await runPython('check_cyclonedx.py', ['--verdicts'], input, 'venv-cyclonedx')) as (
      string | null
    )[];
    const ours = documents.map((document) => schemaBreaches(document, '1.7'));
    const apart = ours.flatMap((breaches, index) =>
      (breaches.length === 0) === (theirs[index] === null)
        ? []
        : [{ ours: breaches[0] ?? null, theirs: theirs[index] }],
    );
    assert.deepEqual(apart, []);
    assert.ok(ours.filter((breaches) => breaches.length > 0).length > 50);
    assert.ok(ours.filter((breaches) => breaches.length === 0).length > 10);
  });
});

/** The document with one value taken away, doubled or replaced. */
function broken(document: JsonObject, random: SeededRandom): JsonObject {
  const places: { holder: JsonObject | unknown[]; key: string | number }[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const [key, item] of value.entries()) {
        places.push({ holder: value, key });
        visit(item);
      }
    } else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        if (value !== document || key !== 'specVersion') places.push({ holder: value, key });
        visit(member);
      }
    }
  };
  visit(document);
  const { holder, key } = random.pick(places);
  const values = [null, 1, '', 'x y', [], {}, -1.5, true, 'https://example.com/a b', '2024-05-01T12:00:00Z', 'MIT'];
  const value = random.pick(values);
  const action = random.below(10);
  if (Array.isArray(holder)) {
    if (action < 3) holder.splice(Number(key), 1);
    else if (action < 6) holder.push(structuredClone(holder[Number(key)]));
    else holder[Number(key)] = value;
  } else if (action < 3) delete holder[key];
  else if (action < 6) holder[`${key}x`] = value;
  else holder[key] = value;
  return document;
}
