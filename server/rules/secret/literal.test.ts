import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

async function severities(file: string, text: string): Promise<string[]> {
  const found = (await judgeExample({ file, text })).filter(({ ruleId }) => ruleId === 'secret/literal');
  const secret = /hf_\w{34}|AKIA\w{16}|9b1c7f3e/;
  for (const finding of found) assert.doesNotMatch(JSON.stringify(finding), secret, 'the credential stays where it is');
  return found.map(({ severity }) => severity);
}

const token = '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';
const strong = 'q7Rt2Yp9LmKv4XwNbJc8Hg';
const litellm = (line: string): string => `model_list:\n- model_name: a\n${line}\n`;

test('a shape that is known is an error wherever it stands', async () => {
  assert.deepEqual(await severities('a.yaml', `x: ${token}\n`), ['error']);
  assert.deepEqual(await severities('a.yaml', `# ${token}\nx: 1\n`), ['error']);
  assert.deepEqual(await severities('a.py', `t = "${token}"\n`), ['error']);
  assert.deepEqual(await severities('nginx.conf', `server { set $t ${token}; }\n`), ['error']);
  assert.deepEqual(await severities('.env', `AWS_ACCESS_KEY_ID=AKIAQZRTYPLMKVXWNBJC\n`), ['error']);
});

test('a credential is named as it is spoken', async () => {
  const key = `sk-proj-${'9f8g7h6j5k4l3m2n1b0v9c8x7z6a5s4d3f2g1h0j'}`;
  const found = await judgeExample({ file: 'a.yaml', text: `x: ${key}\n` });
  const finding = found.find(({ ruleId }) => ruleId === 'secret/literal');
  assert.match(finding?.message ?? '', /^Holds an OpenAI key: /);
});

test('a key of a credential: an error for what nobody makes up, a warning for a word', async () => {
  assert.deepEqual(await severities('a.yaml', litellm(`general_settings: {master_key: ${strong}}`)), ['error']);
  assert.deepEqual(await severities('a.yaml', litellm('general_settings: {master_key: sk-4821}')), ['warning']);
  assert.deepEqual(
    await severities('k.yaml', `_format_version: "3.0"\nconsumers:\n- keyauth_credentials: [{key: ${strong}}]\n`),
    ['error'],
  );
  assert.deepEqual(await severities('config.properties', `keystore=/a.p12\nkeystore_pass=${strong}\n`), ['error']);
  assert.deepEqual(await severities('a.json', '{"password": "Passwort"}'), []);
});

test('references, placeholders and words that only look like it', async () => {
  for (const value of [
    '${TOKEN}',
    '$TOKEN',
    '"{{ token }}"',
    'os.environ/KEY',
    '"{vault://env/key}"',
    '<your-token>',
    'changeme',
    'your_token_here',
    '_password_here',
    'hub.authenticators.shared:SharedPasswordAuthenticator',
    '{env:CLOUDFLARE_API_TOKEN}',
    'hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    '!Ref Key',
    'null',
    '""',
    '/run/secrets/key',
  ])
    assert.deepEqual(await severities('a.yaml', litellm(`general_settings: {master_key: ${value}}`)), [], value);
  for (const line of [
    'eos_token: "<|end_of_text|>"',
    'max_tokens: "4096aBcDeFgHiJkLmNoP"',
    `next_page_token: ${strong}`,
    'tokenizer: org/Model-7B-Instruct-v2',
    'api_key_file: /a/b',
    'token: org/Some-Model-7B-v2',
  ])
    assert.deepEqual(await severities('a.yaml', litellm(line)), [], line);
});

test('functions of CloudFormation name what holds a credential; what stands there itself is one', async () => {
  const template = (password: string): string =>
    `Resources:\n  Db:\n    Type: AWS::RDS::DBCluster\n    Properties:\n      MasterUserPassword: ${password}\n`;
  assert.deepEqual(await severities('t.yaml', template('!Ref DatabaseMasterPassword01')), []);
  assert.deepEqual(await severities('t.yaml', template('!GetAtt [DatabaseSecret, "Secret"]')), []);
  assert.deepEqual(await severities('t.yaml', template(strong)), ['error']);
  const custom = 'Resources:\n  C:\n    Type: Custom::Check\n    Properties: {ServiceToken: checkFunctionArn}\n';
  assert.deepEqual(await severities('t.yaml', custom), []);
});

test('an example in the description of an API is none of its keys', async () => {
  const schema = (key: string): string =>
    JSON.stringify({ openapi: '3.1.0', paths: { '/login': { post: { [key]: { token: strong } } } } });
  assert.deepEqual(await severities('api.json', schema('example')), []);
  assert.deepEqual(await severities('api.json', schema('given')), ['error']);
});

test('a variable of a pod is told of by the rule of variables, and one of an object that starts nothing here', async () => {
  const variable = `env:\n          - name: HF_TOKEN\n            value: hf_${'QxGbzTnVaKpLmWqRsYcDeFhJkUiOpAsDfG'}\n`;
  const pod = `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: a:1\n      ${variable.replaceAll('\n    ', '\n')}`;
  assert.deepEqual(await severities('p.yaml', pod), []);
  const policy = `apiVersion: example.org/v1\nkind: Defaults\nspec:\n  given:\n    - ${variable.replaceAll('\n    ', '\n')}`;
  assert.deepEqual(await severities('d.yaml', policy), ['error']);
});

test('a Kubernetes Secret is judged by what its base64 says', async () => {
  const secret = (value: string): string => `apiVersion: v1\nkind: Secret\ndata:\n  token: ${value}\n`;
  assert.deepEqual(await severities('s.yaml', secret(Buffer.from('your-token-goes-here').toString('base64'))), []);
  assert.deepEqual(await severities('s.yaml', secret(Buffer.from(strong).toString('base64'))), ['error']);
});
