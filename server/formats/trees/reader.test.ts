import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GraphFacts } from '../graph/facts.ts';
import { identify } from '../identify.ts';
import { inspect } from '../inspect.ts';
import { record } from '../recordingContext.fixture.ts';
import { MemorySource } from '../source.ts';
import { readTensorrt } from '../tensorrt/reader.ts';

const formats = (content: string, encoding: 'latin1' | 'utf8' = 'latin1') =>
  identify(new MemorySource(Buffer.from(content, encoding)), 'model.bin');

describe('files of trees', () => {
  it('are known by how their libraries begin them', () => {
    assert.deepEqual(formats('{"learner":{"attributes":{},"feature_names":[]},"version":[2,0,0]}'), ['xgboost']);
    assert.deepEqual(formats('{L\0\0\0\0\0\0\0\x07learner{L\0\0\0\0\0\0\0\x0aattributes{}'), ['xgboost']);
    assert.deepEqual(formats('binf\0\0\0\0\0\0\0?\x01\0\0\0'), ['xgboost']);
    assert.deepEqual(formats('tree\nversion=v4\nnum_class=1\n'), ['lightgbm']);
    assert.deepEqual(formats('CBM1\x10\0\0\0\x08\0\0\0'), ['catboost']);
  });

  it('are not every text that begins alike', () => {
    assert.deepEqual(formats('{"learner": {"name": "Ann"}}'), ['text']);
    assert.deepEqual(formats('tree\nshrub\n'), ['text']);
  });

  it('tell what they are', () => {
    const text = 'tree\nversion=v4\nnum_class=3\nobjective=multiclass num_class:3\n';
    const [part] = inspect(new MemorySource(Buffer.from(text)), 'model.txt').parts;
    assert.deepEqual((part as GraphFacts).properties, {
      version: 'v4',
      num_class: '3',
      objective: 'multiclass num_class:3',
    });
  });
});

describe('what files of trees say of themselves', () => {
  const properties = (content: string) =>
    (inspect(new MemorySource(Buffer.from(content, 'latin1')), 'model').parts[0] as GraphFacts).properties;

  it('is read from the lines of LightGBM', () => {
    assert.deepEqual(properties('tree\nversion=v4\nfeature_names=age height\ntree_sizes=300 299 12\n\nTree=0\n'), {
      version: 'v4',
      trees: '3',
      'feature names': 'age height',
    });
  });

  it('is read from both ends of the JSON of XGBoost, whatever stands between', () => {
    const json = `{"learner":{"attributes":{},"feature_names":["age","height"],"gradient_booster":{"model":{"gbtree_model_param":{"num_trees":"12"},"trees":[${'0,'.repeat(200_000)}0]}},"learner_model_param":{"num_class":"3"},"objective":{"name":"multi:softmax"}},"version":[3,2,0]}`;
    assert.deepEqual(properties(json), {
      'num trees': '12',
      'num class': '3',
      objective: 'multi:softmax',
      XGBoost: '3.2.0',
      'feature names': 'age,height',
    });
  });

  it('is read from the UBJSON of XGBoost', () => {
    const key = (name: string, value: string) =>
      `L\0\0\0\0\0\0\0${String.fromCharCode(name.length)}${name}SL\0\0\0\0\0\0\0${String.fromCharCode(value.length)}${value}`;
    assert.deepEqual(properties(`{L\0\0\0\0\0\0\0\x07learner{${key('num_trees', '12')}${key('num_class', '3')}}}`), {
      'num trees': '12',
      'num class': '3',
    });
  });
});

describe('the TensorRT reader', () => {
  const elf = (machine: number) => {
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x02\x01\x01', 'latin1');
    header.writeUInt16LE(3, 16);
    header.writeUInt16LE(machine, 18);
    return header;
  };
  const engine = (...content: Buffer[]) => Buffer.concat([Buffer.from('ftrt\0\0\0\0'), ...content]);
  const found = (bytes: Uint8Array) =>
    (record(readTensorrt, bytes).parts[0] as GraphFacts).references.map(({ by, name }) => [by, name]);

  it('passes over the code of GPUs, and finds that of processors', () => {
    assert.deepEqual(identify(new MemorySource(engine(elf(190))), 'x'), ['tensorrt']);
    assert.deepEqual(found(engine(elf(190))), []);
    assert.deepEqual(found(engine(elf(190), elf(62))), [['ELF header', 'a library for the processor']]);
  });

  it('finds libraries at the border of what is read at once', () => {
    for (const before of [(1 << 20) - 520, (1 << 20) - 300, (1 << 20) - 12])
      assert.deepEqual(
        [...new Set(found(engine(Buffer.alloc(before), elf(183))).map(String))],
        ['ELF header,a library for the processor'],
      );
  });

  it('finds names of libraries, and those of Windows', () => {
    assert.deepEqual(found(engine(Buffer.from('\0/opt/plugins/libevil.so.1\0'))), [
      ['name', '/opt/plugins/libevil.so.1'],
    ]);
    assert.deepEqual(found(engine(Buffer.from('\0some.solution x.so\0'))), []);
    const windows = Buffer.alloc(0x100);
    windows.write('MZ', 'latin1');
    windows.writeUInt32LE(0x80, 0x3c);
    windows.write('PE\0\0', 0x80, 'latin1');
    assert.deepEqual(found(engine(windows)), [['PE header', 'a library for Windows']]);
  });
});
