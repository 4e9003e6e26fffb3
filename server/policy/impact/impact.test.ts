import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { impactOf } from './impact.ts';
import type { Paper, Thing } from './papers.ts';

const model = (name: string): Thing => ({ kind: 'model', names: [name], digests: [] });

/** A bill of materials of a model, in a folder of its own. */
function paper(name: string, parts: Thing[], folder = `models/${name}`, file = `${folder}/model.cdx.json`): Paper {
  return { file, what: 'bill of materials', folder, subject: model(name), parts };
}

describe('impact', () => {
  it('follows a very long way, and keeps its beginning and its end', () => {
    const length = 3000;
    const papers = Array.from({ length }, (_, index) => paper(`n${index}`, [model(`n${index - 1}`)]));
    const { reached } = impactOf('n-1', papers.reverse(), []);
    assert.equal(reached.length, length);
    const last = reached.find(({ name }) => name === `n${length - 1}`);
    assert.equal(last?.via[0]?.says, 'n-1 is in n0');
    assert.equal(last.via.at(-1)?.says, `n${length - 2} is in n${length - 1}`);
    assert.ok(Math.max(...reached.map(({ via }) => via.length)) < 40);
  });

  it('goes on from another paper of a folder by the way that led to the folder', () => {
    const data: Thing = { kind: 'dataset', names: ['acme/reviews'], digests: [] };
    const papers = [
      paper('alien', [data]),
      paper('base', [data]),
      paper('base-by-another-name', [], 'models/base', 'models/base/other.cdx.json'),
      paper('tuned', [model('base-by-another-name')]),
    ];
    const tuned = impactOf('acme/reviews', papers, []).reached.find(({ name }) => name === 'tuned');
    assert.deepEqual(
      tuned?.via.map(({ says }) => says),
      ['acme/reviews is in base', 'is base-by-another-name', 'base-by-another-name is in tuned'],
    );
  });

  it("takes no library's name for a model's, and its package URL for its own", () => {
    const library: Thing = { kind: 'component', names: ['shared', 'pkg:pypi/shared@1'], digests: [] };
    const papers = [paper('shared', [model('acme/base')]), paper('user', [library])];
    assert.deepEqual(
      impactOf('acme/base', papers, []).reached.map(({ name }) => name),
      ['shared'],
    );
    const found = impactOf('pkg:pypi/shared@1', papers, []).reached;
    assert.deepEqual(
      found.map(({ name }) => name),
      ['user'],
    );
  });
});
