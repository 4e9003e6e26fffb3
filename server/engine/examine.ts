import { basename } from 'node:path';
import { blockSize, FileSource } from '../files/fileSource.ts';
import { digestOf } from '../files/sourceDigest.ts';
import { promisedDigest } from '../formats/contentAddress.ts';
import type { FormatId, Inspection, ReadProblem } from '../formats/facts.ts';
import { formatOf, inspect } from '../formats/inspect.ts';
import type { Limits } from '../formats/limits.ts';
import { dataFilesOf } from '../formats/onnx/dataFiles.ts';
import type { ByteSource } from '../formats/source.ts';
import { isConfigOrCode, scriptLanguage } from '../formats/text/parse.ts';
import type { Finding } from '../rules/finding.ts';
import { judgeArtifact } from '../rules/run.ts';
import { reasonOf } from '../files/reason.ts';
import type { ArtifactSummary } from './report.ts';

/** What the configuration says that changes what one file comes to. It is part of the cache's key. */
export interface ExamineSettings {
  limits: Limits;
  /** Bytes; null for no limit. */
  maxFileSize: number | null;
  allowedImports: string[];
  /** True in a workspace that nobody trusts: its own remarks accept nothing. */
  ignoresRemarks?: boolean;
  /** A local OSV export, absolute. */
  osv?: string;
}

/** A file to examine. */
export interface FileTask {
  /** Absolute. */
  file: string;
  /** Relative to the scan's base, with `/`: what findings carry. */
  path: string;
}

/** What one file came to: facts cut down to what the engine needs, and the rules' findings with their own severities. */
export interface Examined {
  summary: ArtifactSummary;
  findings: Finding[];
}

/** Files whose content is no model artifact. */
export function isArtifact(format: FormatId): boolean {
  return format !== 'text' && format !== 'unknown' && format !== 'empty';
}

/**
 * Reads one file and judges it.
 * @throws the operating system's error when the file cannot be opened.
 */
export function examine(task: FileTask, settings: ExamineSettings): Examined {
  return examineFully(task, settings).examined;
}

/** As `examine`, with all the facts. */
export function examineFully(
  task: FileTask,
  settings: ExamineSettings,
): { examined: Examined; inspection: Inspection } {
  const inspection = read(task, settings);
  return { examined: judge(task.path, inspection, settings), inspection };
}

/** What a file is, and nothing of what is in it; null where it cannot be opened. */
export function companionSummary(
  file: string,
  path: string,
  { limits, maxFileSize }: ExamineSettings,
): ArtifactSummary | null {
  let source: FileSource;
  try {
    source = new FileSource(file);
  } catch {
    return null;
  }
  try {
    const { size } = source;
    const isTooLong = maxFileSize !== null && size > maxFileSize;
    return { path, format: isTooLong ? 'unknown' : formatOf(source, basename(file), limits), size, complete: true };
  } catch {
    return null;
  } finally {
    source.close();
  }
}

/** What is said of a file that no reader could finish. */
export function unfinished(
  path: string,
  size: number,
  settings: ExamineSettings,
  problem: Pick<ReadProblem, 'code' | 'message'>,
): Examined {
  return judge(path, unread(size, problem), settings);
}

/** Files are examined one after another, and facts keep nothing of the bytes that were read. */
const block = new Uint8Array(blockSize);

function read({ file }: FileTask, { limits, maxFileSize }: ExamineSettings): Inspection {
  const source = new FileSource(file, block);
  try {
    if (maxFileSize !== null && source.size > maxFileSize) {
      const message = `the file is ${source.size} bytes long, and the configuration reads at most ${maxFileSize}`;
      return unread(source.size, { code: 'limit-file-size', message });
    }
    const start = performance.now();
    const inspection = inspect(source, basename(file), limits, reasonOf);
    // Both share the time of one artifact: a worker that takes longer is taken for hung.
    const script = inspection.format === 'text' && !isConfigOrCode(file) ? scriptLanguage(headOf(source)) : null;
    const found = script === null ? inspection : { ...inspection, script };
    return withAddress(found, source, file, limits.timeMs, limits.timeMs - (performance.now() - start));
  } catch (cause) {
    return unread(source.size, { code: 'unreadable', message: reasonOf(cause) });
  } finally {
    source.close();
  }
}

function headOf(source: ByteSource): string {
  return Buffer.from(source.read(0, Math.min(source.size, 200))).toString('latin1');
}

/** Compares a name that is a digest with the content. */
function withAddress(
  inspection: Inspection,
  source: ByteSource,
  file: string,
  timeMs: number,
  timeLeft: number,
): Inspection {
  const named = promisedDigest(file);
  if (named === null) return inspection;
  const actual = digestOf(source, timeLeft);
  if (actual !== null) return { ...inspection, address: { named, actual } };
  const message = `reading it and comparing it with the digest in its name takes longer than ${timeMs} ms`;
  const problem: ReadProblem = { code: 'limit-time', entry: '', offset: null, incomplete: true, message };
  return { ...inspection, problems: [...inspection.problems, problem] };
}

function unread(size: number, problem: Pick<ReadProblem, 'code' | 'message'>): Inspection {
  return { format: 'unknown', size, parts: [], problems: [{ entry: '', offset: null, incomplete: true, ...problem }] };
}

function judge(path: string, inspection: Inspection, settings: ExamineSettings): Examined {
  const { format, size, parts, problems, script } = inspection;
  const torch = parts.find((part) => part.kind === 'torch' && part.entry === '');
  const conversion = torch?.kind === 'torch' ? torch.conversion : undefined;
  const dataFiles = dataFilesOf(inspection);
  const summary: ArtifactSummary = {
    path,
    format,
    size,
    complete: !problems.some(({ incomplete }) => incomplete),
    ...(conversion ? { conversion } : {}),
    ...(dataFiles.length > 0 ? { dataFiles } : {}),
    ...(script && { script }),
  };
  const findings = judgeArtifact({ path, inspection, options: { allowedImports: settings.allowedImports } });
  return { summary, findings };
}
