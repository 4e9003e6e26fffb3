import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { program, weighbridge } from './weighbridge.ts';

const churn = fileURLToPath(new URL('../../examples/models/churn/', import.meta.url));

const configuration = `version: 1
signing:
  trust:
    - models: ["models/**", "approvals/**"]
      keys: [key.pub]
policy:
  evidence: evidence
  approvals: approvals
  exceptions: exceptions.yaml
  roles: roles.yaml
`;

interface Decision {
  decision: string;
  reasons: { rule: string; message: string; policy: string; line: number }[];
  missingEvidence: { field: string; command: string }[];
  warnings: { rule: string }[];
  excepted: { rule: string }[];
  expiredExceptions: unknown[];
  obligations: { due: string }[];
  model: { path: string; digest: string };
  decidedAt: string;
  audit: { sequence: number; hash: string };
  rules: { id: string; state: string }[];
}

/** A repository with a signed model, and everything that the first gate wants recorded. */
function repository(context: TestContext) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { root, path } = makeWorkspace(context, {
    'weighbridge.yaml': configuration,
    'key.pub': publicKey.export({ format: 'pem', type: 'spki' }),
    'key.pem': privateKey.export({ format: 'pem', type: 'pkcs8' }),
    'exceptions.yaml': 'exceptions: []\n',
    'roles.yaml': 'roles:\n  data-scientist: [ana]\n  ml-engineer: [dana]\n  ml-ops: [omar]\n',
    'models/churn/model.safetensors': readFileSync(`${churn}model.safetensors`),
    'models/churn/config.json': readFileSync(`${churn}config.json`),
  });
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [program, ...args], { cwd: root, encoding: 'utf8' });
  run('sign', 'models/churn', '--key', 'key.pem', '-q');
  const digest = run('digest', 'models/churn').trim().split('\n')[0] ?? '';
  mkdirSync(path('evidence'));
  mkdirSync(path('approvals'));
  const record = (name: string, fields: Record<string, unknown>) => {
    writeFileSync(path(`evidence/${name}.json`), JSON.stringify({ ...fields, model: { digest } }));
  };
  record('functional', { kind: 'functional', passed: true });
  record('datasets', { kind: 'datasets', datasets: [{ name: 'train', registered: true, verified: true }] });
  const decide = async (gate: string, ...more: string[]) => {
    const outcome = await weighbridge(root, ['gate', gate, 'models/churn', '--format', 'json', ...more]);
    assert.notEqual(outcome.stdout, '', outcome.stderr);
    return { ...(JSON.parse(outcome.stdout) as Decision), code: outcome.code };
  };
  return { root, path, record, decide, digest };
}

test('a model with everything is allowed, and the decision is written down', async (context) => {
  const { root, decide, digest } = repository(context);
  const decision = await decide('dev-to-staging', '--as', 'dana');
  assert.deepEqual([decision.code, decision.decision, decision.reasons], [0, 'allow', []]);
  assert.deepEqual(decision.model, { path: 'models/churn', digest });
  assert.equal(decision.audit.sequence, 1);
  assert.ok(decision.rules.every(({ state }) => state === 'met' || state === 'warned'));
  assert.equal((await weighbridge(root, ['policy', 'audit', '--head', decision.audit.hash])).code, 0);
});

test('a changed file, a missing signature and missing evidence deny, and say what to do', async (context) => {
  const { path, decide } = repository(context);
  writeFileSync(path('models/churn/config.json'), '{}');
  const changed = await decide('dev-to-staging');
  assert.deepEqual([changed.code, changed.decision], [1, 'deny']);
  assert.ok(changed.reasons.some(({ rule }) => rule === 'gate/signature'));
  // What was recorded is of the model as it was.
  assert.deepEqual(
    changed.missingEvidence.map(({ field }) => field),
    ['functional'],
  );
  rmSync(path('models/churn/model.sig'));
  const unsigned = await decide('dev-to-staging');
  assert.match(unsigned.reasons.find(({ rule }) => rule === 'gate/signature')?.message ?? '', /weighbridge sign MODEL/);
  for (const { policy, line } of unsigned.reasons) assert.ok(policy.endsWith('.rego') && line > 0);
});

test('production wants the scans, and names the command of each', async (context) => {
  const { decide } = repository(context);
  const { missingEvidence, reasons } = await decide('staging-to-production');
  const commands = new Map(missingEvidence.map(({ field, command }) => [field, command]));
  assert.match(commands.get('backdoor') ?? '', /^weighbridge backdoor /);
  assert.match(commands.get('regression') ?? '', /^weighbridge regress /);
  assert.match(commands.get('robustness') ?? '', /^weighbridge robustness /);
  assert.match(commands.get('model.aibom') ?? '', /^weighbridge aibom /);
  assert.ok(reasons.some(({ rule }) => rule === 'gate/redteam'));
});

test('a hotfix owes an audit, which later gates enforce until it is recorded', async (context) => {
  const { root, path, record, decide } = repository(context);
  record('regression', { kind: 'regression', agreement: 0.99, mcnemarP: 0.4 });
  const hotfix = await decide('hotfix', '--at', '2026-03-01T12:00:00Z');
  assert.deepEqual([hotfix.code, hotfix.obligations[0]?.due], [0, '2026-03-02T12:00:00.000Z']);
  assert.equal((await decide('dev-to-staging', '--at', '2026-03-02T11:00:00Z')).code, 0);
  const late = await decide('dev-to-staging', '--at', '2026-03-02T13:00:00Z');
  assert.deepEqual([late.code, late.reasons[0]?.rule], [1, 'gate/audit-overdue']);
  writeFileSync(path('report.md'), 'audited\n');
  const close = ['policy', 'close-audit', '1', '--as', 'omar', '--report', 'report.md'];
  assert.equal((await weighbridge(root, close)).code, 0);
  assert.equal((await decide('dev-to-staging', '--at', '2026-03-03T00:00:00Z')).code, 0);
  assert.match((await weighbridge(root, close)).stderr, /no open audit 1/);
});

test('who cuts the audit log gets no decision', async (context) => {
  const { root, path, decide } = repository(context);
  await decide('dev-to-staging');
  await decide('dev-to-staging');
  const log = path('.weighbridge/decisions.jsonl');
  writeFileSync(log, `${readFileSync(log, 'utf8').split('\n')[0]}\n`);
  const { code, stdout, stderr } = await weighbridge(root, ['gate', 'dev-to-staging', 'models/churn']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /the log was cut/);
  assert.equal((await weighbridge(root, ['policy', 'audit'])).code, 1);
});

test('an exception takes a denial back until it expires, and is told either way', async (context) => {
  const { path, decide } = repository(context);
  rmSync(path('models/churn/model.sig'));
  const exception = (expires: string) =>
    writeFileSync(
      path('exceptions.yaml'),
      `exceptions:\n  - rule: gate/signature\n    models: ["models/churn"]\n    owner: omar\n    reason: the key is replaced\n    expires: ${expires}\n`,
    );
  exception('2126-01-01');
  const excepted = await decide('dev-to-staging');
  assert.deepEqual(
    excepted.excepted.map(({ rule }) => rule),
    ['gate/signature'],
  );
  exception('2020-01-01');
  const expired = await decide('dev-to-staging');
  assert.equal(expired.expiredExceptions.length, 1);
  assert.ok(expired.reasons.some(({ rule }) => rule === 'gate/signature'));
});

test('a change of high risk needs the approval of somebody else in ML ops', async (context) => {
  const { root, path, record, decide, digest } = repository(context);
  record('change', { kind: 'change', risk: 'high', reasons: ['a new architecture'] });
  const denied = async (as: string) =>
    (await decide('staging-to-production', '--as', as)).reasons.some(({ rule }) => rule === 'gate/approval');
  assert.ok(await denied('dana'));
  writeFileSync(
    path('approvals/1.yaml'),
    `gate: staging-to-production\napprover: omar\nreason: reviewed\ndigest: ${digest}\nexpires: 2126-01-01\n`,
  );
  assert.equal(await denied('dana'), false);
  assert.ok(await denied('omar'));
  assert.equal((await weighbridge(root, ['sign', 'approvals/1.yaml', '--key', 'key.pem', '-q'])).code, 0);
  assert.equal(await denied('dana'), false);
  writeFileSync(path('approvals/1.yaml'), `${readFileSync(path('approvals/1.yaml'), 'utf8')}# changed\n`);
  assert.ok(await denied('dana'));
});

test('own policies of the folder, and of --policy, have their say in every gate', async (context) => {
  const { root, path, decide } = repository(context);
  mkdirSync(path('policies'));
  writeFileSync(
    path('policies/own.rego'),
    'package mlsecops.deployment\n\ndeny[msg] {\n  input.model.aibom_generated == false\n  msg := "no bill of materials"\n}\n',
  );
  const { code, reasons } = await decide('dev-to-staging', '--policy', 'policies');
  assert.equal(code, 1);
  assert.deepEqual(reasons, [{ rule: 'deny', message: 'no bill of materials', policy: 'policies/own.rego', line: 3 }]);
  writeFileSync(
    path('policies/gate.rego'),
    'package gates.canary\n\ndeny contains "not today" if input.gate == "canary"\n',
  );
  writeFileSync(path('weighbridge.yaml'), `${configuration}  folder: policies\n`);
  const own = await decide('canary');
  assert.ok(own.reasons.some(({ message }) => message === 'not today'));
  assert.ok((await decide('dev-to-staging')).reasons.every(({ message }) => message !== 'not today'));
  writeFileSync(path('policies/gate.rego'), 'package gates.canary\n\ndeny contains\n');
  const broken = await weighbridge(root, ['gate', 'dev-to-staging', 'models/churn']);
  assert.deepEqual([broken.code, broken.stdout], [2, '']);
  assert.match(broken.stderr, /policies\/gate\.rego:\d+:\d+: /);
});

test('a ready document is judged as it stands', async (context) => {
  const { root } = makeWorkspace(context, {
    'empty.json': '{}',
    'hotfix.json': JSON.stringify({
      model: { signature_verified: true, digest: 'sha256:00' },
      regression: { agreement: 1, digest_matches: true },
    }),
    'list.json': '[]',
    'broken.json': '{',
  });
  const judge = (file: string, ...more: string[]) => weighbridge(root, ['gate', 'hotfix', '--input', file, ...more]);
  assert.equal((await judge('empty.json')).code, 1);
  const { code, stderr } = await judge('hotfix.json');
  assert.equal(code, 0);
  assert.match(stderr, /no audit log/);
  assert.equal((await weighbridge(root, ['gate', 'hotfix', 'elsewhere', '--input', 'hotfix.json'])).code, 0);
  for (const file of ['list.json', 'broken.json', 'none.json']) assert.equal((await judge(file)).code, 2);
  const explained = await judge('hotfix.json', '--explain');
  assert.match(explained.stdout, /gate\/regression/);
  assert.match(explained.stdout, /"agreement": 1/);
});

test('JUnit, SARIF and Markdown hold every reason; a verification summary names the model', async (context) => {
  const { root, path } = makeWorkspace(context, {
    'evidence.json': '{"model": {"digest": "sha256:ab12", "path": "m"}}',
  });
  const as = async (format: string) =>
    (await weighbridge(root, ['gate', 'hotfix', '--input', 'evidence.json', '--format', format])).stdout;
  assert.match(await as('junit'), /<testsuite .*failures="2"/);
  const sarif = JSON.parse(await as('sarif')) as { runs: { results: { relatedLocations: unknown[] }[] }[] };
  assert.equal(sarif.runs[0]?.results.length, 2);
  assert.equal(sarif.runs[0].results[0]?.relatedLocations.length, 1);
  assert.match(await as('markdown'), /^## hotfix: deny\n[^]*\| denied \|/);
  await weighbridge(root, ['gate', 'hotfix', '--input', 'evidence.json', '--vsa', 'vsa.json', '-q']);
  const statement = JSON.parse(readFileSync(path('vsa.json'), 'utf8')) as {
    subject: { digest: { sha256: string } }[];
    predicate: { verificationResult: string };
  };
  assert.equal(statement.subject[0]?.digest.sha256, 'ab12');
  assert.equal(statement.predicate.verificationResult, 'FAILED');
});

test('wrong usage is one line and 2', async (context) => {
  const { root } = makeWorkspace(context, { 'm/model.safetensors': '', 'e.json': '{}' });
  const cases: [args: string[], message: RegExp][] = [
    [[], /name the gate and the model/],
    [['dev-to-staging'], /name one model/],
    [['dev-to-staging', 'none'], /none/],
    [['moon', 'm'], /there is no gate "moon"/],
    [['hotfix', '--input', 'e.json', '--at', 'soon'], /--at must be a time/],
    [['hotfix', '--input', 'e.json', '--policy', 'nowhere'], /nowhere: there is no such file/],
    [['hotfix', '--input', 'e.json', '--format', 'xml'], /--format must be/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await weighbridge(root, ['gate', ...args]);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
    assert.equal(stderr.split('\n').length, 2);
  }
});

test('a policy reads what protects the endpoints, from a scan that was recorded', async (context) => {
  const { root, path, decide } = repository(context);
  mkdirSync(path('deploy'));
  mkdirSync(path('policies'));
  writeFileSync(
    path('policies/endpoints.rego'),
    `package endpoints

deny contains msg if {
	some endpoint in input.endpoints
	endpoint.reach == "network"
	not endpoint.controls.authentication in {"enforced", "delegated"}
	msg := sprintf("%s %s (%s:%d) asks nobody who they are", [endpoint.product, endpoint.name, endpoint.path, endpoint.line])
}
`,
  );
  const record = async (lines: string) => {
    writeFileSync(
      path('deploy/nginx.conf'),
      `http {\n  server {\n    listen 443 ssl;\n${lines}    location / { proxy_pass http://m; }\n  }\n}\n`,
    );
    const scan = ['scan', 'deploy', '--format', 'json', '--output', 'evidence/endpoints.json', '--fail-on', 'never'];
    assert.equal((await weighbridge(root, scan)).code, 0);
  };
  const said = async () =>
    (await decide('dev-to-staging', '--policy', 'policies')).reasons.map(({ message }) => message);
  assert.deepEqual(await said(), [], 'no endpoint is known');
  await record('');
  assert.deepEqual(await said(), ['nginx server 443 (deploy/nginx.conf:2) asks nobody who they are']);
  await record('    auth_request /auth;\n');
  assert.deepEqual(await said(), []);
});

test('an address of a model elsewhere is told as that, and not looked for here', async (context) => {
  const { root } = makeWorkspace(context);
  for (const args of [['gate', 'dev-to-staging'], ['digest'], ['sign', '--key', 'none.pem']]) {
    const { code, stderr } = await weighbridge(root, [...args, 'hf://organisation/model']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      new RegExp(`^weighbridge: weighbridge ${args[0]} reads models that lie here, and no addresses`),
    );
  }
});
