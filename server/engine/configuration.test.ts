import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { findConfiguration, loadConfiguration } from './configuration.ts';
import { checkConfiguration, parseConfiguration } from './configurationFile.ts';
import { configurationSchema } from './configurationSchema.ts';
import { makeWorkspace } from './workspace.fixture.ts';

const full = `version: 1
include: [models/**]
exclude: [third_party/]
fail-on: warning
rules:
  pickle/unknown-import: { severity: error, allow: [mylab.*] }
  model/*: off
allow-imports: [mylab.layers.RMSNorm]
baseline: accepted.json
limits: { depth: 3, expanded-bytes: 2 GiB, max-file-size: 50 GB }
signing:
  trusted-root: pki/trusted_root.json
  trust:
    - models: [models/production/]
      required: true
      identities: [{ identity: ci@example.com, issuer: https://accounts.example.com }]
      keys: [keys/release.pub]
      certificates: [pki/root.pem, { roots: pki/other.pem, subject: CN=release }]
    - keys: [keys/lab.pub]
cache: false
`;

test('every key is read', () => {
  const configuration = parseConfiguration(full, '/repo/weighbridge.yaml');
  assert.deepEqual(configuration.include, ['models/**']);
  assert.deepEqual(configuration.exclude, ['third_party/']);
  assert.equal(configuration.failOn, 'warning');
  assert.deepEqual(configuration.rules['pickle/unknown-import'], { severity: 'error', allow: ['mylab.*'] });
  assert.deepEqual(configuration.rules['model/*'], { severity: 'off', allow: [] });
  assert.deepEqual(configuration.allowImports, ['mylab.layers.RMSNorm']);
  assert.match(configuration.baseline ?? '', /accepted\.json$/);
  assert.equal(configuration.limits.depth, 3);
  assert.equal(configuration.limits.expandedBytes, 2 * 2 ** 30);
  assert.equal(configuration.limits.entries, 500_000);
  assert.equal(configuration.maxFileSize, 50e9);
  assert.equal(configuration.cache, false);
  const { trustedRoot, trustConfig, trust } = configuration.trustPolicy;
  assert.deepEqual([trustedRoot, trustConfig], [resolve('/repo/pki/trusted_root.json'), null]);
  assert.deepEqual(trust, [
    {
      models: ['models/production/'],
      required: true,
      identities: [{ identity: 'ci@example.com', issuer: 'https://accounts.example.com' }],
      keys: [resolve('/repo/keys/release.pub')],
      certificates: [
        { roots: resolve('/repo/pki/root.pem'), pin: {} },
        { roots: resolve('/repo/pki/other.pem'), pin: { subject: 'CN=release' } },
      ],
    },
    { models: [], required: false, identities: [], keys: [resolve('/repo/keys/lab.pub')], certificates: [] },
  ]);
});

const wrong: [name: string, text: string, place: string, message: RegExp][] = [
  ['an unknown key', 'version: 1\nexcludes: []\n', '2:1', /unknown key "excludes"; did you mean "exclude"\?/],
  [
    'an unknown rule',
    'version: 1\nrules:\n  pickle/unknown-imports: off\n',
    '3:3',
    /did you mean "pickle\/unknown-import"/,
  ],
  ['an unknown area', 'version: 1\nrules: { zzzzzzzzzzzz/*: off }\n', '2:10', /known areas: access, archive, /],
  ['a severity', 'version: 1\nfail-on: high\n', '2:10', /"fail-on" must be error, warning, info or never, not "high"/],
  ['a boolean', 'version: 1\ncache: "no"\n', '2:8', /"cache" must be true or false, not "no"/],
  ['a list', 'version: 1\nexclude: third_party\n', '2:10', /"exclude" must be a list/],
  ['a number', 'version: 1\nlimits: { depth: 0 }\n', '2:18', /whole number from 1 up, not 0/],
  ['a size', 'version: 1\nlimits: { max-file-size: big }\n', '2:26', /a number of bytes, or one with a unit/],
  ['an import', 'version: 1\nallow-imports: ["*"]\n', '2:17', /an import \(module\.name\)/],
  ['a version', 'version: 2\n', '1:10', /"version" must be 1, not 2/],
  ['no version', 'cache: true\n', '1:1', /the key "version" is missing/],
  ['an empty file', '', '1:1', /the file must hold keys and values/],
  ['broken YAML', 'version: 1\nrules: [\n', '3:1', /./],
  ['a key twice', 'version: 1\ncache: true\ncache: false\n', '3:1', /unique/],
  [
    'an identity without its issuer',
    'version: 1\nsigning:\n  trust:\n    - identities: [{ identity: a@example.com }]\n',
    '4:20',
    /the key "issuer" is missing; an identity means nothing without/,
  ],
  [
    'an identity that looks like a pattern',
    'version: 1\nsigning: { trust: [{ identities: [{ identity: "*@example.com", issuer: "https://a.example" }] }] }\n',
    '2:47',
    /compared exactly, and a star is no wildcard, not "\*@example\.com"/,
  ],
  [
    'an issuer that is no URL',
    'version: 1\nsigning: { trust: [{ identities: [{ identity: a@b.c, issuer: google }] }] }\n',
    '2:62',
    /"issuer" must be the URL of the OpenID provider, not "google"/,
  ],
  [
    'trust in nobody',
    'version: 1\nsigning:\n  trust:\n    - models: [models/]\n',
    '4:7',
    /at least one of identities, keys, certificates/,
  ],
  [
    'certificates without roots',
    'version: 1\nsigning: { trust: [{ certificates: [{ subject: CN=a }] }] }\n',
    '2:37',
    /the key "roots" is missing/,
  ],
  [
    'a misspelt key in a list',
    'version: 1\nsigning: { trust: [{ key: [a.pub] }] }\n',
    '2:22',
    /unknown key "key"; did you mean "keys"\?/,
  ],
  ['a map where a word belongs', 'version: 1\nfail-on: {}\n', '2:10', /not a list or a map/],
];

for (const [name, text, place, message] of wrong) {
  test(`a mistake is told with its place: ${name}`, () => {
    assert.throws(
      () => parseConfiguration(text, '/repo/weighbridge.yaml'),
      (error: Error) => {
        assert.ok(error.message.startsWith(`/repo/weighbridge.yaml:${place}: `), error.message);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  });
}

test('all mistakes are known to an editor, and the right parts hold', () => {
  const { mistakes, configuration } = checkConfiguration('version: 1\nfoo: 1\nbar: 2\nfail-on: never\n', '/r/w.yaml');
  assert.deepEqual(
    mistakes.map(({ line }) => line),
    [2, 3],
  );
  assert.equal(configuration.failOn, 'never');
});

test('aliases in a configuration are followed', () => {
  const { rules } = parseConfiguration(
    'version: 1\nrules:\n  pickle/*: &strict error\n  torch/*: *strict\n',
    '/r/w.yaml',
  );
  assert.equal(rules['torch/*']?.severity, 'error');
});

test('the schema accepts what the checker accepts and refuses what it refuses', () => {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(configurationSchema());
  assert.ok(validate(parse(full)), JSON.stringify(validate.errors));
  for (const [name, text] of wrong) {
    if (name === 'broken YAML' || name === 'a key twice') continue;
    assert.ok(!validate(parse(text)), `${name} must not be valid`);
  }
});

test('the nearest configuration upwards is found', async (context) => {
  const { root, path, write } = makeWorkspace(context, { 'weighbridge.yaml': 'version: 1\n', 'a/b/model.pkl': '' });
  assert.equal(findConfiguration(path('a/b')), path('weighbridge.yaml'));
  write('a/weighbridge.yaml', 'version: 1\nfail-on: info\n');
  const found = findConfiguration(path('a/b')) ?? '';
  assert.equal((await loadConfiguration(found)).failOn, 'info');
  assert.equal((await loadConfiguration(path('weighbridge.yaml'))).folder, root);
  await assert.rejects(loadConfiguration(path('none.yaml')), /there is no configuration file/);
});
