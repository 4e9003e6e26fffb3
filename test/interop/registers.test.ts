import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { defaultConfiguration } from '../../server/engine/configuration.ts';
import { WorkspaceScanner } from '../../server/engine/workspaceScanner.ts';
import { parseText } from '../../server/formats/text/parse.ts';
import { registerOf } from '../../server/datasets/registers/readRegister.ts';
import { isDigest } from '../../server/datasets/registers/source.ts';
import type { Finding } from '../../server/rules/finding.ts';
import { runPython } from './python.ts';

/** What a scan of a folder says by rules of one area. */
async function findingsIn(base: string, area = 'dataset/'): Promise<Finding[]> {
  const scanner = new WorkspaceScanner({ base, configuration: defaultConfiguration(base), cache: false });
  try {
    const { findings, errors } = await scanner.scan();
    assert.deepEqual(errors, []);
    return findings.filter(({ ruleId }) => ruleId.startsWith(area));
  } finally {
    await scanner.dispose();
  }
}

const lastLine = (output: string): unknown => JSON.parse(output.trim().split('\n').at(-1) ?? '');

describe('what dvc writes', () => {
  let root = '';
  let made: { trees: string[]; legacy: { files: Record<string, string>; trees: Record<string, string> } };
  const wrong = async () =>
    (await findingsIn(root)).filter(({ ruleId }) => /hash-mismatch|size-mismatch|not-a-hash/.test(ruleId));

  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'weighbridge-dvc-'));
    made = lastLine(await runPython('make_registers.py', ['dvc', root], '', 'venv-registers')) as typeof made;
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  it('hashes, sizes and counts are the same: names with accents, astral characters and quotes, CRLF, .dvcignore', async () => {
    const manifests = readdirSync(root).filter((name) => name.endsWith('.dvc') && name !== '.dvc');
    assert.equal(manifests.length, made.trees.length + 2);
    assert.match(readFileSync(path.join(root, 'tree0.dvc'), 'utf8'), /nfiles: \d+/);
    assert.deepEqual(
      (await wrong()).map(({ message }) => message),
      [],
    );
  });

  it('a byte more in one file of one tree is a mismatch of just that tree', async () => {
    const tree = path.join(root, 'tree5');
    const [file] = readdirSync(tree, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(file);
    const changed = path.join(file.parentPath, file.name);
    const original = readFileSync(changed);
    appendFileSync(changed, '!');
    try {
      const found = await wrong();
      assert.deepEqual(
        found.map(({ path: where, ruleId, location }) => [where, ruleId, location.line]),
        [['tree5.dvc', 'dataset/hash-mismatch', 2]],
      );
      assert.match(found[0]?.message ?? '', /with [\d,]+ bytes for [\d,]+\./);
    } finally {
      writeFileSync(changed, original);
    }
  });

  it('so are those of DVC before 3.0, of files and of folders', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-dvc2-'));
    try {
      const legacy = { ...made.legacy.files, ...made.legacy.trees };
      assert.ok(Object.keys(legacy).length >= 10);
      for (const [name, md5] of Object.entries(legacy)) {
        cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
        writeFileSync(path.join(folder, `${name}.dvc`), `outs:\n- md5: ${md5}\n  path: ${name}\n`);
      }
      const found = await findingsIn(folder);
      assert.deepEqual(
        found.filter(({ ruleId }) => ruleId === 'dataset/hash-mismatch').map(({ message }) => message),
        [],
      );
      appendFileSync(path.join(folder, 'crlf.csv'), 'x\r\n');
      const after = (await findingsIn(folder)).filter(({ ruleId }) => ruleId === 'dataset/hash-mismatch');
      assert.deepEqual(
        after.map(({ path: where }) => where),
        ['crlf.csv.dvc'],
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a store that mlflow writes', () => {
  it('its digest is found as it logged it, with the source that it names', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'weighbridge-mlflow-'));
    try {
      const digests = lastLine(await runPython('make_registers.py', ['mlflow', root], '', 'venv-registers')) as Record<
        string,
        string
      >;
      const found = await findingsIn(root);
      const labels = found.filter(({ ruleId }) => ruleId === 'dataset/mlflow-digest-as-proof');
      assert.deepEqual(labels.map(({ evidence }) => evidence['digest']).sort(), Object.values(digests).sort());
      for (const { path: where, location } of labels) {
        const line = readFileSync(path.join(root, where), 'utf8').split('\n')[(location.line ?? 0) - 1] ?? '';
        const written = line.slice((location.column ?? 1) - 1, (location.endColumn ?? 1) - 1);
        assert.ok(Object.values(digests).includes(written), line);
      }
      const mutable = found.filter(({ ruleId }) => ruleId === 'dataset/mutable-source');
      assert.deepEqual(
        mutable.map(({ evidence }) => evidence['url']),
        ['https://example.org/latest/reviews.csv'],
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

/** Croissant files as the versions of the specification have them. */
function croissant(
  version: '0.8' | '1.0' | '1.1',
  change: (document: Record<string, unknown>) => void = () => undefined,
): string {
  const old = version === '0.8';
  const type = (name: string) => (old ? `sc:${name}` : name.startsWith('File') ? `cr:${name}` : `sc:${name}`);
  const document: Record<string, unknown> = {
    '@context': {
      '@language': 'en',
      '@vocab': 'https://schema.org/',
      sc: 'https://schema.org/',
      cr: 'http://mlcommons.org/croissant/',
      dct: 'http://purl.org/dc/terms/',
      conformsTo: 'dct:conformsTo',
      md5: old ? 'ml:md5' : 'cr:md5',
      isLiveDataset: old ? 'ml:isLiveDataset' : 'cr:isLiveDataset',
      ...(old ? { ml: 'http://mlcommons.org/schema/' } : {}),
    },
    '@type': type('Dataset'),
    ...(old ? {} : { conformsTo: `http://mlcommons.org/croissant/${version}` }),
    name: 'reviews',
    description: 'Reviews.',
    url: 'https://example.org/reviews',
    license: 'https://creativecommons.org/licenses/by/4.0/',
    version: '1.0.0',
    datePublished: '2026-01-01',
    creator: { '@type': 'sc:Person', name: 'Ada' },
    citeAs: 'Ada. Reviews.',
    distribution: [
      {
        '@type': type('FileObject'),
        ...(old ? {} : { '@id': 'train.csv' }),
        name: 'train.csv',
        contentUrl: 'train.csv',
        encodingFormat: 'text/csv',
        contentSize: '16 B',
        sha256: '602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630',
      },
    ],
  };
  change(document);
  return `${JSON.stringify(document, null, 2)}\n`;
}

const file = (document: Record<string, unknown>) => (document['distribution'] as Record<string, unknown>[])[0] ?? {};

describe('Croissant, beside mlcroissant', () => {
  const variants: Record<string, string> = {
    'v08.json': croissant('0.8'),
    'v10.json': croissant('1.0'),
    'v11.json': croissant('1.1'),
    'md5.json': croissant('1.0', (document) => {
      delete file(document)['sha256'];
      file(document)['md5'] = '4c176a5d418613c562f4ea298ad505a1';
    }),
    'none.json': croissant('1.0', (document) => delete file(document)['sha256']),
    'live.json': croissant('1.0', (document) => {
      delete file(document)['sha256'];
      document['isLiveDataset'] = true;
    }),
    'issue80.json': croissant('1.0', (document) => {
      file(document)['sha256'] = 'https://github.com/mlcommons/croissant/issues/80';
    }),
    'unlicensed.json': croissant('1.0', (document) => delete document['license']),
  };
  let root = '';
  interface Read {
    errors: string[];
    name?: string;
    license?: boolean;
    files?: { name: string; sha256: string | null; md5: string | null; contentUrl: string }[];
  }
  let theirs: Record<string, Read> = {};

  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'weighbridge-croissant-'));
    writeFileSync(path.join(root, 'train.csv'), 'text,label\nhi,1\n');
    for (const [name, text] of Object.entries(variants)) {
      writeFileSync(path.join(root, name), text);
    }
    const files = Object.keys(variants).map((name) => path.join(root, name));
    theirs = lastLine(
      await runPython('make_registers.py', ['croissant', ...files], '', 'venv-registers'),
    ) as typeof theirs;
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  it('files, hashes, addresses and names are those that it reads', async () => {
    let compared = 0;
    for (const [name, text] of Object.entries(variants)) {
      const read = theirs[path.join(root, name)];
      assert.ok(read, name);
      if (read.errors.length > 0) continue;
      const parsed = await parseText('json', text);
      assert.ok(parsed.language === 'json');
      const register = registerOf({ path: name, language: 'json', text, scalars: parsed.scalars });
      assert.equal(register?.kind, 'croissant', name);
      assert.equal(register.name, read.name);
      assert.equal(register.licence?.found !== null, read.license, name);
      assert.deepEqual(
        register.data.map(({ name: label, path: local, url, digests }) => [
          label,
          local ?? url?.value,
          digests.map(({ named, written }) => `${named}:${written}`),
        ]),
        (read.files ?? []).map(({ name: label, contentUrl, sha256, md5 }) => [
          label,
          contentUrl,
          [...(sha256 === null ? [] : [`sha256:${sha256}`]), ...(md5 === null ? [] : [`md5:${md5}`])],
        ]),
        name,
      );
      compared++;
    }
    assert.ok(compared >= 5, `only ${compared} were read by mlcroissant: ${JSON.stringify(theirs)}`);
  });

  it('a file without a hash is wrong for both, unless the dataset is live', async () => {
    const found = await findingsIn(root);
    const without = found.filter(({ ruleId }) => ruleId === 'dataset/no-hash').map(({ path: where }) => where);
    const refused = Object.entries(theirs)
      .filter(([, { errors }]) => errors.some((error) => /sha256|md5/.test(error)))
      .map(([name]) => path.basename(name));
    assert.deepEqual(without, ['none.json']);
    assert.deepEqual(refused, ['none.json']);
  });

  it('the hash of the file on disk is compared, and what is no hash is said, which it does not', async () => {
    const found = await findingsIn(root);
    const by = (rule: string) =>
      found.filter(({ ruleId }) => ruleId === `dataset/${rule}`).map(({ path: where }) => where);
    assert.deepEqual(by('hash-mismatch'), []);
    assert.deepEqual(by('size-mismatch'), []);
    assert.deepEqual(by('hash-not-a-hash'), ['issue80.json']);
    assert.deepEqual(theirs[path.join(root, 'issue80.json')]?.errors, []);
    assert.deepEqual(by('licence-missing'), ['unlicensed.json']);
    writeFileSync(path.join(root, 'train.csv'), 'text,label\nhi,0\n');
    const after = (await findingsIn(root)).filter(({ ruleId }) => ruleId === 'dataset/hash-mismatch');
    assert.deepEqual(after.map(({ path: where }) => where).sort(), [
      'md5.json',
      'unlicensed.json',
      'v08.json',
      'v10.json',
      'v11.json',
    ]);
  });

  it('isDigest takes exactly what sha256sum prints', () => {
    const range = { line: 1, column: 1, endLine: 1, endColumn: 1 };
    const of = (written: string) => isDigest({ algorithm: 'sha256', named: 'sha256', written, range });
    assert.equal(of('602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630'), true);
    assert.equal(of('602CC555926D663479F4BCAA6E7C97922858092BC19CC277DD89B02255775630'), true);
    assert.equal(of('602cc555926d663479f4bcaa6e7c9792'), false);
    assert.equal(of(`${'0'.repeat(63)}g`), false);
  });
});
