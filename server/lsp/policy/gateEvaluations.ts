import { statSync } from 'node:fs';
import path from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import type { Json } from '../../formats/facts.ts';
import { contextOf, recordOf } from '../../policy/decisionRecord.ts';
import { readExceptions } from '../../policy/exceptions.ts';
import { decideGate, type GateDecision } from '../../policy/gate.ts';
import type { PolicyEngine } from '../../policy/policyEngine.ts';
import { policySources } from '../../policy/policySources.ts';
import type { Folder } from '../folder.ts';
import type { EvidenceStore, Gathering } from './evidenceStore.ts';

/** A gate that was evaluated in the editor. Nothing of it is recorded until a person asks for that. */
export interface Evaluated {
  folder: Folder;
  /** Absolute. */
  model: string;
  gate: string;
  /** Null where nothing could be decided. */
  decision: GateDecision | null;
  evidence: Record<string, Json>;
  /** Why nothing could be decided, or null. */
  failure: string | null;
  /** What the audit log would hold. */
  record: Record<string, Json> | null;
}

const keyOf = (model: string, gate: string): string => JSON.stringify([model, gate]);

/** Gates that are followed: each is evaluated again when something changes. */
const mostFollowed = 100;

/** Evaluates gates, and keeps up to date what was evaluated. */
export class GateEvaluations {
  readonly #engine: PolicyEngine;
  readonly #evidence: EvidenceStore;
  readonly #changed: (folder: Folder) => void;
  readonly #known = new Map<string, Evaluated>();
  readonly #refreshing = new Map<Folder, Promise<void>>();
  readonly #again = new Set<Folder>();

  constructor(engine: PolicyEngine, evidence: EvidenceStore, changed: (folder: Folder) => void) {
    this.#engine = engine;
    this.#evidence = evidence;
    this.#changed = changed;
  }

  get(model: string, gate: string): Evaluated | undefined {
    return this.#known.get(keyOf(model, gate));
  }

  all(): Evaluated[] {
    return [...this.#known.values()];
  }

  /** @throws {WeighbridgeError} `cancelled`. Anything else that goes wrong is the outcome: nothing is allowed then. */
  async evaluate(folder: Folder, model: string, gate: string, how: Gathering = {}): Promise<Evaluated> {
    const evaluated = await this.#evaluate(folder, model, gate, how);
    this.#known.delete(keyOf(model, gate));
    this.#known.set(keyOf(model, gate), evaluated);
    for (const [key] of this.#known) {
      if (this.#known.size <= mostFollowed) break;
      this.#known.delete(key);
    }
    this.#changed(folder);
    return evaluated;
  }

  /** Evaluates again what is known of a folder, because something changed in it. */
  refresh(folder: Folder): Promise<void> {
    this.#again.add(folder);
    // Later: what ends at once would otherwise end before it is noted as running.
    const running = this.#refreshing.get(folder) ?? Promise.resolve().then(() => this.#refresh(folder));
    this.#refreshing.set(folder, running);
    return running;
  }

  /** A folder was closed. */
  forget(folder: Folder): void {
    for (const [key, known] of this.#known) if (known.folder === folder) this.#known.delete(key);
  }

  async #refresh(folder: Folder): Promise<void> {
    try {
      while (this.#again.delete(folder)) {
        for (const { model, gate } of this.all().filter((known) => known.folder === folder)) {
          // A model that is gone has no gates.
          if (!statSync(model, { throwIfNoEntry: false })) this.#known.delete(keyOf(model, gate));
          else this.#known.set(keyOf(model, gate), await this.#evaluate(folder, model, gate, {}));
        }
      }
    } finally {
      this.#refreshing.delete(folder);
      this.#changed(folder);
    }
  }

  async #evaluate(folder: Folder, model: string, gate: string, how: Gathering): Promise<Evaluated> {
    const about = { folder, model, gate, evidence: {} };
    try {
      const gathered = await this.#evidence.of(folder, model, how);
      const now = Date.now();
      const evidence = { ...gathered, gate, now: new Date(now).toISOString() };
      const { configuration } = folder.scanner;
      const sources = policySources(configuration, folder.path);
      const decision = await decideGate(this.#engine, {
        gate,
        sources,
        input: evidence,
        exceptions: readExceptions(configuration.policy.exceptions, folder.path),
        model,
        folder: configuration.folder,
        now,
      });
      const shown = path.relative(folder.path, model).replaceAll('\\', '/') || '.';
      const record = recordOf(decision, contextOf(evidence, sources, { now, subject: null, path: shown }));
      return { ...about, evidence, decision, record, failure: null };
    } catch (error) {
      if (!(error instanceof WeighbridgeError) || error.code === 'cancelled') throw error;
      return { ...about, decision: null, record: null, failure: error.message };
    }
  }
}
