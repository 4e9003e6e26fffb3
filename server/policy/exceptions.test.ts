import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeWorkspace } from '../engine/workspace.fixture.ts';
import { applyExceptions, readExceptions } from './exceptions.ts';
import type { PolicyReason } from './outcome.ts';

const reason: PolicyReason = {
  decision: 'weighbridge.gates.hotfix/deny',
  package: 'weighbridge.gates.hotfix',
  rule: 'gate/format',
  message: 'not safetensors',
  file: 'hotfix.rego',
  line: 3,
  endLine: 3,
  title: null,
  severity: 'error',
  annotations: null,
  details: {},
};

const yaml = (more = '') =>
  `exceptions:\n  - rule: gate/format\n    models: ["models/legacy/"]\n    owner: omar\n    reason: vendor\n    expires: 2026-06-30\n${more}`;

test('an exception holds for its rule, its models, its gate, its digest and its time', async (context) => {
  const { root, path } = makeWorkspace(context, {
    'plain.yaml': yaml(),
    'gate.yaml': yaml('    gate: dev-to-staging\n'),
    'digest.yaml': yaml('    digest: sha256:AB\n'),
  });
  const excepted = async (file: string, of: { model?: string; digest?: string; rule?: string; at?: string } = {}) => {
    const applied = await applyExceptions(
      [{ ...reason, rule: of.rule ?? reason.rule }],
      readExceptions(path(file), root),
      {
        gate: 'hotfix',
        model: path(of.model ?? 'models/legacy'),
        digest: of.digest ?? null,
        folder: root,
        now: Date.parse(of.at ?? '2026-06-30T20:00:00Z'),
      },
    );
    assert.equal(applied.deny.length + applied.excepted.length, 1);
    return applied.excepted.length === 1;
  };
  assert.ok(await excepted('plain.yaml'));
  assert.equal(await excepted('plain.yaml', { at: '2026-07-01T00:00:00Z' }), false);
  assert.equal(await excepted('plain.yaml', { model: 'models/other' }), false);
  assert.equal(await excepted('plain.yaml', { rule: 'gate/signature' }), false);
  assert.equal(await excepted('gate.yaml'), false);
  assert.equal(await excepted('digest.yaml'), false);
  assert.ok(await excepted('digest.yaml', { digest: 'sha256:ab' }));
});

test('one without owner, reason, scope or expiry is refused', (context) => {
  for (const name of ['rule', 'models', 'owner', 'reason', 'expires']) {
    const { path } = makeWorkspace(context, { 'e.yaml': yaml().replace(new RegExp(`${name}:`), 'nothing:') });
    assert.throws(() => readExceptions(path('e.yaml'), '/'), new RegExp(`needs "${name}"`));
  }
  const { path } = makeWorkspace(context, { 'e.yaml': yaml().replace('2026-06-30', 'soon') });
  assert.throws(() => readExceptions(path('e.yaml'), '/'), /which is no date/);
});

test('an exception knows where it is written', (context) => {
  const { root, path } = makeWorkspace(context, {
    'policies/e.yaml': `${yaml()}${yaml().replace('exceptions:\n', '')}`,
  });
  const places = readExceptions(path('policies/e.yaml'), root).map(({ file, line }) => [file, line]);
  assert.deepEqual(places, [
    ['policies/e.yaml', 2],
    ['policies/e.yaml', 7],
  ]);
});
