import { join, posix } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { entriesOf } from '../files/folderEntries.ts';
import type { CheckedSignature, DirectorySigning } from '../rules/directory.ts';
import type { HashProgress, Trust } from '../signing/contract.ts';
import { stanceOf, type TrustEntry } from '../signing/trustPolicy.ts';
import type { Configuration } from './configuration.ts';
import type { WorkerPool } from './pool.ts';
import { reasonOf } from '../files/reason.ts';
import type { ArtifactSummary } from './report.ts';
import { signatureCandidates, type SignatureCandidate } from './signatureFiles.ts';
import { TrustGlobs } from './trustGlobs.ts';
import type { SignatureTask } from './verifySignature.ts';

/** What verifying needs of a scan. */
export interface SignatureRun {
  configuration: Configuration;
  pool: () => WorkerPool;
  mayUseCache: boolean;
  /** Fetches the model before it is hashed, where it does not lie on this machine. */
  fill?: ((path: string) => Promise<void>) | undefined;
  jobs?: number;
  signal?: AbortSignal | undefined;
  /** In bytes of the model that is being verified. */
  onProgress?: ((model: string, done: number, total: number) => void) | undefined;
  /** A signature that could not be verified at all, such as when a worker is lost. */
  onError?: (path: string, message: string) => void;
}

/** How long a worker may give no sign of life: one file is hashed, and progress is told in between. In milliseconds. */
const patience = 600_000;

/** The signatures over models of a workspace, as they were last verified. Paths are relative to the base. */
export class Signatures {
  readonly #base: string;
  /** By model: the folder that is covered, or the one file. */
  readonly #known = new Map<string, CheckedSignature>();
  /** The entry of the policy by which each was verified. */
  readonly #entries = new Map<string, TrustEntry | null>();
  /** Folders of models, and the model whose signature counts for them. */
  readonly #covering = new Map<string, string | undefined>();
  #globs: { of: Configuration; globs: TrustGlobs } | null = null;

  constructor(base: string) {
    this.#base = base;
  }

  all(): CheckedSignature[] {
    return [...this.#known.values()];
  }

  /** The signature over a folder or a file itself. */
  of(model: string): CheckedSignature | undefined {
    return this.#known.get(model);
  }

  /** The signature that covers a folder of models, and that the policy lets count for it. */
  covering(folder: string): CheckedSignature | undefined {
    return this.#known.get(this.#covering.get(folder) ?? folder);
  }

  /**
   * Verifies what stands in these folders, and what covers something that changed.
   * @param folders whose listing may have changed. @param touched paths that may have changed.
   * @returns folders and files of which something else may be said now.
   * @throws {WeighbridgeError} `cancelled`.
   */
  async update(
    folders: readonly string[],
    touched: ReadonlySet<string>,
    artifacts: readonly ArtifactSummary[],
    run: SignatureRun,
  ): Promise<Set<string>> {
    const globs = await this.#globsOf(run.configuration);
    const concerned = new Set<string>();
    const forget = (model: string) => {
      if (this.#known.delete(model)) concerned.add(model);
    };
    const wanted = new Set(folders);
    for (const [model, { file }] of [...this.#known]) {
      if (![...touched].some((path) => path === model || path.startsWith(inside(model)))) continue;
      // What covers a changed file is verified anew, wherever the signature stands.
      wanted.add(posix.dirname(file));
    }
    for (const folder of [...wanted].sort()) {
      const candidates = signatureCandidates(join(this.#base, folder), this.#namesIn(folder));
      for (const { model, file } of this.all()) if (posix.dirname(file) === folder) forget(model);
      for (const candidate of candidates) {
        const checked = await this.#verify(folder, candidate, artifacts, globs, run);
        if (!checked) continue;
        this.#known.set(checked.model, checked);
        concerned.add(checked.model);
      }
    }
    return concerned;
  }

  /** What rules are told of a folder; `artifacts` are the paths of those that lie in it directly. */
  async teller(
    configuration: Configuration,
  ): Promise<(folder: string, artifacts: readonly string[]) => DirectorySigning> {
    const globs = await this.#globsOf(configuration);
    return (folder, artifacts) => this.#signingOf(folder, artifacts, globs);
  }

  /** Verifies one model now, by the policy or by what is given; the table does not change. */
  async verifyOnce(
    model: string,
    artifacts: readonly ArtifactSummary[],
    run: SignatureRun & { trust: Trust[] },
  ): Promise<CheckedSignature | null> {
    const globs = await this.#globsOf(run.configuration);
    for (const [folder, wanted] of [
      [model, null],
      [posix.dirname(model), posix.basename(model)],
    ] as const) {
      const candidates = signatureCandidates(join(this.#base, folder), this.#namesIn(folder));
      for (const { name } of candidates.filter(({ file }) => file === wanted)) {
        const checked = await this.#run(model, posix.join(folder, name), artifacts, globs, run);
        if (checked) return checked;
      }
    }
    return null;
  }

  #signingOf(folder: string, artifacts: readonly string[], globs: TrustGlobs): DirectorySigning {
    const signed = artifacts.filter((path) => this.#known.get(path)?.result.signatureHolds === true);
    const signedFiles = signed.map((path) => posix.basename(path));
    const entry = globs.entryFor(folder, artifacts);
    const signature = this.#above(folder, entry);
    this.#covering.set(folder, signature?.model);
    return { stance: signature?.model === folder ? signature.stance : stanceOf(entry), signature, signedFiles };
  }

  /** The signature of a folder, or of the nearest one above that has one, if the policy asks the same there. */
  #above(folder: string, entry: TrustEntry | null): CheckedSignature | null {
    const own = this.#known.get(folder);
    if (own) return own;
    for (let above = folder; above !== '.' && above !== '..';) {
      above = posix.dirname(above);
      const signature = this.#known.get(above);
      if (!signature) continue;
      return this.#entries.get(above) === entry && !isLeftOut(signature, folder) ? signature : null;
    }
    return null;
  }

  async #verify(
    folder: string,
    { name, file }: SignatureCandidate,
    artifacts: readonly ArtifactSummary[],
    globs: TrustGlobs,
    run: SignatureRun,
  ): Promise<CheckedSignature | null> {
    const model = file === null ? folder : posix.join(folder, file);
    // The likeliest comes first.
    if (this.#known.has(model)) return null;
    const signature = posix.join(folder, name);
    try {
      return await this.#run(model, signature, artifacts, globs, run);
    } catch (cause) {
      if (cause instanceof WeighbridgeError && cause.code === 'cancelled') throw cause;
      run.onError?.(signature, `cannot be verified: ${reasonOf(cause)}`);
      return null;
    }
  }

  async #run(
    model: string,
    file: string,
    artifacts: readonly ArtifactSummary[],
    globs: TrustGlobs,
    run: SignatureRun & { trust?: Trust[] },
  ): Promise<CheckedSignature | null> {
    const below = artifacts.map(({ path }) => path).filter((path) => path === model || path.startsWith(inside(model)));
    const entry = below.includes(model) ? globs.entryForFile(model) : globs.entryFor(model, below);
    const task: SignatureTask = {
      model: join(this.#base, model),
      signature: join(this.#base, file),
      policy: run.configuration.trustPolicy,
      entry,
      mayUseCache: run.mayUseCache,
      ...(run.trust ? { trust: run.trust } : {}),
      ...(run.jobs === undefined ? {} : { jobs: run.jobs }),
    };
    // Where nobody is trusted, nothing is hashed.
    if (task.entry ?? task.trust) await run.fill?.(task.model);
    const verified = await run.pool().run('verifySignature', task, {
      watchdogMs: patience,
      ...(run.signal ? { signal: run.signal } : {}),
      onPart: ({ done, total }: HashProgress) => run.onProgress?.(model, done, total),
    });
    if (!run.trust) this.#entries.set(model, entry);
    return verified && { model, file, stance: stanceOf(entry), ...verified };
  }

  async #globsOf(configuration: Configuration): Promise<TrustGlobs> {
    if (this.#globs?.of !== configuration) {
      this.#globs = { of: configuration, globs: await TrustGlobs.of(configuration, this.#base) };
    }
    return this.#globs.globs;
  }

  #namesIn(folder: string): string[] {
    try {
      return entriesOf(join(this.#base, folder))
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => name);
    } catch {
      return [];
    }
  }
}

/** What the paths below a folder begin with. */
function inside(folder: string): string {
  return folder === '.' ? '' : `${folder}/`;
}

/** Whether the signature itself says that it does not cover a folder below. */
function isLeftOut({ model, result }: CheckedSignature, folder: string): boolean {
  const { ignored, signedIgnorePaths } = result.coverage;
  return [...ignored, ...signedIgnorePaths].some((path) => {
    const left = posix.join(model, path);
    return folder === left || folder.startsWith(`${left}/`);
  });
}
