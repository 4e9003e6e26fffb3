import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { headerOf } from '../../server/formats/machineCode.fixture.ts';
import { buildZip } from '../../server/formats/zip/zipBuilder.fixture.ts';

const script = (name: string): string => new URL(`../../scripts/release/${name}`, import.meta.url).href;
const words = (await import(script('words.mjs'))) as {
  requireChangelog: (root: string, version: string, draft: boolean) => string;
  requireUpgradeNotes: (root: string, version: string) => void;
  requireSchemaVersions: (root: string) => string;
};
const packages = (await import(script('packages.mjs'))) as {
  requireSameBytes: (one: string, other: string) => string;
  packagesOf: (version: string, targets: (string | null)[]) => Package[];
  requireWithinBudgets: (folder: string, packages: Package[]) => string;
};
const bills = (await import(script('billOfMaterials.mjs'))) as {
  requireAllowedLicences: (components: { name: string; licences: string[] | null }[]) => string;
};
const code = (await import(script('nativeCode.mjs'))) as {
  nativeFiles: (file: string) => Promise<{ name: string; digest: string; platform: string }[]>;
  requireNativeCode: (expected: Package, found: { name: string; platform: string }[]) => void;
};
interface Package {
  name: string;
  target: string | null;
  native: string[];
}

describe('the checklist of a release', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-release-'));
  after(() => rmSync(scratch, { recursive: true, force: true }));
  const write = (file: string, content: string | Uint8Array): string => {
    const absolute = path.join(scratch, file);
    mkdirSync(path.dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    return path.dirname(absolute);
  };

  it('wants the changes of the version, with a date, and a draft those that wait for one', () => {
    const root = write('log/CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n- New.\n\n## [0.1.0] - 2026-01-02\n\n');
    assert.equal(words.requireChangelog(root, '0.2.0', true), '1 entries');
    assert.throws(() => words.requireChangelog(root, '0.2.0', false), /no section "## \[0\.2\.0\] - DATE"/);
    assert.throws(() => words.requireChangelog(root, '0.1.0', false), /for 0\.1\.0 is empty/);
  });

  it('wants notes for whoever upgrades', () => {
    write('notes/docs/upgrading.md', '# Upgrading\n\n## To 0.2\n');
    words.requireUpgradeNotes(path.join(scratch, 'notes'), '0.2.3');
    assert.throws(() => words.requireUpgradeNotes(path.join(scratch, 'notes'), '0.3.0'), /no section "## To 0\.3"/);
  });

  it('wants a version in the address of every schema', () => {
    const root = write('schemas/a.schema.json', '{"$id": "https://example.org/a-1.json"}');
    assert.equal(words.requireSchemaVersions(root), 'a.schema.json');
    write('schemas/b.schema.json', '{"$id": "https://example.org/b.json"}');
    assert.throws(() => words.requireSchemaVersions(root), /the \$id of b\.schema\.json names no version/);
  });

  it('compares two builds by their bytes, and by their names', () => {
    const one = write('one/a.vsix', 'a');
    const other = write('other/a.vsix', 'a');
    assert.match(packages.requireSameBytes(one, other), /^1 packages/);
    write('other/a.vsix', 'b');
    assert.throws(() => packages.requireSameBytes(one, other), /differ in a\.vsix/);
  });

  it('holds packages to their budgets', () => {
    write('sizes/weighbridge-9.9.9.vsix', 'small');
    const folder = write('sizes/weighbridge-9.9.9.tgz', 'small');
    const both = packages.packagesOf('9.9.9', [null]);
    assert.match(packages.requireWithinBudgets(folder, both), /weighbridge-9\.9\.9\.vsix 0\.0 MB/);
    write('sizes/weighbridge-9.9.9.vsix', new Uint8Array(100 << 20));
    assert.throws(
      () => packages.requireWithinBudgets(folder, both),
      /weighbridge-9\.9\.9\.vsix has 100\.0 MB, and may have \d+\.\d MB: find out what was added/,
    );
  });

  it('wants the machine code of the platform, all of it, and no other, whatever the files are called', async () => {
    const [linux] = packages.packagesOf('9.9.9', ['linux-x64']) as [Package];
    const at = (name: string): string => `extension/dist/node_modules/onnxruntime-node/bin/${name}`;
    const packed = async (files: Record<string, Uint8Array>) => {
      const entries = Object.entries(files).map(([name, data]) => ({ name, data, method: 8 }));
      write('native/a.vsix', buildZip([{ name: 'extension/package.json', data: Buffer.from('{}') }, ...entries]));
      return code.nativeFiles(path.join(scratch, 'native/a.vsix'));
    };
    const intel = headerOf('elf', 'x64');
    const whole = Object.fromEntries(linux.native.map((name) => [at(name), intel]));
    const found = await packed(whole);
    assert.deepEqual(
      found.map(({ platform }) => platform),
      ['linux-x64', 'linux-x64'],
    );
    code.requireNativeCode(linux, found);
    const foreign = await packed({ ...whole, 'extension/media/icon.png': headerOf('mach-o', 'arm64') });
    assert.throws(() => code.requireNativeCode(linux, foreign), /icon\.png is for darwin-arm64: leave it out/);
    const arm = await packed({ ...whole, [at('libonnxruntime.so.1')]: headerOf('elf', 'arm64') });
    assert.throws(() => code.requireNativeCode(linux, arm), /libonnxruntime\.so\.1 is for linux-arm64/);
    assert.throws(() => code.requireNativeCode(linux, found.slice(1)), /libonnxruntime\.so\.1 is missing/);
    const more = await packed({ ...whole, [at('libonnxruntime_providers_cuda.so')]: intel });
    assert.throws(() => code.requireNativeCode(linux, more), /providers_cuda\.so was not there before/);
    const [everywhere] = packages.packagesOf('9.9.9', [null]) as [Package];
    assert.throws(() => code.requireNativeCode(everywhere, found), /is without machine code, and .* is for linux-x64/);
  });

  it('takes along only what may be given on', () => {
    const licensed = (...licences: string[]) => bills.requireAllowedLicences([{ name: 'left-pad', licences }]);
    assert.equal(licensed('MIT'), 'of 1 packages');
    licensed('(GPL-3.0-only OR MIT)');
    for (const licences of [[], ['GPL-3.0-only'], ['MIT AND GPL-3.0-only']]) {
      assert.throws(() => licensed(...licences), /no allowed licence: left-pad/);
    }
  });
});
