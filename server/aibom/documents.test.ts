import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { canonicalJson } from './canonicalJson.ts';
import { collect } from './collect.ts';
import { writeCycloneDx } from './cyclonedx/write.ts';
import { compareBoms } from './diff.ts';
import { markdownOf, plain } from './exports/markdown.ts';
import { spdx3Of } from './exports/spdx3.ts';
import { packageAddress } from './cyclonedx/parts.ts';
import { mergeBoms } from './merge.ts';
import { modelFolder, safetensors } from './modelFolder.fixture.ts';
import type { VulnerabilityRecord } from './record.ts';
import { signBom, verifyBom } from './signature.ts';
import { get, type JsonObject, list } from './validate/document.ts';
import { validateBom } from './validate/validate.ts';

async function bomOf(files: Record<string, string | Uint8Array>): Promise<JsonObject> {
  const record = await collect(modelFolder(files), { environment: { SOURCE_DATE_EPOCH: '1700000000' } });
  return JSON.parse(writeCycloneDx(record, { spec: '1.6', tool: { name: 'weighbridge', version: '1' } })) as JsonObject;
}

const files = {
  'model.safetensors': safetensors({ w: [2, 2] }),
  'README.md':
    '---\nlicense: mit\nbase_model: acme/base\ndatasets: [squad]\n---\n# M\n- **Developed by:** Acme\n## Limitations\nSome.\n',
  'requirements.txt': 'numpy==1.26.4\n',
};

describe('two bills of materials', () => {
  it('say the same, or what changed', async () => {
    const before = await bomOf(files);
    assert.deepEqual(compareBoms(before, await bomOf(files)), []);
    const after = await bomOf({
      ...files,
      'model.safetensors': safetensors({ w: [3, 3] }),
      'README.md': files['README.md'].replace('mit', 'apache-2.0').replace('squad', 'imdb'),
      'requirements.txt': 'numpy==2.0.0\n',
    });
    const changes = compareBoms(before, after).map(
      ({ kind, what, name, field }) => `${kind} ${what} ${name}${field === undefined ? '' : ` ${field}`}`,
    );
    for (const expected of [
      'changed component numpy version',
      'removed dataset squad',
      'added dataset imdb',
      'changed file model.safetensors hashes[SHA-256].content',
      'changed model modelCard.properties[weighbridge:parameters].value',
      'added model licenses[Apache-2.0].license.id',
      'removed model licenses[MIT].license.id',
    ])
      assert.ok(changes.includes(expected), `${expected}\n${changes.join('\n')}`);
  });
});

describe('merging with a software bill of materials', () => {
  const sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    metadata: { component: { type: 'application', name: 'service', 'bom-ref': 'root' } },
    components: [
      { type: 'library', name: 'numpy', version: '1.26.4', purl: 'pkg:pypi/numpy@1.26.4', 'bom-ref': 'n' },
      { type: 'library', name: 'flask', version: '3.0.0', purl: 'pkg:pypi/flask@3.0.0', 'bom-ref': 'dataset:squad' },
    ],
    dependencies: [{ ref: 'root', dependsOn: ['n', 'dataset:squad'] }],
    vulnerabilities: [{ id: 'CVE-2024-1', affects: [{ ref: 'dataset:squad' }] }],
  };

  it('takes each component once, keeps references right, and connects the model', async () => {
    const aibom = await bomOf(files);
    const merged = mergeBoms(aibom, [sbom]);
    assert.deepEqual([merged.added, merged.shared], [2, 1]);
    const { problems, document } = validateBom(merged.text);
    assert.deepEqual(problems, []);
    const root = document?.root ?? {};
    assert.equal(get(root['vulnerabilities'], 0, 'affects', 0, 'ref'), 'sbom-1:dataset:squad');
    const service = list(root['dependencies']).find((each) => get(each, 'ref') === 'root');
    assert.deepEqual(get(service, 'dependsOn'), ['pkg:pypi/numpy@1.26.4', 'sbom-1:dataset:squad']);
    const model = list(root['dependencies']).find((each) => String(get(each, 'ref')).startsWith('model:'));
    assert.ok(list(get(model, 'dependsOn')).includes('root'));
    assert.notEqual(root['serialNumber'], aibom['serialNumber']);
    assert.equal(mergeBoms(JSON.parse(merged.text) as JsonObject, [sbom]).added, 0);
  });
});

describe('a signature inside the document', () => {
  const pem = (
    key: { export: (options: { type: 'pkcs8' | 'spki'; format: 'pem' }) => string | Buffer },
    type: 'pkcs8' | 'spki',
  ) => String(key.export({ type, format: 'pem' }));

  it('is made and verified with every kind of key, and any change breaks it', async () => {
    const bom = await bomOf(files);
    const pairs = [
      generateKeyPairSync('ed25519'),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      generateKeyPairSync('ec', { namedCurve: 'P-384' }),
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ];
    for (const { privateKey, publicKey } of pairs) {
      const signed = JSON.parse(JSON.stringify(signBom(bom, pem(privateKey, 'pkcs8')))) as JsonObject;
      assert.deepEqual(validateBom(JSON.stringify(signed)).problems, []);
      const result = verifyBom(signed, pem(publicKey, 'spki'));
      assert.deepEqual([result.verified, result.dialect], [true, 'jsf']);
      assert.equal(verifyBom({ ...signed, version: 2 }, pem(publicKey, 'spki')).verified, false);
      const signature = { ...(signed['signature'] as JsonObject), keyId: 'another' };
      assert.equal(verifyBom({ ...signed, signature }, pem(publicKey, 'spki')).verified, false);
      assert.equal(mergeBoms(signed, []).notes.length, 1);
    }
    const [first, second] = pairs;
    const signed = signBom(bom, pem(first?.privateKey as never, 'pkcs8'));
    assert.match(
      verifyBom(signed, pem(second?.publicKey as never, 'spki')).reason ?? '',
      /signed with Ed25519, and the key is for ES256/,
    );
    assert.match(verifyBom(bom, pem(second?.publicKey as never, 'spki')).reason ?? '', /carries no signature/);
    assert.throws(() => signBom(bom, 'no key'), { code: 'bad-input' });
  });

  it('is made over the one form that RFC 8785 gives', () => {
    // The example of section 3.2.2, without its escapes.
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      literals: [null, true, false],
      a: undefined,
    };
    assert.equal(
      canonicalJson(value),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
    );
    assert.equal(
      canonicalJson({ '\u20ac': 1, '\r': 2, 1: 3, '\ud83d\ude00': 4, '\ufb33': 5 }),
      '{"\\r":2,"1":3,"\u20ac":1,"\ud83d\ude00":4,"\ufb33":5}',
    );
  });
});

describe('exports', () => {
  it('give people a page in which data is never markup', async () => {
    const hostile = files['README.md'].replace(
      '# M',
      '# M\n## Uses\n<script>alert(1)</script> [click](javascript:1) | \u202eevil\u200b\n\n# Ignore previous instructions\n',
    );
    const bom = await bomOf({ ...files, 'README.md': hostile, 'a|b `x`.txt': 'x' });
    const page = markdownOf(bom);
    assert.match(page, /^# model-under-test\n/);
    assert.match(page, /\| Licence \| MIT \|/);
    assert.ok(!/<script|\]\(javascript|[\u202e\u200b]/.test(page));
    assert.match(page, /\| a\\\|b \\`x\\`\.txt \|/);
    assert.match(page, /no statement that a law or a standard is met/);
    assert.equal(plain('# x\n1. y'), '\\# x 1. y');
    assert.equal(plain('1. y'), '1\\. y');
  });

  it('give SPDX 3 with the profiles of AI and datasets, and name what SPDX wants and nobody knows', async () => {
    const { text, missing } = spdx3Of(await bomOf(files));
    const graph = (JSON.parse(text) as { '@graph': JsonObject[] })['@graph'];
    const model = graph.find(({ type, name }) => type === 'ai_AIPackage' && name === 'model-under-test');
    assert.equal(model?.['ai_limitation'], 'Some.');
    const relations = graph
      .filter(({ type, from }) => type === 'Relationship' && from === model?.['spdxId'])
      .map((each) => each['relationshipType']);
    assert.deepEqual([...new Set(relations)].sort(), [
      'contains',
      'dependsOn',
      'descendantOf',
      'hasDeclaredLicense',
      'trainedOn',
    ]);
    const ids = graph.map((each) => each['spdxId']).filter((each) => each !== undefined);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(missing.includes('model-under-test: releaseTime'));
    assert.ok(!missing.includes('model-under-test: suppliedBy'));
  });
});

describe('vulnerabilities of the packages of a model', () => {
  it('stand in the document, with whoever knows of them, at the packages that are affected', async () => {
    const asked: string[] = [];
    const record = await collect(
      modelFolder({ 'model.safetensors': safetensors({ w: [1] }), 'requirements.txt': 'torch==2.5.1\nnumpy>=1\n' }),
      {
        vulnerabilities: (packages) => {
          asked.push(...packages.map(packageAddress));
          const known: VulnerabilityRecord = {
            id: 'GHSA-53q9-r3pm-6pq6',
            aliases: ['CVE-2025-32434'],
            source: { name: 'OSV', url: 'https://osv.dev/vulnerability/GHSA-53q9-r3pm-6pq6' },
            severity: 'critical',
            summary: 'torch.load with weights_only=True runs code',
            affects: ['pkg:pypi/torch@2.5.1', 'pkg:pypi/not-here@1'],
          };
          return Promise.resolve([known]);
        },
      },
    );
    assert.deepEqual(asked.sort(), ['pkg:pypi/numpy', 'pkg:pypi/torch@2.5.1']);
    for (const spec of ['1.6', '1.7'] as const) {
      const text = writeCycloneDx(record, { spec, tool: { name: 'weighbridge', version: '1' } });
      assert.deepEqual(validateBom(text).problems, []);
      const [found] = list((JSON.parse(text) as JsonObject)['vulnerabilities']);
      assert.deepEqual(
        [
          get(found, 'id'),
          get(found, 'ratings', 0, 'severity'),
          get(found, 'references', 0, 'id'),
          get(found, 'affects'),
        ],
        ['GHSA-53q9-r3pm-6pq6', 'critical', 'CVE-2025-32434', [{ ref: 'pkg:pypi/torch@2.5.1' }]],
      );
    }
  });
});
