import { scanInThread } from '../../engine/datasetThread.ts';
import { defaultSample, type DatasetJob } from '../../engine/scanDatasets.ts';
import { applyConfiguration } from '../../engine/verdicts.ts';
import { keepOnly } from '../../datasets/scan/keepOnly.ts';
import type { DatasetScan } from '../../datasets/scan/facts.ts';
import type { ProviderRequest } from '../../scans/runtime/providers.ts';
import type { Mark } from '../../datasets/review/marks.ts';
import type { Finding } from '../../rules/finding.ts';
import { judgeDataset } from '../../rules/judgeDataset.ts';
import { relativePath } from '../address.ts';
import type { Folder } from '../folder.ts';
import { heldOn, linesAt } from './heldFindings.ts';

/** What is known of one data file since it was scanned. */
export interface KnownScan {
  scan: DatasetScan;
  /** Absolute path of the accepted version; null where there was none. */
  baseline: string | null;
  /** Digests of the lines that findings stand on. */
  lines: Map<number, string> | null;
  /** Marks that were given since the scan, by line. */
  marked: Map<number, Mark['mark']>;
}

export interface ScanWish {
  baseline: string | null;
  /** Who shall run a model that texts are compared by. */
  provider: ProviderRequest;
  text: string[];
  label: string | null;
}

/** The scans of data files that were asked for in this session, by absolute path. */
export class DatasetScans {
  readonly #known = new Map<string, KnownScan>();

  get(file: string): KnownScan | undefined {
    return this.#known.get(file);
  }

  /** @throws {WeighbridgeError} as `scanDatasets`. */
  async scan(
    file: string,
    folder: Folder,
    wish: ScanWish,
    run: { signal: AbortSignal; onProgress: (share: number, path: string) => void },
  ): Promise<KnownScan> {
    const { datasets } = folder.scanner.configuration;
    const job: DatasetJob = {
      paths: [file],
      base: folder.path,
      ...wish,
      source: null,
      sample: defaultSample,
      review: { marks: datasets.marks, knownClean: datasets.knownClean },
      embeddingModel: datasets.embeddingModel,
    };
    const [scan] = await scanInThread(job, run);
    if (!scan) throw new Error(`no scan of ${file}`);
    // Relative to the folder, as all findings of the editor are.
    scan.path = relativePath(folder.path, file);
    const known: KnownScan = { scan, baseline: wish.baseline, lines: null, marked: new Map() };
    known.lines = linesAt(file, linesOfFindings(judgeDataset(scan)));
    this.#known.set(file, known);
    return known;
  }

  /** A mark that was just given holds at once: nobody scans anew for it. */
  marked(file: string, records: ReadonlyMap<number, string>, mark: Mark['mark'] | null, reason: string): void {
    const known = this.#known.get(file);
    if (!known) return;
    const hashes = new Set(records.values());
    const { review } = known.scan;
    const other = (record: string | undefined): boolean => record === undefined || !hashes.has(record);
    review.poisoned = review.poisoned.filter(({ place }) => other(place.record) && !records.has(place.line));
    for (const [line, record] of records) {
      if (mark === null) known.marked.delete(line);
      else known.marked.set(line, mark);
      if (mark === 'poisoned') review.poisoned.push({ place: { line, field: null, record }, reason });
    }
    review.poisoned.sort((a, b) => a.place.line - b.place.line);
    review.poisonedCount = Math.max(review.poisoned.length, review.poisonedCount);
    if (mark === 'clean') keepOnly(known.scan, ({ line, record }) => other(record) && !records.has(line));
  }

  /** Findings in a file as it was scanned; of a text that is open, those that still stand. */
  findings(file: string, folder: Folder, text?: string): Finding[] {
    const known = this.#known.get(file);
    if (!known) return [];
    const findings = applyConfiguration(judgeDataset(known.scan), folder.scanner.configuration);
    return text === undefined || known.lines === null ? findings : heldOn(text, findings, known.lines);
  }
}

function linesOfFindings(findings: readonly Finding[]): Set<number> {
  return new Set(findings.flatMap(({ location: { line } }) => (line === null ? [] : [line])));
}
