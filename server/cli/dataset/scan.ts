import { resolve } from 'node:path';
import type { DatasetScan } from '../../datasets/scan/facts.ts';
import type { ScanReport } from '../../engine/report.ts';
import { defaultSample, scanDatasets } from '../../engine/scanDatasets.ts';
import { applyConfiguration, compareFindings, severityWeight } from '../../engine/verdicts.ts';
import { WeighbridgeError } from '../../errors.ts';
import { writeAtomically } from '../../files/atomicWrite.ts';
import { datasetSummary, datasetSummaryText, scoreLines } from '../../report/datasetSummary.ts';
import { detectionLimitOf, detectionLimitText } from '../../report/detectionLimit.ts';
import { jsonReport, jsonText } from '../../report/json.ts';
import { judgeDataset } from '../../rules/judgeDataset.ts';
import { coloursFor, emit, exitCodes, type Io } from '../io.ts';
import { choice, configuration, file, flag, readArguments, text, texts } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { progressOn } from '../progress.ts';
import { providerRequest } from '../scans/scanArguments.ts';

/** `weighbridge dataset scan`. */
export async function scanData(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('dataset', args, {
    baseline: { type: 'string' },
    text: { type: 'string', multiple: true },
    label: { type: 'string' },
    source: { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string' },
    scores: { type: 'string' },
    marks: { type: 'string' },
    'known-clean': { type: 'string' },
    'embedding-model': { type: 'string' },
    provider: { type: 'string' },
    'fail-on': { type: 'string' },
  });
  if (positionals.length === 0 || positionals.includes('')) {
    throw new WeighbridgeError('bad-usage', 'name the data to scan: weighbridge dataset scan PATH');
  }
  const format = choice(values, 'format', ['text', 'json', 'sarif'], 'text');
  const settings = await configuration(values, io.cwd);
  const failOn = choice(values, 'fail-on', ['error', 'warning', 'info', 'never'], settings.failOn);
  const paths = positionals.map((path) => resolve(io.cwd, path));
  const baseline = file(values, 'baseline', io.cwd) ?? null;
  const named = [...paths, baseline, settings.file];
  const output = await outputFile(values, io.cwd, named);
  const scores = file(values, 'scores', io.cwd);
  const rows = number(values, 'sample', defaultSample.rows, 20, 50_000);
  const progress = progressOn(io, flag(values, 'quiet'));
  let scans: DatasetScan[];
  try {
    scans = await scanDatasets(
      {
        paths,
        base: io.cwd,
        baseline,
        text: texts(values, 'text'),
        label: text(values, 'label') ?? null,
        source: text(values, 'source') ?? null,
        sample: {
          rows,
          background: Math.round((rows * defaultSample.background) / defaultSample.rows),
          seed: number(values, 'seed', defaultSample.seed, 0, 2 ** 31),
        },
        review: {
          marks: file(values, 'marks', io.cwd) ?? settings.datasets.marks,
          knownClean: file(values, 'known-clean', io.cwd) ?? settings.datasets.knownClean,
        },
        embeddingModel: file(values, 'embedding-model', io.cwd) ?? settings.datasets.embeddingModel,
        provider: providerRequest(values),
      },
      {
        signal: io.signal,
        onProgress: (share, path) => progress.show({ done: Math.floor(share * 100), total: 100, path }),
      },
    );
  } finally {
    progress.clear();
  }
  const report = reportOf(scans, applyConfiguration(scans.flatMap(judgeDataset), settings));
  if (scores !== undefined) {
    await writeAtomically(scores, { overwrite: true }, (handle) => handle.writeFile(scans.map(scoreLines).join('')));
  }
  if (!flag(values, 'quiet') || format !== 'text' || output !== undefined) {
    const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
    await emit(io, await print(report, scans, format, colours), output);
  }
  const over = report.findings.some(
    ({ severity }) => failOn !== 'never' && severityWeight[severity] >= severityWeight[failOn],
  );
  return over ? exitCodes.findings : exitCodes.ok;
}

/** @throws {WeighbridgeError} `bad-usage` when it is no whole number in the range. */
function number(
  values: Parameters<typeof text>[0],
  name: string,
  fallback: number,
  least: number,
  greatest: number,
): number {
  const value = text(values, name);
  if (value === undefined) return fallback;
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= greatest) return Number(value);
  throw new WeighbridgeError('bad-usage', `--${name} must be a number from ${least} to ${greatest}, not "${value}"`);
}

function reportOf(scans: readonly DatasetScan[], findings: ScanReport['findings']): ScanReport {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return {
    files: scans.length,
    artifacts: scans.map(({ path, size, problemCount }) => ({
      path,
      format: 'text',
      size,
      complete: problemCount === 0,
    })),
    findings: [...findings].sort(compareFindings),
    accepted: 0,
    acceptedFindings: [],
    counts,
    suppressed: 0,
    posture: [],
    errors: [],
    skipped: { ignored: 0, excluded: 0 },
  };
}

async function print(
  report: ScanReport,
  scans: readonly DatasetScan[],
  format: 'text' | 'json' | 'sarif',
  colours: ReturnType<typeof coloursFor>,
): Promise<string> {
  switch (format) {
    case 'text': {
      const { textReport } = await import('../../report/text.ts');
      const lines = scans.flatMap((scan) => [detectionLimitText(scan), ...datasetSummaryText(scan)]);
      return `${textReport(report, colours)}${lines.map((line) => `${line}\n`).join('')}`;
    }
    case 'json': {
      const plain = JSON.parse(jsonReport(report)) as object;
      return jsonText({ ...plain, detectionLimit: detectionLimitOf(scans), datasets: scans.map(datasetSummary) });
    }
    case 'sarif':
      return (await import('../../report/sarif.ts')).sarifReport(report);
  }
}
