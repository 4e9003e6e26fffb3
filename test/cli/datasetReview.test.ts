import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, test } from 'node:test';
import { recordHash } from '../../server/datasets/review/recordHash.ts';
import { openRows } from '../../server/datasets/rows/openRows.ts';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { MemorySource } from '../../server/formats/source.ts';
import { weighbridge } from './weighbridge.ts';

interface Report {
  findings: {
    ruleId: string;
    severity: string;
    location: { line: number | null };
    evidence: Record<string, unknown>;
  }[];
  datasets: { review: { marked: number; knownClean: number; fileKnownClean: boolean; poisoned: number } }[];
}

const hidden = '{"text":"fi\u200bne"}\n{"text":"plain"}\n{"text":"al\u200bso"}\n';
const canonical = (text: string) =>
  createHash('sha256')
    .update(JSON.stringify([['text', text]]))
    .digest('hex');

async function scan(root: string, args: string[] = []): Promise<{ report: Report; code: number | null }> {
  const { stdout, stderr, code } = await weighbridge(root, ['dataset', 'scan', 'a.jsonl', '--format', 'json', ...args]);
  assert.equal(stderr, '');
  return { report: JSON.parse(stdout) as Report, code };
}

const told = ({ report }: { report: Report }) => report.findings.map(({ ruleId, location }) => [ruleId, location.line]);

describe('what people decided', () => {
  test('a clean mark silences a record, a poisoned one is an error in every file, and both can be taken back', async (context) => {
    const { root } = makeWorkspace(context, { 'a.jsonl': hidden, 'b.csv': 'text\n"al\u200bso"\n' });
    const mark = (line: string, as: string, reason: string[] = ['--reason', 'seen']) =>
      weighbridge(root, ['dataset', 'mark', 'a.jsonl', '--line', line, '--as', as, ...reason]);
    assert.equal((await mark('1', 'clean')).code, 0);
    assert.deepEqual(told(await scan(root)), [['dataset/hidden-characters', 3]]);
    const poisoned = await mark('3', 'poisoned');
    assert.match(poisoned.stdout, /1 record marked as poisoned in weighbridge-marks\.jsonl\. Commit it/);
    const { report, code } = await scan(root);
    assert.equal(code, 1);
    assert.deepEqual(
      report.findings
        .filter(({ severity }) => severity === 'error')
        .map(({ ruleId, location }) => [ruleId, location.line]),
      [['dataset/marked-poisoned', 3]],
    );
    assert.deepEqual(report.datasets[0]?.review, { marked: 1, knownClean: 0, fileKnownClean: false, poisoned: 1 });
    // The same record in another format.
    const csv = await weighbridge(root, ['dataset', 'scan', 'b.csv']);
    assert.equal(csv.code, 1);
    assert.match(csv.stdout, /This record was marked as poisoned: seen/);
    await mark('3', 'unmarked', []);
    assert.deepEqual(told(await scan(root)), [['dataset/hidden-characters', 3]]);
  });

  test('known-clean records and files are not suspected', async (context) => {
    const { root } = makeWorkspace(context, {
      'a.jsonl': hidden,
      'weighbridge.yaml': 'version: 1\ndatasets:\n  known-clean: clean.sha256\n',
      'clean.sha256': `${canonical('fi\u200bne')}  record: a.jsonl line 1\n`,
    });
    const first = await scan(root);
    assert.deepEqual(told(first), [['dataset/hidden-characters', 3]]);
    assert.equal(first.report.findings[0]?.evidence['record'], canonical('al\u200bso'));
    assert.equal(first.report.datasets[0]?.review.knownClean, 1);
    writeFileSync(path.join(root, 'clean.sha256'), `${createHash('sha256').update(hidden).digest('hex')} *a.jsonl\n`);
    const second = await scan(root);
    assert.deepEqual(told(second), []);
    assert.equal(second.report.datasets[0]?.review.fileKnownClean, true);
    writeFileSync(path.join(root, 'clean.sha256'), 'nothing of the kind\n');
    const { stderr, code } = await weighbridge(root, ['dataset', 'scan', 'a.jsonl']);
    assert.deepEqual([code, /holds no SHA-256/.test(stderr)], [2, true]);
  });

  test('a file of marks that is damaged ends the scan: decisions are not passed over', async (context) => {
    const { root } = makeWorkspace(context, { 'a.jsonl': hidden, 'weighbridge-marks.jsonl': '{"record": 1}\n' });
    const { stderr, code } = await weighbridge(root, ['dataset', 'scan', 'a.jsonl']);
    assert.equal(code, 2);
    assert.match(stderr, /line 1 is no mark/);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  });
});

describe('personal data', () => {
  const rows = '{"text":"write to ann@example.org"}\n{"text":"and pay 4111 1111 1111 1111"}\n';

  test('is a warning until a record says what it is and on what ground', async (context) => {
    const { root } = makeWorkspace(context, { 'a.jsonl': rows });
    const severities = async () =>
      (await scan(root)).report.findings
        .filter(({ ruleId }) => ruleId === 'dataset/personal-data')
        .map(({ severity }) => severity);
    const record = (classification: object | null) =>
      writeFileSync(
        path.join(root, 'provenance.json'),
        JSON.stringify({ schemaVersion: 1, datasets: [{ path: 'a.jsonl', classification }] }),
      );
    assert.deepEqual(await severities(), ['warning', 'warning']);
    record(null);
    assert.deepEqual(await severities(), ['warning', 'warning']);
    record({ level: 'regulated', personalData: 'personal', legalBasis: null, consent: ' ' });
    assert.deepEqual(await severities(), ['warning', 'warning']);
    record({ level: 'public', personalData: 'none', legalBasis: 'contract' });
    assert.deepEqual(await severities(), ['warning', 'warning']);
    record({ level: 'regulated', personalData: 'personal', legalBasis: 'contract (GDPR 6(1)(b))' });
    assert.deepEqual(await severities(), ['info', 'info']);
  });

  test('is redacted into a copy that keeps everything else, in each format', async (context) => {
    const big = '{"id": 12345678901234567890, "text":"a \\"ann@example.org\\"", "n": 4111111111111111}\n';
    const { root } = makeWorkspace(context, {
      'a.jsonl': big,
      'b.csv': 'text,other\r\n"say ""hi"" to ann@example.org, please",ann@example.org\r\n',
      'c.json': '[\n {"text": "ann@example.org"},\n {"text": "x"}\n]\n',
      'd.jsonl.gz': gzipSync(big),
    });
    const redact = (...args: string[]) => weighbridge(root, ['dataset', 'redact', ...args]);
    const text = (name: string) => readFileSync(path.join(root, name), 'utf8');
    assert.equal((await redact('a.jsonl')).code, 0);
    const expected = '{"id": 12345678901234567890, "text":"a \\"[email]\\"", "n": "[card]"}\n';
    assert.equal(text('a.redacted.jsonl'), expected);
    assert.equal((await redact('b.csv', '--field', 'text')).code, 0);
    assert.equal(text('b.redacted.csv'), 'text,other\r\n"say ""hi"" to [email], please",ann@example.org\r\n');
    assert.equal((await redact('c.json')).code, 0);
    assert.deepEqual(JSON.parse(text('c.redacted.json')), [{ text: '[email]' }, { text: 'x' }]);
    assert.equal((await redact('d.jsonl.gz')).code, 0);
    assert.equal(text('d.redacted.jsonl'), expected);
  });

  test('a JSON document keeps its form: what is left out takes its comma and its key along', async (context) => {
    const document = (rows: string[], more = '') =>
      `{\n  "version": "1",\n  "data": [${rows.join(', ')}],\n  "empty": []${more}\n}\n`;
    const row = (text: string) => JSON.stringify({ text, n: 1 });
    const bad = ', "note": {"by": "ann@example.org"}';
    const { root } = makeWorkspace(context, {
      'o.json': document([row('a'), row('ann@example.org'), row('b')], bad),
      'l.json': ' [ "x" ,"y", "ann@example.org"]',
      'broken.json': '{"data": [{"text": "ann@example.org}, {"text": "x"}]}',
    });
    const text = (name: string) => readFileSync(path.join(root, name), 'utf8');
    assert.equal((await weighbridge(root, ['dataset', 'redact', 'o.json'])).code, 0);
    assert.equal(
      text('o.redacted.json'),
      document([row('a'), row('[email]'), row('b')], bad.replace('ann@example.org', '[email]')),
    );
    await weighbridge(root, ['dataset', 'redact', 'l.json']);
    assert.equal(text('l.redacted.json'), ' [ "x","y", "[email]"]');

    const exported = async (name: string, rows: number[], columns: string[] = []): Promise<unknown> => {
      const source = openRows(new MemorySource(readFileSync(path.join(root, name))), name) ?? assert.fail();
      const marks = [...source.rows()]
        .filter((_, index) => rows.includes(index))
        .map((each) => JSON.stringify({ record: recordHash(each), mark: 'poisoned', reason: 'x', path: name }));
      writeFileSync(path.join(root, 'marks.jsonl'), marks.map((mark) => `${mark}\n`).join(''));
      const args = ['dataset', 'export', name, '--marks', 'marks.jsonl', '--overwrite', ...columns];
      const { stderr } = await weighbridge(root, args);
      assert.equal(stderr, '');
      return JSON.parse(text(name.replace('.json', '.clean.json')));
    };
    const rows = [
      { text: 'a', n: 1 },
      { text: 'ann@example.org', n: 1 },
      { text: 'b', n: 1 },
    ];
    const note = { by: 'ann@example.org' };
    assert.deepEqual(await exported('o.json', [1]), { version: '1', data: rows.slice(1), empty: [], note });
    assert.deepEqual(await exported('o.json', [0]), { data: rows, empty: [], note });
    assert.deepEqual(await exported('o.json', [0, 2, 3, 4]), { data: [rows[0]], empty: [] });
    assert.deepEqual(await exported('o.json', [0, 1, 2, 3, 4]), { data: [], empty: [] });
    assert.deepEqual(await exported('l.json', [0, 1]), ['ann@example.org']);
    assert.deepEqual(await exported('l.json', [2]), ['x', 'y']);
    assert.deepEqual(await exported('l.json', [0, 1, 2]), []);

    // What cannot be read is not passed on as it stands.
    const broken = await weighbridge(root, ['dataset', 'redact', 'broken.json']);
    assert.ok(!existsSync(path.join(root, 'broken.redacted.json')) || !text('broken.redacted.json').includes('ann@'));
    assert.match(broken.stdout + broken.stderr, /no whole JSON|could not be read/);
  });

  test('what cannot be written is one sentence, and nothing is lost', async (context) => {
    const { root } = makeWorkspace(context, {
      'a.jsonl': rows,
      'a.redacted.jsonl': 'mine\n',
      'o.json': '{"a":["x"',
      'k.json': '{"ann@example.org": {"text": "x"}}',
      'm.bin': Buffer.from([0, 1, 0]),
    });
    for (const [args, words] of [
      [['redact', 'a.jsonl'], /exists|already/],
      [['redact', 'a.jsonl', '--out', 'a.jsonl'], /another name/],
      [['redact', 'a.jsonl', '--field', 'body', '--out', 'x.jsonl'], /no record has a field body/],
      [['redact', 'o.json'], /no whole JSON \(the document ends in the middle\): nothing/],
      [['redact', 'k.json'], /a key of the object itself/],
      [['redact', 'm.bin'], /is no text/],
      [['redact', 'gone.jsonl'], /there is no/],
      [['redact'], /name one file/],
      [['mark', 'a.jsonl', '--line', '1', '--as', 'clean'], /needs a reason/],
      [['mark', 'a.jsonl', '--line', '7', '--as', 'clean', '--reason', 'x'], /no record begins on line 7/],
      [['mark', 'a.jsonl', '--line', '1'], /say what they are/],
      [['mark', 'a.jsonl', '--as', 'clean', '--reason', 'x'], /say which records/],
      [['scan', 'a.jsonl', '--sample', 'many'], /must be a number/],
      [['scan', 'a.jsonl', '--embedding-model', 'gone'], /holds no model\.onnx/],
    ] as const) {
      const { code, stderr } = await weighbridge(root, ['dataset', ...args]);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, words);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
    }
    assert.equal(readFileSync(path.join(root, 'a.redacted.jsonl'), 'utf8'), 'mine\n');
    assert.ok(!existsSync(path.join(root, 'x.jsonl')) && !existsSync(path.join(root, 'weighbridge-marks.jsonl')));
  });
});
