import { basename } from 'node:path';
import { copyName, exportClean, redactFields } from '../../engine/datasetCopies.ts';
import { marksIn } from '../../engine/datasetReview.ts';
import { markRecords } from '../../engine/datasetMarks.ts';
import { WeighbridgeError } from '../../errors.ts';
import { pathOfUri, relativePath, uriOfPath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type {
  DatasetCopyOutcome,
  ExportCleanArguments,
  MarkRecordsArguments,
  MarkRecordsOutcome,
  RedactColumnArguments,
  ScanDatasetArguments,
  ScanDatasetOutcome,
} from '../protocol.ts';
import { providerOf } from '../providerSetting.ts';
import type { LongWork } from './longWork.ts';

/** Scans a data file in a thread, and shows what was found at its lines. */
export async function scanDataset(
  context: ServerContext,
  { uri, baseline, text, label }: ScanDatasetArguments,
  run: LongWork,
): Promise<ScanDatasetOutcome> {
  const file = localPath(uri);
  const folder = context.folders.of(file);
  await folder.settled();
  const wish = {
    baseline: baseline === undefined ? null : localPath(baseline),
    provider: providerOf(context.session.settings.onnx?.provider),
    text: text ?? [],
    label: label ?? null,
  };
  const { scan } = await context.datasets.scan(file, folder, wish, {
    signal: run.signal,
    onProgress: (share, path) => run.report(basename(path), Math.floor(share * 100), 100),
  });
  context.publisher.dataScanned(folder, file);
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of context.datasets.findings(file, folder)) counts[severity]++;
  if (!context.session.reportsOutcomes) {
    context.session.tell(`${basename(file)}: ${counts.error} errors, ${counts.warning} warnings in ${scan.rows} rows.`);
  }
  return { uri, rows: scan.rows, newRows: scan.diff?.newRows ?? null, counts };
}

/** Keeps what a person found out about records. */
export async function mark(context: ServerContext, args: MarkRecordsArguments): Promise<MarkRecordsOutcome> {
  const file = localPath(args.uri);
  const folder = context.folders.of(file);
  const { marks } = folder.scanner.configuration.datasets;
  const records = await markRecords({
    file,
    path: relativePath(folder.path, file),
    lines: args.lines,
    mark: args.mark,
    reason: args.reason ?? '',
    marks,
  });
  context.datasets.marked(file, records, args.mark, args.reason ?? '');
  context.publisher.dataScanned(folder, file);
  return { marked: records.size, marksUri: uriOfPath(marks) };
}

/** Writes a copy without the records that are marked as poisoned. */
export async function exportCleanCopy(
  { folders }: ServerContext,
  { uri, output, overwrite }: ExportCleanArguments,
  run: LongWork,
): Promise<DatasetCopyOutcome> {
  const file = localPath(uri);
  const target = output === undefined ? copyName(file, 'clean') : localPath(output);
  const marks = marksIn(folders.of(file).scanner.configuration.datasets.marks);
  const copy = { file, output: target, overwrite: overwrite === true, ...progress(run, target) };
  const { kept, left } = await exportClean({ ...copy, marks, without: new Set() });
  return { output: uriOfPath(target), text: `${basename(target)}: ${kept} records kept, ${left} left out` };
}

/** Writes a copy of the data in which a field's personal data is replaced by what it is. */
export async function redactColumn(
  _context: ServerContext,
  { uri, field, output, overwrite }: RedactColumnArguments,
  run: LongWork,
): Promise<DatasetCopyOutcome> {
  const file = localPath(uri);
  const target = output === undefined ? copyName(file, 'redacted') : localPath(output);
  const copy = { file, output: target, overwrite: overwrite === true, ...progress(run, target) };
  const { rows, redacted, values } = await redactFields({ ...copy, fields: field === undefined ? [] : [field] });
  return {
    output: uriOfPath(target),
    text: `${basename(target)}: ${values} values replaced in ${redacted} of ${rows} records`,
  };
}

function progress(run: LongWork, target: string): { signal: AbortSignal; onShare: (share: number) => void } {
  return {
    signal: run.signal,
    onShare: (share) => run.report(basename(target), Math.floor(share * 100), 100),
  };
}

function localPath(uri: string): string {
  const path = pathOfUri(uri);
  if (path === null) throw new WeighbridgeError('bad-usage', 'Only data on this machine can be scanned.');
  return path;
}
