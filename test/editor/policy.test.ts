import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inVsCode } from './suite.ts';

/** A safetensors file of one tensor of four numbers. */
function weights(): Uint8Array {
  const header = Buffer.from('{"encoder.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(16)]);
}

const policy = `package mlsecops.deployment

# METADATA
# title: Only safetensors
deny contains msg if {
	input.model.format != "safetensors"
	msg := "Only SafeTensors format is permitted in production"
}

# METADATA
# title: Signed before promotion
deny contains msg if {
	input.model.signature_verified == false
	msg := "Model must have a verified signature before promotion"
}

deny contains "AIBOM must be generated" if input.model.aibom_generated == false
`;

const tests = `package mlsecops.deployment_test

import data.mlsecops.deployment

test_other_formats_are_denied if {
	count(deployment.deny) == 1 with input as {"model": {"format": "onnx"}}
}

test_unsigned_models_are_denied if {
	count(deployment.deny) == 2 with input as {"model": {"format": "safetensors", "signature_verified": false}}
}
`;

const v0 = `package old

deny[msg] {
	input.model.signature_verified == false
	msg := "unsigned"
}
`;

inVsCode('policies and gates in a real VS Code', ({ vscode, shows, opensOn }) => {
  const folder = opensOn('churn', (churn) => {
    const write = (name: string, content: string | Uint8Array) => {
      mkdirSync(path.dirname(path.join(churn, name)), { recursive: true });
      writeFileSync(path.join(churn, name), content);
    };
    write('weighbridge.yaml', 'version: 1\npolicy:\n  folder: policies\n  roles: roles.yaml\n  evidence: evidence\n');
    write('roles.yaml', 'roles:\n  data-scientist: [ana]\n  ml-engineer: [dana]\n  ml-ops: [omar]\n');
    write('jobs/retrain.job.yaml', 'environment: staging\nchanges_training_config: true\n');
    write('models/churn/model.safetensors', weights());
    write('models/churn/config.json', '{"architectures":["ChurnClassifier"]}\n');
    write('policies/deployment.rego', policy);
    write('policies/deployment_test.rego', tests);
    write('policies/old.rego', v0);
  });

  const lens = (text: string) => vscode.page.locator('.codelens-decoration a', { hasText: text });

  shows('shows errors while a policy is written, explains its input, and the result beside each rule', async () => {
    await vscode.openFile('deployment.rego');
    await vscode.showProblems();
    await lens('Evaluate against model...').first().click();
    // The editor cuts what is beside a rule; its tooltip has it whole.
    await vscode.line('✗ denies: Model must have').waitFor();
    await vscode.line('✓ says nothing').waitFor();
    await vscode.command('View: Toggle Panel Visibility');
    await vscode.page.locator('.view-line span span', { hasText: 'signature_verified' }).first().hover();
    const hover = vscode.page.locator('.monaco-hover', { hasText: 'input.model.signature_verified' });
    await hover.getByText('models/churn').waitFor();
    await hover.getByText('false').waitFor();
    await vscode.screenshot('policy', { keepPointer: true });

    // A field is completed, and an error is told while it is typed.
    await vscode.page.locator('.view-line span span', { hasText: 'aibom_generated' }).first().click();
    await vscode.page.keyboard.press('Control+End');
    await vscode.page.keyboard.type('\nx := input.model.');
    const suggestion = vscode.page.locator('.suggest-widget .monaco-list-row', { hasText: 'signature_verified' });
    await suggestion.first().waitFor();
    await vscode.page.keyboard.press('Escape');
    await vscode.page.keyboard.type('formt');
    await vscode.showProblems();
    await vscode.problem('no field formt in input.model').waitFor();
    await vscode.line('formt').click();
    await vscode.page.keyboard.press('Control+End');
    await vscode.page.keyboard.type('\ny := http.send({})');
    await vscode.problem('undefined function http.send').waitFor();
    await vscode.command('File: Revert File');
    await vscode.problem('undefined function http.send').waitFor({ state: 'detached' });
  });

  shows('rewrites Rego v0 from the light bulb', async () => {
    await vscode.openFile('old.rego');
    await vscode.showProblems();
    await vscode.problem('written in Rego v0').waitFor();
    const fixes = await vscode.quickFixes('deny');
    await fixes.filter({ hasText: 'Rewrite this policy in Rego v1' }).click();
    await vscode.line('deny contains msg if {').first().waitFor();
    await vscode.problem('written in Rego v0').waitFor({ state: 'detached' });
    await vscode.save();
    assert.match(readFileSync(path.join(folder, 'policies', 'old.rego'), 'utf8'), /deny contains msg if/);
  });

  shows('evaluates a gate: each rule with its state, the denial at the model, the policy one click away', async () => {
    await vscode.command('View: Close All Editors');
    await vscode.command('Weighbridge: Evaluate Gate...');
    await vscode.choice('dev-to-staging').click();
    const said = vscode.notification('dev-to-staging, models/churn: Denied');
    await said.waitFor();
    await said.getByRole('button', { name: 'Show Rules' }).click();
    await vscode.inSidebar('dev-to-staging').first().waitFor();
    const gate = vscode.inSidebar('dev-to-staging').first();
    if ((await gate.getAttribute('aria-expanded')) !== 'true') await gate.locator('.monaco-tl-twistie').click();
    await vscode.inSidebar(/The model is in a format that runs no code.*met/).waitFor();
    await vscode.inSidebar(/The functional checks passed.*evidence missing/).waitFor();
    const signature = vscode.inSidebar(/The model is signed by someone who is trusted.*not met/);
    await vscode.showProblems();
    await vscode.filterProblems('dev-to-staging');
    await vscode.problem('dev-to-staging: The model has no verified signature').waitFor();
    await signature.click();
    await vscode.page.locator('.tab.active', { hasText: 'dev_to_staging.rego' }).waitFor();
    await vscode.line('evidence.signature').first().waitFor();
    await vscode.screenshot('gates');
    await vscode.filterProblems('');

    // What was missing arrives, and the view follows.
    mkdirSync(path.join(folder, 'evidence'), { recursive: true });
    const datasets = { kind: 'datasets', datasets: [{ name: 'train', registered: true, verified: true }] };
    await vscode.inSidebar(/Every dataset has a record.*evidence missing/).waitFor();
    writeFileSync(path.join(folder, 'evidence', 'datasets.json'), JSON.stringify(datasets));
    await vscode.inSidebar(/Every dataset has a record, and is what was recorded\s*met/).waitFor();
  });

  shows('records a decision when it is asked to, and shows the log', async () => {
    await vscode.command('Weighbridge: Evaluate Gate...');
    await vscode.choice('dev-to-staging').click();
    const said = vscode.notification('dev-to-staging, models/churn: Denied').last();
    await said.waitFor();
    assert.ok(!existsSync(path.join(folder, '.weighbridge')));
    await said.getByRole('button', { name: 'Record Decision' }).click();
    const recorded = vscode.notification('Recorded as entry 1');
    await recorded.waitFor();
    await recorded.getByRole('button', { name: 'Open Audit Log' }).click();
    await vscode.line('Intact: 1 entry').waitFor();
    await vscode.line('DENY').first().waitFor();
  });

  shows('says who may submit a job, and why not', async () => {
    await vscode.openFile('retrain.job.yaml');
    await vscode.command('Weighbridge: Check Who May Submit This Job');
    await vscode.choice('ana').filter({ hasText: 'may not submit' }).waitFor();
    await vscode.choice('dana').filter({ hasText: 'may submit' }).waitFor();
    await vscode.screenshot('who-may-submit');
    await vscode.choice('ana').first().click();
    await vscode.page.locator('.tab.active', { hasText: 'authorize.rego' }).waitFor();
  });

  shows('runs the tests of policies with coverage in the gutter', async () => {
    await vscode.openFile('deployment.rego');
    await vscode.command('Weighbridge: Test Policies');
    const file = vscode.inSidebar('deployment_test.rego').first();
    await file.waitFor();
    if ((await file.getAttribute('aria-expanded')) !== 'true') await file.locator('.monaco-tl-twistie').click();
    const test = (name: string, icon: string) =>
      vscode.inSidebar(name).filter({ has: vscode.page.locator(`.codicon-testing-${icon}-icon`) });
    await test('test_other_formats_are_denied', 'passed').first().waitFor();
    await test('test_unsigned_models_are_denied', 'failed').first().waitFor();
    await vscode.command('Test: Run All Tests with Coverage');
    await vscode.page.locator('.coverage-deco-gutter').first().waitFor();
    await vscode.screenshot('policy-coverage');
  });
});
