import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { rules } from '../../server/rules/index.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const { ruleDigestsPlugin } = (await import(new URL('../../scripts/ruleDigests.mjs', import.meta.url).href)) as {
  ruleDigestsPlugin: (root: string, options: BuildOptions) => Plugin;
};

interface Digests {
  ruleDigests: Record<string, string>;
  readersDigest: string;
}

describe('the digests that a build gives the code of rules', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'weighbridge-digests-'));
  before(() => {
    cpSync(path.join(repository, 'server'), path.join(root, 'server'), { recursive: true });
    cpSync(path.join(repository, 'package.json'), path.join(root, 'package.json'));
    symlinkSync(path.join(repository, 'node_modules'), path.join(root, 'node_modules'));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  let builds = 0;
  async function digests(): Promise<Digests> {
    const options: BuildOptions = { bundle: true, platform: 'node', target: 'node20', logLevel: 'error' };
    const outfile = path.join(root, `digests-${builds++}.mjs`);
    await build({
      ...options,
      entryPoints: [path.join(root, 'server', 'fleet', 'ruleDigests.ts')],
      outfile,
      format: 'esm',
      external: ['xmlbuilder2', 'libxmljs2', 'onnxruntime-node'],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      define: { WEIGHBRIDGE_VERSION: '""', WEIGHBRIDGE_BUILD: '""' },
      plugins: [ruleDigestsPlugin(root, options)],
    });
    return (await import(pathToFileURL(outfile).href)) as Digests;
  }
  const change = (file: string, from: string, to: string): void => {
    const absolute = path.join(root, 'server', file);
    const text = readFileSync(absolute, 'utf8');
    assert.ok(text.includes(from), `${file} has ${from}`);
    writeFileSync(absolute, text.replace(from, to));
  };
  const changed = (one: Digests, other: Digests): string[] =>
    Object.keys(one.ruleDigests).filter((id) => one.ruleDigests[id] !== other.ruleDigests[id]);

  it('names every rule, and changes with the code of a rule and not with its comments', async () => {
    const first = await digests();
    assert.deepEqual(
      Object.keys(first.ruleDigests).sort(),
      rules.map(({ meta }) => meta.id),
    );
    change('rules/archive/badCrc.ts', 'export const badCrc', '/** Nothing new. */\nexport const badCrc');
    const commented = await digests();
    assert.deepEqual(changed(first, commented), []);
    change('rules/archive/badCrc.ts', "title: 'An entry", "title: 'One entry");
    const renamed = await digests();
    assert.deepEqual(changed(first, renamed), ['archive/bad-crc']);
    assert.equal(renamed.readersDigest, first.readersDigest);
  });
});
