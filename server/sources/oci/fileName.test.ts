import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileName } from './fileName.ts';

const title = (value: string) => ({ annotations: { 'org.opencontainers.image.title': value } });

test('layers are named as who pushed them named them', () => {
  assert.equal(
    fileName({ mediaType: 'application/octet-stream', ...title('weights/a.safetensors') }, 0),
    'weights/a.safetensors',
  );
  assert.equal(
    fileName({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...title('folder') }, 0),
    'folder.tar.gz',
  );
  assert.equal(
    fileName({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...title('a.tar.gz') }, 0),
    'a.tar.gz',
  );
  const cncf = { annotations: { 'org.cncf.model.filepath': 'model.gguf' } };
  assert.equal(fileName({ mediaType: 'application/vnd.cncf.model.weight.v1.raw', ...cncf }, 0), 'model.gguf');
});

test('layers without a name get one from their place and type', () => {
  assert.equal(fileName({ mediaType: 'application/vnd.kitops.modelkit.model.v1.tar' }, 0), '00-model.tar');
  assert.equal(fileName({ mediaType: 'application/vnd.kitops.modelkit.dataset.v1.tar+gzip' }, 3), '03-dataset.tar.gz');
  assert.equal(fileName({ mediaType: 'application/vnd.ollama.image.model' }, 1), '01-model');
  assert.equal(fileName({ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }, 2), '02-diff.tar.gz');
  assert.equal(fileName({}, 4), '04-layer');
  assert.equal(fileName({ mediaType: 'application/vnd.oci.image.config.v1+json', isConfig: true }, 5), 'config.json');
});
