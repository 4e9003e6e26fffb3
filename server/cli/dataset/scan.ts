import { resolve } from 'node:path';
import type { DatasetScan } from '../../datasets/scan/facts.ts';
import type { ScanReport } from '../../engine/report.ts';
import { scanDatasets } from '../../engine/scanDatasets.ts';
import { applyConfiguration, compareFindings, severityWeight } from '../../engine/verdicts.ts';
import { WeighbridgeError } from '../../errors.ts';
import { detectionLimitOf, detectionLimitText } from '../../report/detectionLimit.ts';
import { jsonReport, jsonText } from '../../report/json.ts';
import { judgeDataset } from '../../rules/run.ts';
import { coloursFor, emit, exitCodes, type Io } from '../io.ts';
import { choice, configuration, file, flag, readArguments, text, texts } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { progressOn } from '../progress.ts';

/** `weighbridge dataset scan`. */
export async function scanData(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('dataset', args, {
    baseline: { type: 'string' },
    text: { type: 'string', multiple: true },
    label: { type: 'string' },
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
  const output = await outputFile(values, io.cwd, [...paths, baseline, settings.file]);
  const progress = progressOn(io, flag(values, 'quiet'));
  let scans: DatasetScan[];
  try {
    scans = await scanDatasets({
      paths,
      base: io.cwd,
      baseline,
      text: texts(values, 'text'),
      label: text(values, 'label') ?? null,
      signal: io.signal,
      onProgress: (share, path) => progress.show({ done: Math.floor(share * 100), total: 100, path }),
    });
  } finally {
    progress.clear();
  }
  const report = reportOf(scans, applyConfiguration(scans.flatMap(judgeDataset), settings));
  if (!flag(values, 'quiet') || format !== 'text' || output !== undefined) {
    const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
    await emit(io, await print(report, scans, format, colours), output);
  }
  const over = report.findings.some(
    ({ severity }) => failOn !== 'never' && severityWeight[severity] >= severityWeight[failOn],
  );
  return over ? exitCodes.findings : exitCodes.ok;
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
      return `${textReport(report, colours)}${scans.map((scan) => `${detectionLimitText(scan)}\n`).join('')}`;
    }
    case 'json': {
      const plain = JSON.parse(jsonReport(report)) as object;
      return jsonText({ ...plain, detectionLimit: detectionLimitOf(scans) });
    }
    case 'sarif':
      return (await import('../../report/sarif.ts')).sarifReport(report);
  }
}
