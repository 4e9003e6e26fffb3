// A draft of a release from the last commit: two checkouts, installed and built, as `npm run release` makes them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { program } from '../cli/weighbridge.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

describe('a draft of a release', { timeout: 3_600_000 }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-draft-'));
  const out = path.join(scratch, 'release');
  const at = (name: string): string => path.join(scratch, name);
  after(() => rmSync(scratch, { recursive: true, force: true }));
  const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: repository, encoding: 'utf8' });
  const read = (name: string): string => readFileSync(path.join(out, name), 'utf8');
  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(path.join(out, name)))
      .digest('hex');
  const keys = (name: string): void => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(at(`${name}.pem`), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(at(`${name}.pub`), pair.publicKey.export({ type: 'spki', format: 'pem' }));
  };

  it('has the same bytes from two builds for every platform, with the machine code of each, and is signed', () => {
    keys('key');
    const who = ['--key', at('key.pem'), '--public-key', at('key.pub')];
    const draft = node('scripts/release.mjs', '--draft', ...who, '--out', out);
    assert.equal(draft.status, 0, draft.stdout + draft.stderr);
    assert.match(draft.stdout, /^ok {9}the same bytes: 7 packages, built twice in two places/m);
    assert.match(draft.stdout, /^ok {9}machine code: 16 files, each of the platform of its package/m);
    assert.match(draft.stdout, /^ok {9}licences: of \d{3} packages/m);
    assert.match(draft.stdout, /A draft, and no release: some of the list was not asked for\.\n$/);
  });

  it('names what it holds, and what each package is made of', () => {
    const sums = read('SHA256SUMS').trimEnd().split('\n');
    assert.equal(sums.length, 14);
    for (const line of sums) {
      const [wanted, name = ''] = line.split('  ');
      assert.equal(digest(name), wanted, name);
    }
    const packages = sums.map((line) => line.split('  ')[1]!).filter((name) => !name.endsWith('.cdx.json'));
    assert.equal(packages.length, 7);
    for (const name of packages) {
      const validated = node(program, 'aibom', 'validate', path.join(out, `${name}.cdx.json`));
      assert.equal(validated.status, 0, validated.stdout + validated.stderr);
      const { metadata, components } = JSON.parse(read(`${name}.cdx.json`)) as {
        metadata: { component: { hashes: { content: string }[] } };
        components: { purl?: string; name: string; licenses?: unknown[]; hashes?: { content: string }[] }[];
      };
      assert.equal(metadata.component.hashes[0]?.content, digest(name));
      const urls = components.flatMap(({ purl }) => purl ?? []);
      const has = (start: string): boolean => urls.some((url) => url.startsWith(start));
      // Ajv and the grammar of Python are needed by the tools of development, too.
      for (const each of ['golang/github.com/open-policy-agent/opa@', 'golang/std@', 'npm/yaml@', 'npm/ajv@'])
        assert.ok(has(`pkg:${each}`), `${name}: ${each}`);
      assert.ok(has('pkg:npm/tree-sitter-python@'), name);
      assert.equal(has('pkg:npm/pg@'), name.endsWith('.tgz'), name);
      const files = components.filter(({ purl }) => purl === undefined);
      assert.equal(files.length > 0, has('pkg:npm/onnxruntime-node@') && !name.endsWith('.tgz'), name);
      assert.ok(
        components.every(({ purl, licenses }) => purl === undefined || licenses?.length === 1),
        name,
      );
    }
  });

  it('says of every package how it was built', () => {
    const [file = ''] = readdirSync(out).filter((name) => name.endsWith('.intoto.sigstore.json'));
    const { dsseEnvelope } = JSON.parse(read(file)) as { dsseEnvelope: { payload: string } };
    const { subject, predicateType, predicate } = JSON.parse(
      Buffer.from(dsseEnvelope.payload, 'base64').toString(),
    ) as {
      subject: { name: string; digest: { sha256: string } }[];
      predicateType: string;
      predicate: { buildDefinition: { resolvedDependencies: { uri?: string; digest: { gitCommit?: string } }[] } };
    };
    const [source] = predicate.buildDefinition.resolvedDependencies;
    const commit = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: repository, encoding: 'utf8' }).stdout.trim();
    assert.equal(source?.digest.gitCommit, commit);
    assert.doesNotMatch(source.uri ?? '', /\/\/[^/]*@/);
    assert.equal(predicateType, 'https://slsa.dev/provenance/v1');
    assert.equal(subject.length, 7);
    for (const each of subject) assert.equal(each.digest.sha256, digest(each.name), each.name);
  });

  it('is verified as a model is, and by no other key', () => {
    keys('other');
    const verify = (key: string) => node(program, 'verify', out, '--key', at(`${key}.pub`));
    assert.equal(verify('key').status, 0, verify('key').stdout + verify('key').stderr);
    assert.equal(verify('other').status, 1);
  });

  it('is not verified after anybody changed a byte of a package', () => {
    const [archive = ''] = readdirSync(out).filter((name) => name.endsWith('.tgz'));
    const bytes = readFileSync(path.join(out, archive));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path.join(out, archive), bytes);
    const changed = node(program, 'verify', out, '--key', at('key.pub'));
    assert.equal(changed.status, 1);
    assert.match(changed.stdout, new RegExp(archive.replaceAll('.', '\\.')));
  });
});
