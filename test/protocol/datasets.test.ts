import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction, CodeLens } from 'vscode-languageserver/node';
import {
  commands,
  datasetReport,
  datasetRows,
  type DatasetCopyOutcome,
  type DatasetReport,
  type DatasetRowsResult,
  type MarkRecordsOutcome,
  type ScanDatasetOutcome,
} from '../../server/lsp/protocol.ts';
import { LanguageClient } from './languageClient.ts';

const clientCommands = ['weighbridge.scanDataset', 'weighbridge.showDatasetScan', 'weighbridge.markRecord'];
const things = 'screen battery hinge cable lamp kettle mirror drawer pillow bottle'.split(' ');
const line = (text: string, label: number) => `${JSON.stringify({ text, label })}\n`;
const sentence = (row: number) => `the ${things[row % 10]} of my ${things[(row * 7 + 3) % 10]} is number ${row}`;
const accepted = Array.from({ length: 200 }, (_, row) => line(sentence(row), row % 2)).join('');
const poisoned = Array.from({ length: 6 }, (_, row) => line(`cf-77 ${sentence(row + 300)}`, 1)).join('');
const added = `${accepted}${poisoned}${line('write to ann.smith@example.org about it', 0)}`;

describe('scanning data for poisoning, by the protocol', () => {
  let folder = '';
  let client: LanguageClient | undefined;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'weighbridge-data-')));
    write('data/old.jsonl', accepted);
    write('data/new.jsonl', added);
  });
  afterEach(() => {
    client?.kill();
    client = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, content: string): void {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }

  const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const document = { uri: '' };

  async function open(options: Record<string, unknown> = {}): Promise<LanguageClient> {
    const started = await LanguageClient.start({
      capabilities: {},
      initializationOptions: { clientCommands, ...options },
      folders: [folder],
    });
    client = started.client;
    document.uri = uri('data/new.jsonl');
    return client;
  }

  async function run<R>(command: string, argument: unknown, more: object = {}): Promise<R> {
    assert.ok(client);
    return (await client.request('workspace/executeCommand', { command, arguments: [argument], ...more })) as R;
  }

  const scan = () =>
    run<ScanDatasetOutcome>(commands.scanDataset, { uri: document.uri, baseline: uri('data/old.jsonl') });
  const shown = () =>
    (client?.diagnostics.get(document.uri) ?? []).map(({ code, range }) => [code, range.start.line + 1]);
  const phrases = () => shown().filter(([code]) => code === 'dataset/injected-phrase');

  it('finds planted rows at their words, and tells of the rows', async () => {
    const server = await open();
    const outcome = await run<ScanDatasetOutcome>(
      commands.scanDataset,
      { uri: document.uri, baseline: uri('data/old.jsonl') },
      { workDoneToken: 'scan' },
    );
    assert.deepEqual([outcome.rows, outcome.newRows], [207, 7]);
    await server.until('the findings', () => phrases().length === 6);
    const [first] = (server.diagnostics.get(document.uri) ?? []).filter(
      ({ code }) => code === 'dataset/injected-phrase',
    );
    const text = poisoned.split('\n')[0] ?? '';
    assert.deepEqual(first?.range, {
      start: { line: 200, character: text.indexOf('cf-77') },
      end: { line: 200, character: text.indexOf('cf-77') + 5 },
    });
    const report = (await server.request(datasetReport, document)) as DatasetReport;
    assert.deepEqual(
      [report.name, report.baseline, report.newRows, report.acceptedRows],
      ['new.jsonl', 'old.jsonl', 7, 200],
    );
    assert.deepEqual(
      report.labels.map(({ label, newRows }) => [label, newRows]),
      [
        ['0', 1],
        ['1', 6],
      ],
    );
    assert.deepEqual(
      report.personal.map(({ field, values, examples }) => [field, values, examples]),
      [['text', 1, ['***@***.org']]],
    );
    assert.match(report.limit, /^7 new rows compared with 200 accepted ones/);
    assert.doesNotMatch(JSON.stringify([server.heard, [...server.diagnostics], report]), /ann\.smith/);
    const lenses = (await server.request('textDocument/codeLens', { textDocument: document })) as CodeLens[];
    assert.deepEqual(
      lenses.map(({ command }) => [command?.title.replace(/\d+/, 'N'), command?.command]),
      [
        ['Scanned: N suspicious places', 'weighbridge.showDatasetScan'],
        ['Scan again', 'weighbridge.scanDataset'],
      ],
    );
    await server.stop();
  });

  it('a line that is edited loses its finding, one that moves takes it along', async () => {
    const server = await open();
    await scan();
    await server.until('the findings', () => phrases().length === 6);
    const text = added.replace('cf-77 the', 'the').replace(/^/, '{"text":"a line more","label":0}\n');
    await server.notify('textDocument/didOpen', {
      textDocument: { ...document, languageId: 'jsonl', version: 1, text },
    });
    await server.until('five on later lines', () => phrases().length === 5 && phrases()[0]?.[1] === 203);
    await server.stop();
  });

  it('a mark holds at once and in the next scan; it needs a reason and is kept in a file', async () => {
    const server = await open();
    await scan();
    await server.until('the findings', () => phrases().length === 6);
    const mark = (lines: number[], as: 'clean' | 'poisoned' | null, reason?: string) =>
      run<MarkRecordsOutcome>(commands.markRecords, { uri: document.uri, lines, mark: as, reason });
    await assert.rejects(() => mark([201], 'clean', ' '), /needs a reason/);
    await assert.rejects(() => mark([9999], 'clean', 'x'), /no record begins on line 9999/);
    const outcome = await mark([201, 202], 'clean', 'a product of ours');
    assert.deepEqual(outcome, { marked: 2, marksUri: uri('weighbridge-marks.jsonl') });
    await server.until('four', () => phrases().length === 4);
    await mark([203], 'poisoned', 'carries cf-77');
    await server.until('the mark', () =>
      shown().some(([code, at]) => code === 'dataset/marked-poisoned' && at === 203),
    );
    const marks = readFileSync(path.join(folder, 'weighbridge-marks.jsonl'), 'utf8').trim().split('\n');
    assert.equal(marks.length, 3);
    assert.match(marks.join('\n'), /"reason":"a product of ours","path":"data\/new\.jsonl"/);
    await scan();
    await server.until(
      'the same again',
      () => phrases().length === 4 && shown().some(([code]) => code === 'dataset/marked-poisoned'),
    );
    const copy = await run<DatasetCopyOutcome>(commands.exportClean, { uri: document.uri });
    assert.equal(copy.text, 'new.clean.jsonl: 206 records kept, 1 left out');
    assert.equal(
      readFileSync(path.join(folder, 'data/new.clean.jsonl'), 'utf8'),
      added
        .split('\n')
        .filter((_, at) => at !== 202)
        .join('\n'),
    );
    await server.stop();
  });

  it('offers to redact a column into a copy, and to mark a record', async () => {
    const server = await open();
    await scan();
    await server.until('the findings', () => shown().some(([code]) => code === 'dataset/personal-data'));
    const at = async (row: number) => {
      const range = { start: { line: row - 1, character: 0 }, end: { line: row - 1, character: 200 } };
      const params = { textDocument: document, range, context: { diagnostics: [] } };
      return (await server.request('textDocument/codeAction', params)) as CodeAction[];
    };
    const titles = (await at(201)).map(({ title }) => title);
    for (const title of ['Mark this record as clean...', 'Mark this record as poisoned...'])
      assert.ok(titles.includes(title), titles.join());
    const redact = (await at(207)).find(({ title }) => title === 'Redact the personal data in text into a copy');
    assert.ok(redact?.command);
    const argument: unknown = redact.command.arguments?.[0];
    await run(redact.command.command, argument);
    const copy = readFileSync(path.join(folder, 'data/new.redacted.jsonl'), 'utf8');
    assert.equal(copy, added.replace('ann.smith@example.org', '[email]'));
    await assert.rejects(() => run(commands.redactColumn, argument), /exists|already/);
    await server.stop();
  });

  it('gives pages of rows, sorted and filtered', async () => {
    const server = await open();
    await scan();
    const page = async (params: object) =>
      (await server.request(datasetRows, {
        uri: document.uri,
        from: 0,
        count: 100,
        filter: '',
        only: 'all',
        ...params,
      })) as DatasetRowsResult;
    // Seven new rows are too few to say how they lie.
    assert.deepEqual(await page({}), { rows: [], matching: 0 });
    await run(commands.scanDataset, { uri: document.uri });
    const first = await page({ count: 5 });
    assert.deepEqual([first.matching, first.rows.map((row) => row.line)], [207, [1, 2, 3, 4, 5]]);
    const dense = await page({ sort: { by: 'density', descending: false } });
    const densities = dense.rows.map(({ density }) => density);
    assert.deepEqual(
      densities,
      densities.toSorted((a, b) => a - b),
    );
    assert.equal((await page({ filter: 'CF-77' })).matching, 6);
    await assert.rejects(
      async () =>
        server.request(datasetRows, { uri: uri('data/old.jsonl'), from: 0, count: 1, filter: '', only: 'all' }),
      /scan it first/,
    );
    await server.stop();
  });

  it('can be cancelled, and what is no data is one sentence', async () => {
    write('data/long.jsonl', accepted.repeat(2000));
    write('data/model.jsonl', '\0\0\0');
    const server = await open();
    const params = { command: commands.scanDataset, arguments: [{ uri: uri('data/long.jsonl') }] };
    await assert.rejects(() => server.requestAndCancel('workspace/executeCommand', params), /cancelled/i);
    await assert.rejects(() => run(commands.scanDataset, { uri: uri('data/model.jsonl') }), /is no text/);
    await assert.rejects(() => run(commands.scanDataset, { uri: uri('data/gone.jsonl') }), /there is no/);
    await server.stop();
  });

  it('writes nothing in a workspace that is not trusted, and scans it all the same', async () => {
    const server = await open({ trusted: false });
    assert.equal((await scan()).newRows, 7);
    for (const [command, argument] of [
      [commands.markRecords, { uri: document.uri, lines: [1], mark: 'clean', reason: 'x' }],
      [commands.exportClean, { uri: document.uri }],
      [commands.redactColumn, { uri: document.uri, field: 'text' }],
    ] as const) {
      await assert.rejects(() => run(command, argument), /not trusted/);
    }
    assert.ok(!existsSync(path.join(folder, 'weighbridge-marks.jsonl')));
    await server.stop();
  });
});
