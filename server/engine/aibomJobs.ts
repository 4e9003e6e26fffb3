import { modelOnDisk, type ModelOnDisk } from '../aibom/check.ts';
import { collect, type ModelRecord } from '../aibom/collect.ts';
import { writeCycloneDx, type SpecVersion } from '../aibom/cyclonedx/write.ts';
import { fillFromCard, updateAibom, type TextChange } from '../aibom/editing/update.ts';
import { digestCacheFile } from '../signing/hashing/digestCache.ts';
import { modelRoot } from '../signing/modelFiles.ts';
import { packageVulnerabilities } from './packageVulnerabilities.ts';
import { examineFully, type ExamineSettings } from './examine.ts';
import type { Configuration } from './configuration.ts';
import { applyConfiguration } from './verdicts.ts';

/** A model to read for its bill of materials; it can be sent to a worker. */
export interface ModelTask {
  /** Absolute path of the folder, or of the one file. */
  model: string;
  /** Absolute paths that are no part of it. */
  without: string[];
  settings: ExamineSettings;
  rules: Configuration['rules'];
  /** Whether digests of files that look unchanged are taken from the user's cache; otherwise every byte is hashed. */
  mayUseCache: boolean;
}

export interface WriteTask extends ModelTask {
  tool: { name: string; version: string };
  /** The text that there is; null to write a new one. */
  current: string | null;
  /** `update`: what the model says now. `fill`: only what the text leaves open. Counts where there is a text. */
  how: 'update' | 'fill';
  /** Of a new one. */
  spec: SpecVersion;
}

/** What writing came to. */
export type Written =
  | { state: 'new'; text: string; notes: string[]; files: number }
  | { state: 'change'; change: TextChange; filled: string[]; notes: string[]; files: number }
  | { state: 'unchanged'; files: number }
  /** There is nothing to describe. */
  | { state: 'empty' };

export interface ReadProgress {
  done: number;
  total: number;
  /** What is being done: a file's path, or that files are hashed. */
  path: string;
}

type Report = (progress: ReadProgress) => void;

/** What a model is, to hold bills of materials against. */
export async function readModel(task: ModelTask, report: Report): Promise<ModelOnDisk> {
  return modelOnDisk(await recordOf(task, report));
}

/** Writes a bill of materials, or the change that brings one up to date. Nothing is written to disk here. */
export async function writeAibom(task: WriteTask, report: Report): Promise<Written> {
  const { current, how, spec, tool } = task;
  const record = await recordOf(task, report);
  const { files, notes } = record.draft;
  if (files.length === 0) return { state: 'empty' };
  if (current === null)
    return { state: 'new', text: writeCycloneDx(record, { spec, tool }), notes, files: files.length };
  const filled = how === 'fill' ? fillFromCard(current, record, { tool }) : null;
  const change = how === 'fill' ? filled?.change : updateAibom(current, record, { tool });
  if (!change) return { state: 'unchanged', files: files.length };
  return { state: 'change', change, filled: filled?.filled ?? [], notes, files: files.length };
}

function recordOf({ model, without, settings, rules, mayUseCache }: ModelTask, report: Report): Promise<ModelRecord> {
  return collect(model, {
    without,
    vulnerabilities: packageVulnerabilities(settings.osv ?? null),
    digestCache: { file: digestCacheFile(modelRoot(model).root), mayRead: mayUseCache },
    examine: (file) => {
      const { examined, inspection } = examineFully({ file, path: file }, settings);
      const findings = applyConfiguration(examined.findings, { rules });
      return Promise.resolve({ inspection, findings });
    },
    onHashing: (done, total) => report({ done, total, path: 'hashing' }),
    onProgress: (done, total, path) => report({ done, total, path }),
  });
}
