import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

/** What is told of images, as `rule line: name`. */
async function images(file: string, text: string): Promise<string[]> {
  const findings = await judgeExample({ file, text });
  return findings
    .filter(({ ruleId }) => /^pin\/(?:container-image|image-digest)$/.test(ruleId))
    .map(({ ruleId, location, evidence }) => `${ruleId} ${location.line}: ${evidence['image'] as string}`);
}

describe('images of a Kustomization', () => {
  const file = 'overlays/gpu/kustomization.yaml';
  const text = (...items: string[]): string =>
    `resources: [../base]\nimages:\n${items.map((item) => `- ${item}\n`).join('')}`;

  test('a tag that moves, under the name that is put in', async () => {
    assert.deepEqual(await images(file, text('{name: train, newName: example.org/train, newTag: latest}')), [
      'pin/container-image 3: example.org/train:latest',
    ]);
    assert.deepEqual(await images(file, text('{name: example.org/serve, newTag: main-nightly}')), [
      'pin/container-image 3: example.org/serve:main-nightly',
    ]);
  });

  test('a version without a digest is only for who asks for digests', async () => {
    assert.deepEqual(await images(file, text('{name: train, newTag: "1.10"}', '{name: serve, newTag: v2}')), [
      'pin/image-digest 3: train:1.10',
      'pin/image-digest 4: serve:v2',
    ]);
  });

  test('a digest, no tag at all, and a tag that somebody else puts in', async () => {
    const digest = `sha256:${'a1'.repeat(32)}`;
    for (const item of [
      `{name: train, newTag: latest, digest: "${digest}"}`,
      '{name: train, newName: example.org/train}',
      '{name: train, newTag: ""}',
      '{name: train, newTag: "${TAG}"}',
    ])
      assert.deepEqual(await images(file, text(item)), [], item);
  });

  test('the same list in an object of Flux', async () => {
    const flux =
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec:\n  images:\n  - name: train\n    newTag: latest\n';
    assert.deepEqual(await images('apps.yaml', flux), ['pin/container-image 7: train:latest']);
  });

  test('such a list in a file of another kind is another list', async () => {
    assert.deepEqual(await images('tags.yaml', text('{name: train, newTag: latest}')), []);
  });
});
