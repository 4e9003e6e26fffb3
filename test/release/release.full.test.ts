// A draft of a release from the last commit: two checkouts, installed and built, as `npm run release` makes them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { program } from '../cli/weighbridge.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

describe('a draft of a release', { timeout: 1_800_000 }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-draft-'));
  const out = path.join(scratch, 'release');
  const at = (name: string): string => path.join(scratch, name);
  after(() => rmSync(scratch, { recursive: true, force: true }));
  const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: repository, encoding: 'utf8' });

  it('has the same bytes from two builds, and is signed', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(at('key.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(at('key.pub'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
    const who = ['--key', at('key.pem'), '--public-key', at('key.pub')];
    const draft = node('scripts/release.mjs', '--draft', '--target', 'any', ...who, '--out', out);
    assert.equal(draft.status, 0, draft.stdout + draft.stderr);
    assert.match(draft.stdout, /^ok {9}the same bytes: 2 packages, built twice in two places/m);
    assert.match(draft.stdout, /A draft, and no release: some of the list was not asked for\.\n$/);
  });

  it('names what it holds', () => {
    const sums = readFileSync(path.join(out, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
    assert.equal(sums.length, 3);
    for (const line of sums) {
      const [digest, name = ''] = line.split('  ');
      assert.equal(
        createHash('sha256')
          .update(readFileSync(path.join(out, name)))
          .digest('hex'),
        digest,
        name,
      );
    }
    const bom = readdirSync(out).find((name) => name.endsWith('.cdx.json')) ?? '';
    const validated = node(program, 'aibom', 'validate', path.join(out, bom));
    assert.equal(validated.status, 0, validated.stdout + validated.stderr);
    const { components } = JSON.parse(readFileSync(path.join(out, bom), 'utf8')) as { components: { purl: string }[] };
    assert.ok(components.some(({ purl }) => purl.startsWith('pkg:golang/github.com/open-policy-agent/opa@')));
    assert.ok(components.some(({ purl }) => purl.startsWith('pkg:npm/yaml@')));
  });

  it('is verified as a model is, and not after anybody changed a package', () => {
    const verify = () => node(program, 'verify', out, '--key', at('key.pub'));
    assert.equal(verify().status, 0, verify().stdout + verify().stderr);
    const [archive = ''] = readdirSync(out).filter((name) => name.endsWith('.tgz'));
    appendFileSync(path.join(out, archive), 'x');
    const changed = verify();
    assert.equal(changed.status, 1);
    assert.match(changed.stdout, new RegExp(archive.replaceAll('.', '\\.')));
  });
});
