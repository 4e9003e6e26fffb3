import { realpathSync } from 'node:fs';
import { isAbsolute, join, posix, sep } from 'node:path';
import { nameOf, onDisk } from '../files/diskPath.ts';
import type { FormatId } from '../formats/facts.ts';
import type { Finding, Severity } from '../rules/finding.ts';
import type { ReferencedArtifact, WorkspaceFacts } from '../rules/text.ts';
import type { Measured } from '../datasets/hashing/algorithms.ts';
import { AskedPaths, type Asked } from './askedPaths.ts';
import { DatasetFacts } from './datasetFacts.ts';
import { isArtifact, type Examined } from './examine.ts';
import { slashes, within } from './gitignore.ts';
import { cachedCommit } from './hubCache.ts';
import type { Advisory } from '../vulnerabilities/advisory.ts';
import { knownAdvisories } from '../vulnerabilities/readAdvisories.ts';
import { RequirementFiles } from './requirementFiles.ts';

/** What texts may ask about one artifact; plain data that can be sent to a worker. */
export interface ArtifactFacts {
  path: string;
  format: FormatId;
  worst: Severity | null;
  message: string | null;
  convertible: 'yes' | 'tensors-only' | 'no';
}

/** Null for a file that no text can load. */
export function factsOf({ summary, findings }: Examined): ArtifactFacts | null {
  if (!isArtifact(summary.format) && findings.length === 0) return null;
  const worst = worstOf(findings.filter(({ ruleId }) => !ruleId.startsWith('model/')));
  return {
    path: summary.path,
    format: summary.format,
    worst: worst?.severity ?? null,
    message: worst?.message ?? null,
    convertible: summary.conversion?.state ?? 'no',
  };
}

const weight: Record<Severity, number> = { error: 3, warning: 2, info: 1 };

function worstOf(findings: readonly Finding[]): Finding | undefined {
  let worst: Finding | undefined;
  for (const finding of findings) {
    if (!worst || weight[finding.severity] > weight[worst.severity]) worst = finding;
  }
  return worst;
}

/** Answers what texts ask about other files of the workspace, and never about files outside it. */
export class WorkspaceTable implements WorkspaceFacts {
  readonly #base: string;
  readonly #artifacts = new Map<string, ArtifactFacts>();
  /** Last parts of the artifacts' paths, and how many have each. */
  readonly #names = new Map<string, number>();
  /** Counts the changes of what is known: who keeps an answer compares. */
  revision = 0;
  /** False where nobody wants to know what texts asked for: an editor's buffer is judged anew with every change anyway. */
  remembersAsked = true;
  readonly #asked: AskedPaths;
  /** The folders above the file that asked last, nearest first. */
  #above: { from: string; folders: readonly string[] } = { from: '', folders: [] };
  #realBase: string | undefined;
  readonly datasets: DatasetFacts;
  readonly #requirements: RequirementFiles;
  /** The OSV export that advisories come from, absolute; null for none. */
  advisoryPath: string | null = null;

  /** @param base absolute. @param measured what is known of data. */
  constructor(
    base: string,
    artifacts: Iterable<ArtifactFacts> = [],
    measured: Iterable<[string, Measured | null]> = [],
  ) {
    this.#base = base;
    this.#asked = new AskedPaths(base);
    const places = {
      base,
      candidates: (reference: string, from: string) => this.#candidates(reference, from),
      isInside: (file: string, from: string) => this.#isInside(file, from),
      ask: (path: string) => this.#ask(path),
    };
    this.datasets = new DatasetFacts(places, measured);
    this.#requirements = new RequirementFiles(base);
    for (const artifact of artifacts) this.set(artifact.path, artifact);
  }

  /** As `pack` gave it to a worker. */
  static unpack(base: string, packed: string): WorkspaceTable {
    const { artifacts, measured } = JSON.parse(packed) as {
      artifacts: ArtifactFacts[];
      measured: [string, Measured | null][];
    };
    return new WorkspaceTable(base, artifacts, measured);
  }

  /** All that texts may ask, as one string: it goes to another thread in a fraction of the time that thousands of objects take. */
  pack(): string {
    return JSON.stringify({ artifacts: [...this.#artifacts.values()], measured: this.datasets.allMeasured() });
  }

  set(path: string, facts: ArtifactFacts | null): void {
    const before = this.#artifacts.get(path);
    if (!before && !facts) return;
    this.revision++;
    if (facts) this.#artifacts.set(path, facts);
    else this.#artifacts.delete(path);
    if (!before || !facts) this.#count(path, facts ? 1 : -1);
  }

  /** What was asked since the last call. */
  takeAsked(): Asked {
    return this.#asked.take();
  }

  /** Files may have come and gone since texts asked last. */
  lookAgain(): void {
    this.#asked.lookAgain();
  }

  artifact(reference: string, from: string): ReferencedArtifact | undefined {
    const mayName = this.#mayName(reference);
    if (!mayName) {
      if (!this.remembersAsked) return undefined;
      // Nearly every string of a text: there is nothing of that name, but there may be later, or beside the scan.
      if (isPlain(reference, from)) {
        this.#asked.addBelow(this.#foldersAbove(from), reference);
        return undefined;
      }
    }
    for (const path of this.#candidates(reference, from)) {
      this.#ask(path);
      const found = mayName ? this.#artifacts.get(path) : undefined;
      if (!found) continue;
      const safetensors = path.replace(/\.[^./]*$/, '') + '.safetensors';
      this.#ask(safetensors);
      const beside = safetensors !== path && this.#artifacts.get(safetensors)?.format === 'safetensors';
      return { ...found, safetensors: beside ? safetensors : null };
    }
    return undefined;
  }

  /** What is written down has to be asked for by its path, whether there is anything or not. */
  mayHaveArtifact(name: string): boolean {
    return this.remembersAsked || this.#names.has(name);
  }

  requirement(name: string, from: string): string[] {
    return this.#requirements.specifiers(name, from, (path) => this.#ask(path));
  }

  advisories(name: string): readonly Advisory[] {
    return this.advisoryPath === null ? [] : (knownAdvisories(this.advisoryPath).get(name) ?? []);
  }

  cachedCommit(kind: 'model' | 'dataset', name: string, revision: string): string | undefined {
    return cachedCommit(kind, name, revision);
  }

  /** Outside the base only what the scan was given to read counts; nothing is read for a text's sake. */
  #ask(path: string): void {
    if (this.remembersAsked && !isOutside(path)) this.#asked.add(path);
  }

  #count(path: string, by: number): void {
    const name = posix.basename(path);
    const count = (this.#names.get(name) ?? 0) + by;
    if (count > 0) this.#names.set(name, count);
    else this.#names.delete(name);
  }

  /** Whether any artifact is called as the last part of a reference says. Most strings of a text name none. */
  #mayName(reference: string): boolean {
    const last = reference.slice(Math.max(reference.lastIndexOf('/'), reference.lastIndexOf('\\')) + 1);
    return last === '' || last === '.' || last === '..' || this.#names.has(last);
  }

  /**
   * Where a reference may lead, relative to the base: beside the file, below each folder above it up to the base (jobs
   * are started from the root of their repository, which need not be where the scan began), or absolute inside the base.
   */
  #candidates(reference: string, from: string): string[] {
    if (reference.length > longestName && /[^/\\]{256}/.test(reference)) return [];
    if (isPlain(reference, from))
      return this.#foldersAbove(from).map((folder) => (folder === '.' ? reference : `${folder}/${reference}`));
    const written = reference.replace(/^file:\/\//, '');
    if (written === '' || written.length > 4096 || written.includes('\0') || /^[a-z][a-z0-9+.-]+:\/\//i.test(written))
      return [];
    const windows = /^[a-z]:[\\/]/i.test(written);
    if (isAbsolute(written) || windows) {
      const inside = windows && sep === '/' ? null : within(this.#base, written);
      return inside === null ? [] : [posix.normalize(inside)];
    }
    const relative = slashes(written).replaceAll('\\', '/');
    const found = new Set<string>();
    for (let folder = posix.dirname(from); ; folder = posix.dirname(folder)) {
      const path = posix.normalize(posix.join(folder, relative));
      if (!isOutside(path) || isOutside(from)) found.add(path);
      if (folder === '.' || folder === '/' || folder.endsWith('..')) return [...found];
    }
  }

  #foldersAbove(from: string): readonly string[] {
    if (this.#above.from === from) return this.#above.folders;
    const folders: string[] = [];
    for (let at = posix.dirname(from); ; at = posix.dirname(at)) {
      folders.push(at);
      if (at === '.') break;
    }
    this.#above = { from, folders };
    return folders;
  }

  /** False where a link leads out of the workspace; for a manifest outside it, out of the manifest's own folder. */
  #isInside(file: string, from: string): boolean {
    try {
      this.#realBase ??= realpathSync.native(this.#base);
      const folder = isOutside(from) ? realpathSync.native(join(this.#base, posix.dirname(from))) : this.#realBase;
      const real = nameOf(realpathSync.native(onDisk(file), 'buffer'));
      return real === folder || within(folder, real) !== null;
    } catch {
      return false;
    }
  }
}

/** Whether a reference may be meant below each folder above the text, and nowhere else. */
function isPlain(reference: string, from: string): boolean {
  return (
    (reference.length <= longestName || !/[^/\\]{256}/.test(reference)) &&
    plain.test(reference) &&
    !isOutside(from) &&
    !isAbsolute(from)
  );
}

/** A name, or a path down from a folder, that is written as it is meant: nothing in it has to be resolved. */
const plain = /^[^\0\\/:.][^\0\\/:]*(?:\/[^\0\\/:.][^\0\\/:]*)*$/;

/** Characters that a name may have on any system; the rest of a text is no path. */
const longestName = 255;

/** Whether a path relative to the base leads out of it: where a scan was given a folder elsewhere. */
function isOutside(path: string): boolean {
  return path === '..' || path.startsWith('../');
}
