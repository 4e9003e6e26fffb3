import { readdirSync } from 'node:fs';
import path, { posix } from 'node:path';
import type { ArtifactSummary, FileResult } from '../engine/report.ts';
import { count } from '../report/printable.ts';
import { modelsIn } from '../rules/model/modelFormats.ts';
import { isAibomName } from '../aibom/names.ts';
import { isSignature } from '../rules/model/unsigned.ts';
import { pathOfUri, relativePath } from './address.ts';
import type { Folder } from './folder.ts';
import type { Folders } from './folders.ts';
import { Notice } from './notice.ts';
import { requireFields } from './parameters.ts';
import * as protocol from './protocol.ts';
import type { Session } from './session.ts';
import { standingOf } from './signing/standing.ts';
import { worstOf } from './verdict.ts';

/** Formats whose ordinary loaders run what the file says. */
const runsCode = new Set(['pickle', 'joblib', 'torch-zip', 'torch-legacy', 'torch-tar', 'torchscript']);

/** Answers the tree of models from the results, also while a scan runs. */
export class Models {
  readonly #session: Session;
  readonly #folders: Folders;
  readonly #notice: Notice;

  constructor(session: Session, folders: Folders) {
    this.#session = session;
    this.#folders = folders;
    this.#notice = new Notice(() => void session.connection.sendNotification(protocol.modelsChanged));
  }

  listen(): void {
    const { connection } = this.#session;
    connection.onRequest(protocol.models, () =>
      this.#session.guard('Could not list the models', [], () => this.directories()),
    );
    connection.onRequest(protocol.modelFiles, (params: protocol.ModelFilesParams) => {
      requireFields(protocol.modelFiles, params, { uri: 'string' });
      return this.#session.guard('Could not list the files of a model', [], () => this.files(params));
    });
  }

  changed(): void {
    if (this.#session.wantsModels) this.#notice.due();
  }

  directories(): protocol.ModelDirectory[] {
    const folders = this.#folders.all();
    return folders.flatMap((folder) => {
      const listed = [...artifactsByDirectory(folder)]
        .filter(([, results]) => results.some(isShown))
        .map(([directory, results]) => describeDirectory(folder, directory, results, folders.length > 1));
      return listed.sort((a, b) => a.label.localeCompare(b.label));
    });
  }

  files({ uri }: protocol.ModelFilesParams): protocol.ModelFile[] {
    const directory = pathOfUri(uri);
    const folder = directory === null ? undefined : this.#folders.holding(directory);
    if (directory === null || !folder) return [];
    const results = artifactsByDirectory(folder).get(relativePath(folder.path, directory) || '.') ?? [];
    const files = results.map(({ path: file, artifact, findings }) => ({
      uri: folder.uri(file),
      name: posix.basename(file),
      format: artifact.format,
      size: artifact.size,
      severity: worstOf(findings) ?? ('none' as const),
      text: sentence(artifact, findings),
    }));
    return files.sort((a, b) => a.name.localeCompare(b.name));
  }

  dispose(): void {
    this.#notice.dispose();
  }
}

type ArtifactResult = FileResult & { artifact: ArtifactSummary };

/** True for a model; arrays and plain archives are data. */
export function isModel({ path: file, format }: ArtifactSummary): boolean {
  return modelsIn({ artifacts: [{ name: file, format }] }).length > 0;
}

/** Data is no model, but what must not be loaded is shown all the same. */
function isShown(result: ArtifactResult): boolean {
  return isModel(result.artifact) || worstOf(result.findings) !== null;
}

function artifactsByDirectory(folder: Folder): Map<string, ArtifactResult[]> {
  const found = new Map<string, ArtifactResult[]>();
  for (const result of folder.scanner.results().values()) {
    const { artifact } = result;
    if (!artifact) continue;
    const directory = posix.dirname(result.path);
    const listed = found.get(directory) ?? [];
    listed.push({ ...result, artifact });
    found.set(directory, listed);
  }
  return found;
}

function describeDirectory(
  folder: Folder,
  directory: string,
  results: ArtifactResult[],
  several: boolean,
): protocol.ModelDirectory {
  const absolute = folder.absolute(directory);
  const beside = namesIn(absolute);
  const dangerous = results.filter(({ findings }) => worstOf(findings) === 'error').length;
  const severity = worstOf(results.flatMap(({ findings }) => findings)) ?? 'none';
  const words = {
    error: `${count(dangerous, 'file')} in it must not be loaded.`,
    warning: 'Look before you load from it.',
    none: 'Nothing dangerous was found in it.',
  };
  const standing = folder.scanner.signatureFor(directory);
  const name = path.basename(folder.path);
  const label = directory === '.' ? name : several ? `${name}/${directory}` : directory;
  return {
    uri: folder.uri(directory === '.' ? '' : directory),
    label,
    formats: [...new Set(results.map(({ artifact }) => artifact.format))].sort(),
    runsCode: results.some(({ artifact }) => runsCode.has(artifact.format)),
    files: results.length,
    dangerous,
    severity,
    text: words[severity],
    signature: standing || beside.some(isSignature) ? 'present' : 'missing',
    standing: standing ? standingOf(standing) : null,
    aibom: beside.some(isAibomName) ? 'present' : 'missing',
  };
}

function sentence(artifact: ArtifactSummary, findings: FileResult['findings']): string {
  const worst = worstOf(findings);
  const said = findings.find(({ severity }) => severity === worst)?.message;
  if (said !== undefined) return said;
  return artifact.complete ? 'Nothing dangerous was found.' : 'Part of it could not be read.';
}

/** Files that stand in a directory now: a signature is no artifact, and is in no result. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
