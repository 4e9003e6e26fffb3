import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  auditLogs,
  evaluateGate,
  gates,
  policyCommands,
  runPolicyTests,
  whoMaySubmit,
  type AuditLogText,
  type GateState,
  type JobAnswer,
  type ModelGates,
  type RecordOutcome,
} from '../../server/lsp/policy/protocol.ts';
import { policy, policyWorkspace } from './policyWorkspace.ts';

describe('gates in the editor, by the protocol', () => {
  const { write, uri, start, open, changed, shown, text, ask, run, inFolder } = policyWorkspace();

  it('evaluates gates, tells denials at the model with the line of the policy, and follows what changes', async () => {
    const server = await start({}, { textDocument: { publishDiagnostics: { relatedInformation: true } } });
    write(
      'policies/gates.rego',
      'package gates.canary\n\n# METADATA\n# title: A canary is named\ndeny contains "no canary" if not input.functional\n',
    );
    await changed('policies/gates.rego');
    const [before] = await ask<ModelGates[]>(gates, {});
    assert.equal(before?.label, 'models/a');
    assert.deepEqual(
      before?.gates.map(({ gate, state }) => [gate, state]),
      [
        ['dev-to-staging', 'not-evaluated'],
        ['staging-to-production', 'not-evaluated'],
        ['hotfix', 'not-evaluated'],
        ['canary', 'not-evaluated'],
      ],
    );
    const params = { uri: uri('models/a'), gate: 'dev-to-staging' };
    const state = await ask<GateState>(evaluateGate, params);
    assert.equal(state.state, 'deny');
    assert.match(state.text, /^Denied: \d of \d+ rules not met\.$/);
    const rows = new Map(state.rows.map((row) => [row.id, row]));
    assert.equal(rows.get('gate/format')?.state, 'met');
    assert.match(rows.get('gate/format')?.evidenceUri ?? '', /models\/a\/model\.safetensors$/);
    assert.equal(rows.get('gate/signature')?.state, 'not-met');
    const functional = rows.get('gate/functional');
    assert.deepEqual([functional?.state, functional?.missing[0]?.field], ['no-evidence', 'functional']);
    const policyFile = new URL(functional?.policyUri ?? '');
    assert.match(
      readFileSync(policyFile, 'utf8').split('\n')[(functional?.line ?? 0) - 1] ?? '',
      /evidence\.functional/,
    );

    const denial = () => shown('models/a/model.safetensors').find(({ code }) => code === 'gate/signature');
    await server.until('a denial at the model', () => denial() !== undefined);
    assert.match(text(denial()), /^dev-to-staging: The model has no verified signature/);
    assert.match(denial()?.relatedInformation?.[0]?.location.uri ?? '', /gates\/dev_to_staging\.rego$/);
    await ask<GateState>(evaluateGate, { ...params, gate: 'hotfix' });
    await server.until('both gates in one', () => /^dev-to-staging, hotfix: /.test(text(denial())));

    // What was missing arrives, and is seen without anybody asking.
    write(
      'evidence/datasets.json',
      '{"kind":"datasets","datasets":[{"name":"train","registered":true,"verified":true}]}',
    );
    await changed('evidence/datasets.json');
    const datasets = () => shown('models/a/model.safetensors').some(({ code }) => code === 'gate/dataset-provenance');
    await server.until('the datasets are known', () => !datasets());
    const [after] = await ask<ModelGates[]>(gates, {});
    assert.equal(after?.gates[0]?.rows.find(({ id }) => id === 'gate/dataset-provenance')?.state, 'met');

    const canary = await ask<GateState>(evaluateGate, { ...params, gate: 'canary' });
    assert.deepEqual(
      canary.rows.map(({ title, state: of }) => [title, of]),
      [
        ['A canary is named', 'not-met'],
        ['Only safetensors', 'met'],
        ['deny (deployment.rego, line 10)', 'not-met'],
      ],
    );
  });

  it('records a decision only when it is asked to, and shows the log', async () => {
    await start();
    const log = inFolder('.weighbridge', 'decisions.jsonl');
    const params = { uri: uri('models/a'), gate: 'dev-to-staging' };
    await run<GateState>(policyCommands.evaluateGate, params);
    assert.ok(!existsSync(log));
    const [empty] = await ask<AuditLogText[]>(auditLogs, {});
    assert.match(empty?.text ?? '', /No decision was recorded yet/);
    const recorded = await run<RecordOutcome>(policyCommands.recordDecision, params);
    assert.deepEqual([recorded.decision, recorded.sequence], ['deny', 1]);
    const [text] = await ask<AuditLogText[]>(auditLogs, {});
    assert.match(text?.text ?? '', new RegExp(`Intact: 1 entry, head ${recorded.hash}`));
    assert.match(text?.text ?? '', /#1 {2}\S+ {2}DENY {2}dev-to-staging {2}models\/a/);
    writeFileSync(log, readFileSync(log, 'utf8').replace('"deny"', '"allow"'));
    const [damaged] = await ask<AuditLogText[]>(auditLogs, {});
    assert.equal(damaged?.intact, false);
    assert.match(damaged?.text ?? '', /DAMAGED[^]*line 1: the line was changed/);
    await changed('.weighbridge/decisions.jsonl');
    await assert.rejects(run(policyCommands.recordDecision, params), /damaged/);
  });

  it('says who may submit a job', async () => {
    write('job.yaml', 'environment: production\nchanges_training_config: true\n');
    await start();
    const answers = await ask<JobAnswer[]>(whoMaySubmit, { uri: uri('job.yaml') });
    assert.deepEqual(
      answers.map(({ subject, roles, decision }) => [subject, roles, decision]),
      [
        ['ana', ['data-scientist'], 'deny'],
        ['omar', ['ml-ops'], 'allow'],
      ],
    );
    assert.deepEqual(
      answers[0]?.reasons.map(({ rule }) => rule),
      ['authorize/submit', 'authorize/training-config'],
    );
    write('job.yaml', '- no job\n');
    await assert.rejects(ask(whoMaySubmit, { uri: uri('job.yaml') }), /is no job/);
  });

  it('evaluates no policy of a workspace that is not trusted, and still tells its errors', async () => {
    write('policies/gates.rego', 'package gates.canary\n\ndeny contains "no canary" if true\n');
    const server = await start({ trusted: false });
    await open('policies/deployment.rego', policy.replace('msg := ', 'mgs := '));
    await server.until('an error', () => shown('policies/deployment.rego').length > 0);
    const textDocument = { uri: uri('policies/deployment.rego') };
    assert.deepEqual(await ask('textDocument/codeLens', { textDocument }), []);
    const notTrusted = /not trusted/;
    await assert.rejects(run(policyCommands.evaluatePolicy, textDocument), notTrusted);
    await assert.rejects(ask(runPolicyTests, { uris: [textDocument.uri] }), notTrusted);
    await assert.rejects(run(policyCommands.recordDecision, { uri: uri('models/a'), gate: 'hotfix' }), notTrusted);
    const [model] = await ask<ModelGates[]>(gates, {});
    assert.deepEqual(
      model?.gates.map(({ gate }) => gate),
      ['dev-to-staging', 'staging-to-production', 'hotfix'],
    );
    const state = await ask<GateState>(evaluateGate, { uri: uri('models/a'), gate: 'dev-to-staging' });
    assert.ok(state.rows.every(({ policyUri }) => !policyUri.startsWith(uri('policies'))));
  });
});
