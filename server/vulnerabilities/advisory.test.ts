import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { buildZip } from '../formats/zip/zipBuilder.fixture.ts';
import { affects, distinctAdvisories, fixedIn, fixedInAll, readOsv } from './advisory.ts';
import { readAdvisories } from './readAdvisories.ts';

const record = (fields: object = {}): object => ({
  id: 'GHSA-aaaa-bbbb-cccc',
  aliases: ['CVE-2099-1'],
  summary: 'something',
  affected: [
    {
      package: { ecosystem: 'PyPI', name: 'Some.Package' },
      ranges: [
        { type: 'GIT', events: [{ introduced: '0' }] },
        {
          type: 'ECOSYSTEM',
          events: [{ introduced: '0' }, { fixed: '1.0.2' }, { introduced: '2.0' }, { last_affected: '2.1' }],
        },
      ],
      versions: ['2010-weird'],
    },
    { package: { ecosystem: 'npm', name: 'other' } },
  ],
  ...fields,
});

describe('an OSV record', () => {
  const [advisory] = readOsv(record());
  assert.ok(advisory);

  test('covers versions by PEP 440', () => {
    const cases: [string, boolean][] = [
      ['0.1', true],
      ['1.0.2', false],
      ['1.0.2rc1', true],
      ['1.0.10', false],
      ['1.5', false],
      ['2.0', true],
      ['2.1.post1', false],
      ['2.1', true],
      ['2.2', false],
      ['1.0.1+cu118', true],
      ['2010-weird', true],
      ['nonsense', false],
    ];
    for (const [version, expected] of cases) assert.equal(affects(advisory, version), expected, version);
  });

  test('names the version that repairs it', () => {
    assert.equal(fixedIn(advisory, '0.1'), '1.0.2');
    assert.equal(fixedIn(advisory, '2.0'), null);
    const later = { ...advisory, id: 'X', ranges: [{ introduced: null, fixed: '1.1', last: null }] };
    assert.equal(fixedInAll([advisory, later], '0.1'), '1.1');
    const again = {
      ...later,
      ranges: [...later.ranges, { introduced: '1.0.2', fixed: '1.2', last: null }],
    };
    assert.equal(
      fixedInAll([advisory, again], '0.1'),
      '1.2',
      'what repairs one is covered by a later range of the other',
    );
    assert.equal(fixedInAll([advisory], '1.5'), null, 'there is nothing to repair');
    assert.equal(fixedInAll([advisory], '2010-weird'), '1.0.2');
  });

  test('that was withdrawn, or is about something else, is none', () => {
    assert.deepEqual(readOsv(record({ withdrawn: '2099-01-01T00:00:00Z' })), []);
    for (const strange of [null, 1, {}, [], { id: 'a' }, { id: 'a', affected: [null, { package: {} }] }])
      assert.deepEqual(readOsv(strange), []);
  });

  test('is told once where another source names it, too', () => {
    const other = { ...advisory, id: 'PYSEC-2099-1', aliases: ['CVE-2099-1', advisory.id] };
    assert.deepEqual(
      distinctAdvisories([advisory, other]).map(({ id }) => id),
      [advisory.id],
    );
  });
});

describe('an OSV export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-osv-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('is a folder of records, or the ZIP of them', () => {
    writeFileSync(join(folder, 'a.json'), JSON.stringify(record()));
    writeFileSync(join(folder, 'b.json'), '{ not JSON');
    const zip = `${folder}.zip`;
    writeFileSync(
      zip,
      buildZip([
        { name: 'a.json', data: JSON.stringify(record()) },
        { name: 'b.json', data: '{' },
      ]),
    );
    try {
      for (const path of [folder, zip]) {
        const { byPackage, unread } = readAdvisories(path);
        assert.deepEqual([...byPackage.keys()], ['some-package'], path);
        assert.equal(unread, 1, path);
      }
    } finally {
      rmSync(zip);
    }
  });
});
