import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WorkspaceTable } from './workspaceFacts.ts';

const artifact = (path: string) => ({
  path,
  format: 'torch-zip' as const,
  worst: null,
  message: null,
  convertible: 'yes' as const,
});

describe('a reference in a text', () => {
  const table = new WorkspaceTable('/repo', [
    artifact('project/models/a.pt'),
    artifact('project/training/b.pt'),
    artifact('c.pt'),
  ]);
  const found = (reference: string, from = 'project/training/train.yaml') => table.artifact(reference, from)?.path;

  it('leads to what stands beside the file, or below a folder above it', () => {
    assert.equal(found('b.pt'), 'project/training/b.pt');
    assert.equal(found('../models/a.pt'), 'project/models/a.pt');
    assert.equal(found('models/a.pt'), 'project/models/a.pt');
    assert.equal(found('c.pt'), 'c.pt');
    assert.equal(found('.\\models\\a.pt'), 'project/models/a.pt');
  });

  it('leads, in a folder outside the base that is scanned, to what was scanned there', () => {
    const outside = new WorkspaceTable('/repo', [artifact('../other/models/a.pt')]);
    assert.equal(outside.artifact('models/a.pt', '../other/Kitfile')?.path, '../other/models/a.pt');
    assert.equal(outside.artifact('../other/models/a.pt', 'train.yaml'), undefined);
    outside.artifact('secret.pt', '../other/Kitfile');
    assert.deepEqual(outside.takeAsked(), { asked: [], named: [] });
  });

  it('leads nowhere outside the base, and to no address', () => {
    assert.equal(found('../../../c.pt', 'train.yaml'), undefined);
    assert.equal(found('/etc/c.pt'), undefined);
    assert.equal(found('https://example.test/c.pt'), undefined);
    assert.equal(found('/repo/c.pt'), 'c.pt');
  });
});
