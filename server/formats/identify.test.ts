import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { identify, extensionOf } from './identify.ts';
import { assemblePickle } from './pickle/assembler.fixture.ts';
import { MemorySource } from './source.ts';
import { buildTar } from './tar/tarBuilder.fixture.ts';
import { buildZip } from './zip/zipBuilder.fixture.ts';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const text = (value: string) => new Uint8Array(Buffer.from(value));
const formats = (content: Uint8Array, name = 'file') => identify(new MemorySource(content), name);

describe('a template of a chat', () => {
  const first = (name: string, text: string) => identify(new MemorySource(Buffer.from(text)), name)[0];

  it('is known by its name, and by its words where the name says little', () => {
    assert.equal(first('chat_template.jinja', 'any text'), 'template');
    assert.equal(first('chat.template', '{% for message in messages %}{{ message.content }}{% endfor %}'), 'template');
    assert.equal(first('chat.tmpl', '{{ cycler.__init__ }}'), 'template');
    assert.equal(first('page.tpl', '{% include "head.tpl" %}{{ title }}'), 'text');
    assert.equal(first('chart.tpl', '{{- define "labels" -}}app: x{{- end -}}'), 'text');
  });
});

describe('identify', () => {
  it('takes no program for an interpreter for a pickle, whatever its name', () => {
    assert.deepEqual(formats(text('#!/usr/bin/env python3\nprint(1)\n'), 'bin/run.pt'), ['text']);
    assert.deepEqual(formats(text('# a comment\n'), 'a.pt'), ['pickle']);
    assert.deepEqual(formats(text('#!\0\x01'), 'a.pt'), ['pickle']);
  });

  it('goes by the bytes, whatever the name', () => {
    const pickle = assemblePickle("PROTO 2\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP");
    for (const name of ['model.pkl', 'model.safetensors', 'notes.txt', 'LICENSE'])
      assert.deepEqual(formats(pickle, name), ['pickle']);
    assert.deepEqual(formats(buildZip([{ name: 'a', data: text('b') }]), 'model.onnx'), ['zip']);
  });

  it('takes no number for a pickle', () => {
    // 66561 as a 32-bit float: a protocol, and the opcode of an extension.
    assert.deepEqual(formats(Uint8Array.of(0x80, 0x00, 0x82, 0x47, 0, 0, 0x80, 0x3f), 'archive/data/7'), ['unknown']);
  });

  it('takes a text for a pickle only when it would do something', () => {
    assert.deepEqual(formats(text('cos\nsystem\n(Vid\ntR.'), 'notes.txt'), ['pickle']);
    for (const harmless of [
      'import os\nprint(os)\n',
      'class Net:\n    pass\n',
      'cats\ndogs\nbirds\n',
      'config\nname\n',
      'I am here.\n',
      'N.',
      '(a) one\n(b) two\n',
      '[1, 2]\n',
      '{"a": 1}\n',
      ']a.',
      'x^2 + y^2 = 1\n',
      'version: 3\nsteps: []\n',
    ]) {
      assert.deepEqual(formats(text(harmless), 'notes.txt'), ['text'], JSON.stringify(harmless));
    }
  });

  it('reads what is named as a pickle as one, so that its breach is told', () => {
    assert.deepEqual(formats(text('not a pickle'), 'model.pkl'), ['pickle']);
    assert.deepEqual(formats(text('not a pickle'), 'model.bin'), ['text']);
    assert.deepEqual(formats(new Uint8Array(0), 'model.pkl'), ['empty']);
  });

  it('gives every reading of a file that has two', () => {
    const both = Buffer.concat([
      assemblePickle('PROTO 2\nEMPTY_LIST\nSTOP'),
      buildZip([{ name: 'a', data: text('b') }]),
    ]);
    assert.deepEqual(formats(both, 'model.pt'), ['pickle', 'zip']);
  });

  it('knows formats with and without a magic number', () => {
    assert.deepEqual(formats(bytes('47475546 03000000')), ['gguf']);
    assert.deepEqual(formats(bytes('894844460d0a1a0a 00')), ['hdf5']);
    assert.deepEqual(formats(text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'), 'model.pt'), [
      'git-lfs-pointer',
    ]);
    assert.deepEqual(formats(bytes('02000000 00000000 7b7d')), ['safetensors']);
    // ModelProto { ir_version: 8, graph: {} }; SavedModel { schema_version: 1, meta_graphs: {} }
    assert.deepEqual(formats(bytes('08 08 3a 00')), ['onnx']);
    assert.deepEqual(formats(bytes('08 01 12 00')), ['tf-saved-model']);
  });

  it('calls random bytes unknown', () => {
    let state = 12345;
    const random = Uint8Array.from({ length: 4096 }, () => (state = (state * 1103515245 + 12345) % 2 ** 31) >> 16);
    assert.deepEqual(formats(random, 'weights.bin'), ['unknown']);
  });
});

describe('extensionOf', () => {
  it('looks at the last name only, of either kind of path', () => {
    assert.equal(extensionOf('a.b/model'), '');
    assert.equal(extensionOf('C:\\models.v1\\net.PT'), '.pt');
    assert.equal(extensionOf('.gitignore'), '');
  });
});

describe('a pickle in the clothes of another format', () => {
  const bad = Buffer.from(assemblePickle("GLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP"));

  it('is read as a pickle as well', () => {
    const float = Buffer.concat([Buffer.from('GGUF\0\0\0\0\x000', 'latin1'), bad]);
    assert.deepEqual(formats(float, 'model.gguf')[0], 'pickle');
    const string = Buffer.concat([Buffer.from('U\x08xxTFL3xx0', 'latin1'), bad]);
    assert.deepEqual(formats(string, 'model.tflite')[0], 'pickle');
  });

  it('is found behind thousands of opcodes that do nothing, and without a protocol in front', () => {
    const sled = Buffer.concat([Buffer.alloc(6_000, 'N0'), bad]);
    assert.deepEqual(formats(sled, 'model.ckpt'), ['pickle']);
    const short = assemblePickle(
      "SHORT_BINUNICODE 'os'\nSHORT_BINUNICODE 'system'\nSTACK_GLOBAL\nEMPTY_TUPLE\nREDUCE\nSTOP",
    );
    assert.deepEqual(formats(short, 'weights.bin'), ['pickle']);
  });

  it('is read in every place that a loader unpickles, whatever it looks like', () => {
    const header = new MemorySource(bytes('47475546 03000000'));
    assert.ok(identify(header, 'archive/data.pkl', 'torch-zip').includes('pickle'));
    assert.ok(identify(header, 'data', 'numpy').includes('pickle'));
    assert.ok(!identify(header, 'archive/data/0', 'torch-zip').includes('pickle'));
  });
});

describe('an archive at the end of a tar', () => {
  const zip = buildZip([{ name: 'a', data: text('b') }]);

  it('is no second reading when it is a member, and is one when it was appended', () => {
    const tar = buildTar([{ name: 'model.pt', data: zip }]);
    assert.deepEqual(formats(tar, 'models.tar'), ['tar']);
    assert.deepEqual(formats(Buffer.concat([tar, zip]), 'models.tar'), ['tar', 'zip']);
  });
});
