import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { WeighbridgeError } from '../../errors.ts';
import type { PolicyDiagnostic } from '../../policy/compiler/protocol.ts';
import { evidenceSchema } from '../../policy/evidence/schema.ts';
import { schemaAt } from '../../policy/evidence/schemaPath.ts';
import type { PolicyEngine } from '../../policy/policyEngine.ts';
import { diagnosticSource } from '../diagnostics.ts';
import { rangeBetween, rangeOfBytes, wholeLine } from './regoPlaces.ts';
import { InputNames, referencesIn } from './regoText.ts';
import type { PolicySets } from './policySets.ts';

/** The code of what is still written in Rego v0. */
export const codeV0 = 'rego_v0';

/** Keystrokes come in bursts, and a compiler is asked for the last of them. */
const settleMs = 150;

/** Checks of sets that are kept: several files of one set are asked for at once. */
const mostKept = 16;

interface Running {
  version: number;
  controller: AbortController;
  answer: Promise<Diagnostic[] | null>;
}

/** What the compiler says of policies while they are written. */
export class PolicyChecks {
  readonly #engine: PolicyEngine;
  readonly #sets: PolicySets;
  /** By file: the check that runs, and of which version of the text. */
  readonly #running = new Map<string, Running>();
  readonly #kept = new Map<string, PolicyDiagnostic[]>();

  constructor(engine: PolicyEngine, sets: PolicySets) {
    this.#engine = engine;
    this.#sets = sets;
  }

  /**
   * Diagnostics of a policy (absolute path) as it stands in the editor, once it has rested for a moment.
   * @returns null where a newer check of it has begun: its answer counts.
   */
  of(file: string, document: TextDocument): Promise<Diagnostic[] | null> {
    const running = this.#running.get(file);
    if (running?.version === document.version) return running.answer;
    running?.controller.abort();
    const controller = new AbortController();
    const answer = this.#once(file, document, controller.signal).finally(() => {
      if (this.#running.get(file)?.controller === controller) this.#running.delete(file);
    });
    this.#running.set(file, { version: document.version, controller, answer });
    return answer;
  }

  async #once(file: string, document: TextDocument, signal: AbortSignal): Promise<Diagnostic[] | null> {
    try {
      await wait(settleMs, undefined, { signal, ref: false });
      const set = this.#sets.of(file);
      const said = await this.#check(set.modules, signal);
      const lines = document.getText().split('\n');
      return [
        ...said.filter((each) => set.pathOf(each.file) === file).map((each) => toDiagnostic(each, lines)),
        ...unknownFields(document),
      ];
    } catch (error) {
      if (signal.aborted) return null;
      // A check that could not finish says so in the same place as an error would.
      if (error instanceof WeighbridgeError) return [notChecked(error.message)];
      throw error;
    }
  }

  async #check(
    modules: readonly { file: string; text: string }[],
    signal: AbortSignal,
  ): Promise<readonly PolicyDiagnostic[]> {
    const key = createHash('sha256').update(JSON.stringify(modules)).digest('base64');
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const { diagnostics } = await this.#engine.ask({ operation: 'check', modules }, signal);
    this.#kept.set(key, diagnostics);
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(old);
    }
    return diagnostics;
  }
}

function toDiagnostic(said: PolicyDiagnostic, lines: readonly string[]): Diagnostic {
  return {
    range: rangeOfBytes(lines, said),
    severity: said.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code: said.code,
    source: diagnosticSource,
    message: said.message,
  };
}

function notChecked(why: string): Diagnostic {
  return {
    range: wholeLine(1),
    severity: DiagnosticSeverity.Error,
    code: 'policy/not-checked',
    source: diagnosticSource,
    message: `This policy could not be checked: ${why}`,
  };
}

/** Texts beyond this, in characters, are not looked through for misspelt fields. */
const longestText = 1 << 20;
const mostTold = 100;

/**
 * Fields that the evidence does not have: a rule that asks for one never says anything. Only below a field that it has, because
 * a policy may be about another input altogether.
 */
function unknownFields(document: TextDocument): Diagnostic[] {
  const text = document.getText();
  if (text.length > longestText) return [];
  const schema = evidenceSchema();
  const names = new InputNames(text);
  const told: Diagnostic[] = [];
  for (const reference of referencesIn(text)) {
    const steps = names.stepsOf(reference);
    if (steps === null || steps.length < 2 || schemaAt(schema, steps.slice(0, 1)) === 'unknown') continue;
    const first = steps.findIndex((_, index) => schemaAt(schema, steps.slice(0, index + 1)) === 'unknown');
    if (first < 0) continue;
    const segment = reference.segments.at(first - steps.length);
    if (!segment || told.length === mostTold) continue;
    const around = ['input', ...steps.slice(0, first).map((step) => step ?? '[_]')].join('.').replaceAll('.[', '[');
    told.push({
      range: rangeBetween(document, segment.start, segment.end),
      severity: DiagnosticSeverity.Warning,
      code: 'policy/unknown-field',
      source: diagnosticSource,
      message: `The evidence has no field ${String(steps[first])} in ${around}, so this is always undefined: see evidence.schema.json.`,
    });
  }
  return told;
}
