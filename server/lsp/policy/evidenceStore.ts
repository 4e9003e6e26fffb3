import { statSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import type { Json } from '../../formats/facts.ts';
import { gatherEvidence } from '../../policy/evidence/gatherEvidence.ts';
import { Roles } from '../../policy/roles.ts';
import { isWithin } from '../address.ts';
import type { Folder } from '../folder.ts';

/** What is known of one model. */
interface Known {
  folder: Folder;
  evidence: Promise<Record<string, Json>>;
}

export interface Gathering {
  signal?: AbortSignal;
  report?: (message: string) => void;
}

/** The evidence of models, gathered when it is asked for and kept until something changes. */
export class EvidenceStore {
  readonly #known = new Map<string, Known>();
  /** The model that hovers and completions speak of, by folder. */
  readonly #chosen = new Map<Folder, string>();

  /**
   * The evidence of a model (absolute path), without a gate and with the time at which it was gathered.
   * @throws {WeighbridgeError} `not-found`, `cancelled`, and what gathering throws.
   */
  of(folder: Folder, model: string, { signal, report }: Gathering = {}): Promise<Record<string, Json>> {
    const known = this.#known.get(model);
    if (known) return known.evidence;
    if (!statSync(model, { throwIfNoEntry: false })) {
      throw new WeighbridgeError('not-found', `There is no model ${model}: it was moved or deleted.`);
    }
    const evidence = folder.exclusively(async (scanner) => {
      const document = await gatherEvidence(model, scanner, {
        gate: '',
        now: Date.now(),
        roles: Roles.read(scanner.configuration.policy.roles),
        subject: null,
        recorded: [],
        mayUseCache: true,
        run: {
          ...(signal ? { signal } : {}),
          onProgress: ({ path }) => report?.(path),
        },
      });
      return JSON.parse(JSON.stringify(document)) as Record<string, Json>;
    });
    this.#known.set(model, { folder, evidence });
    evidence.catch(() => {
      // What failed, or was cancelled, is tried again by whoever asks next.
      if (this.#known.get(model)?.evidence === evidence) this.#known.delete(model);
    });
    return evidence;
  }

  /** Something changed: whatever it was, records and signatures speak of models that lie elsewhere. */
  forget(folder: Folder): void {
    for (const [model, known] of this.#known) if (known.folder === folder) this.#known.delete(model);
  }

  choose(folder: Folder, model: string): void {
    this.#chosen.set(folder, model);
  }

  /** The model that was chosen last in a folder, if it is still there. */
  chosen(folder: Folder): string | null {
    const model = this.#chosen.get(folder);
    if (model === undefined || !isWithin(folder.path, model)) return null;
    return statSync(model, { throwIfNoEntry: false }) ? model : null;
  }
}
