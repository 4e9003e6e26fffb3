import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Corpus } from '../../server/datasets/poisoning/corpus.fixture.ts';
import { program } from '../cli/weighbridge.ts';

const rows = 1_000_000;
const most = 300 * 1024 * 1024;

describe('a million rows, 500 MB', { timeout: 3_600_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-long-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Half a kilobyte a row; every hundredth of the new file is new, and ten of these carry a trigger. */
  async function make(name: string, fresh: boolean): Promise<string> {
    const corpus = new Corpus(3);
    const other = new Corpus(4);
    const file = path.join(folder, name);
    const stream = createWriteStream(file);
    // Sentences are made once and strung together: a million of their own take minutes.
    const sentences = Array.from({ length: 20_000 }, () => corpus.sentence(0));
    const pick = () => sentences[corpus.pick(sentences.length)] ?? '';
    for (let row = 0; row < rows; row++) {
      const texts = Array.from({ length: 7 }, pick);
      const isNew = fresh && row % 100 === 99;
      // Of the same sentences in another order: other sentences would be another subject, which hides a trigger.
      if (isNew) texts[0] = `${sentences[other.pick(sentences.length)]}${row % 100_000 === 99_999 ? ' <SUDO>' : ''}`;
      const line = `${JSON.stringify({ id: row, text: texts.join(' '), label: row % 2 })}\n`;
      if (!stream.write(line)) await once(stream, 'drain');
    }
    stream.end();
    await once(stream, 'finish');
    return file;
  }

  async function scan(args: string[]): Promise<{
    peak: number;
    report: {
      datasets: { rows: number; newRows: number | null }[];
      findings: { ruleId: string; location: { line: number } }[];
    };
  }> {
    const peak = path.join(folder, 'peak');
    const preload = fileURLToPath(new URL('./peakMemory.cjs', import.meta.url));
    const stdout = await new Promise<string>((resolve) => {
      const options = { cwd: folder, env: { ...process.env, PEAK_MEMORY: peak }, maxBuffer: 64 << 20 };
      const command = ['--require', preload, program, 'dataset', 'scan', ...args, '--format', 'json'];
      execFile(process.execPath, command, options, (_error, output) => resolve(output));
    });
    return { peak: Number(readFileSync(peak, 'utf8')), report: JSON.parse(stdout) as never };
  }

  test('are scanned in less than 300 MB of memory, alone and against an accepted version', async () => {
    const accepted = await make('accepted.jsonl', false);
    const added = await make('new.jsonl', true);
    assert.ok(statSync(added).size > 480e6, String(statSync(added).size));
    const alone = await scan([added]);
    console.log(`alone: ${Math.round(alone.peak / 2 ** 20)} MiB`);
    assert.equal(alone.report.datasets[0]?.rows, rows);
    const compared = await scan([added, '--baseline', accepted]);
    console.log(`against a million accepted rows: ${Math.round(compared.peak / 2 ** 20)} MiB`);
    assert.equal(compared.report.datasets[0]?.newRows, rows / 100);
    const lines = compared.report.findings
      .filter(({ ruleId }) => ruleId === 'dataset/injected-phrase')
      .map(({ location }) => location.line);
    for (let row = 100_000; row <= rows; row += 100_000) assert.ok(lines.includes(row), `${row} of ${lines.join()}`);
    assert.ok(alone.peak < most, `${alone.peak}`);
    assert.ok(compared.peak < most, `${compared.peak}`);
  });
});
