import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';

const script = (name: string): string => new URL(`../../scripts/release/${name}`, import.meta.url).href;
const words = (await import(script('words.mjs'))) as {
  requireChangelog: (root: string, version: string, draft: boolean) => string;
  requireUpgradeNotes: (root: string, version: string) => void;
  requireSchemaVersions: (root: string) => string;
};
const packages = (await import(script('packages.mjs'))) as {
  requireSameBytes: (one: string, other: string) => string;
  requireWithinBudgets: (folder: string, version: string, targets: (string | null)[]) => string;
};
const papers = (await import(script('papers.mjs'))) as {
  requireAllowedLicences: (components: { name: string; licences: string[] }[]) => string;
};

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
    assert.match(packages.requireWithinBudgets(folder, '9.9.9', [null]), /weighbridge-9\.9\.9\.vsix 0\.0 MB/);
    write('sizes/weighbridge-9.9.9.vsix', new Uint8Array(100 << 20));
    assert.throws(
      () => packages.requireWithinBudgets(folder, '9.9.9', [null]),
      /weighbridge-9\.9\.9\.vsix has 100\.0 MB, and may have \d+\.0 MB: find out what was added/,
    );
  });

  it('takes along only what may be given on', () => {
    const licensed = (...licences: string[]) => papers.requireAllowedLicences([{ name: 'left-pad', licences }]);
    assert.equal(licensed('MIT'), '1 packages of npm');
    licensed('(GPL-3.0-only OR MIT)');
    for (const licences of [[], ['GPL-3.0-only'], ['MIT AND GPL-3.0-only']]) {
      assert.throws(() => licensed(...licences), /no allowed licence: left-pad/);
    }
  });
});
