import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { record } from '../recordingContext.fixture.ts';
import { buildHdf5, type BuildHdf5 } from './hdf5Builder.fixture.ts';
import type { Hdf5Facts } from './facts.ts';
import { readHdf5 } from './reader.ts';

const lambda = JSON.stringify({
  class_name: 'Lambda',
  config: { function: ['4wEAAAA=', null, null], function_type: 'lambda' },
});

function facts(bytes: Uint8Array): Hdf5Facts {
  const part = record(readHdf5, bytes).parts.find(({ kind }) => kind === 'hdf5');
  assert.ok(part?.kind === 'hdf5');
  return part;
}

const everything: BuildHdf5 = {
  attributes: { keras_version: '2.15.0', model_config: lambda },
  variable: { training_config: lambda },
  datasets: { kernel: [2, 3] },
  externalLinks: { outside: ['/etc/passwd', '/x'] },
  externalStorage: { stored: '../../secret.bin' },
  virtual: { mixed: ['other.h5', '/data'] },
};

describe('readHdf5', () => {
  it('reads datasets with types and shapes', () => {
    const { tensors, version, groups } = facts(buildHdf5({ datasets: { kernel: [2, 3], bias: [3] } }));
    assert.equal(version, 2);
    assert.equal(groups, 1);
    assert.deepEqual(
      tensors.map(({ name, dtype, shape, bytes }) => [name, dtype, shape, bytes]),
      [
        ['/kernel', 'F32', [2, 3], 24],
        ['/bias', 'F32', [3], 12],
      ],
    );
  });

  it('reads attributes of both kinds of strings, and follows the configurations in them', () => {
    const { parts } = record(readHdf5, buildHdf5(everything));
    const documents = parts.flatMap((part) => (part.kind === 'keras' ? [[part.document, part.lambdas.length]] : []));
    assert.deepEqual(documents, [
      ['attribute model_config', 1],
      ['attribute training_config', 1],
    ]);
  });

  it('tells the byte of what a configuration names', () => {
    const bytes = buildHdf5(everything);
    for (const part of record(readHdf5, bytes).parts) {
      if (part.kind !== 'keras') continue;
      const offset = part.lambdas[0]?.offset ?? 0;
      assert.equal(Buffer.from(bytes.subarray(offset, offset + 13)).toString(), '{"class_name"');
    }
  });

  it('finds everything that leads to other files', () => {
    const { externalLinks, externalStorage, virtualSources } = facts(buildHdf5(everything));
    assert.deepEqual(
      externalLinks.map(({ path, file, target }) => [path, file, target]),
      [['/outside', '/etc/passwd', '/x']],
    );
    assert.deepEqual(
      externalStorage.map(({ path, file }) => [path, file]),
      [['/stored', '../../secret.bin']],
    );
    assert.deepEqual(
      virtualSources.map(({ path, file, dataset }) => [path, file, dataset]),
      [['/mixed', 'other.h5', '/data']],
    );
  });

  it('hands on attributes that are pickles, which PyTables unpickles', () => {
    const members = (value: string) =>
      record(readHdf5, buildHdf5({ attributes: { values: value } })).members.map(({ name }) => name);
    assert.deepEqual(members("cos\nsystem\n(S'id'\ntR."), ['/@values']);
    assert.deepEqual(members('conv2d_1, dense_1'), []);
  });

  it('finds the superblock behind a user block', () => {
    assert.equal(facts(buildHdf5({ ...everything, userBlock: 512 })).tensorCount, 3);
  });

  it('tells datasets that claim more than a file can hold', () => {
    assert.equal(facts(buildHdf5({ datasets: { bomb: [1 << 20, 1 << 20] } })).oversized[0]?.path, '/bomb');
  });

  it('says that it could not follow what leads out of the file', () => {
    const bytes = buildHdf5(everything);
    const { problems } = record(readHdf5, bytes.subarray(0, 200));
    assert.ok(problems.some(({ incomplete }) => incomplete));
  });

  it('ends on any change of any byte', () => {
    const bytes = buildHdf5(everything);
    for (let at = 8; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        assert.doesNotThrow(() => record(readHdf5, changed), `byte ${at} = ${value}`);
      }
    }
    for (let length = 0; length < bytes.length; length++)
      assert.doesNotThrow(() => record(readHdf5, bytes.subarray(0, length)), `${length} bytes`);
  });
});
