import { basename } from 'node:path';
import type { Diagnostic } from 'vscode-languageserver/node';
import { WeighbridgeError } from '../../errors.ts';
import type { Json } from '../../formats/facts.ts';
import type { PolicyFileFacts } from '../../policy/compiler/protocol.ts';
import { gateSegment } from '../../policy/gate.ts';
import { PolicyEngine } from '../../policy/policyEngine.ts';
import { readPolicies, readPolicyData } from '../../policy/policySet.ts';
import { shippedGates } from '../../policy/shippedPolicies.ts';
import { pathOfUri, relativePath } from '../address.ts';
import type { Folder } from '../folder.ts';
import type { Folders } from '../folders.ts';
import type { Models } from '../models.ts';
import type { OpenDocuments } from '../openDocuments.ts';
import type { Publisher } from '../publisher.ts';
import type { Session } from '../session.ts';
import { PolicyChecks } from './check.ts';
import { EvidenceStore, type Gathering } from './evidenceStore.ts';
import { gateDiagnostics } from './gateDiagnostics.ts';
import { GateEvaluations } from './gateEvaluations.ts';
import { gateStateOf, notEvaluated } from './gateState.ts';
import type { ShownModel } from './inputHelp.ts';
import { PolicySets } from './policySets.ts';
import * as protocol from './protocol.ts';
import { refreshResults } from './refreshResults.ts';
import { evaluateFile, type FileResults } from './ruleResults.ts';

/** What policies need of the rest of the server. */
export interface PolicySurroundings {
  session: Session;
  folders: Folders;
  documents: OpenDocuments;
  publisher: Publisher;
  models: Models;
}

/** How long a hover waits for evidence that nobody has gathered yet, in milliseconds. */
const patience = 2000;

/** Everything that the server knows of policies and gates. */
export class Policies {
  readonly sets: PolicySets;
  readonly evidence = new EvidenceStore();
  readonly gates: GateEvaluations;
  /** For what is asked while somebody types; tests and gates do not hold it up. */
  readonly typing = new PolicyEngine({ timeoutMs: 60_000 });
  readonly deciding = new PolicyEngine();
  readonly #with: PolicySurroundings;
  readonly #checks: PolicyChecks;
  /** Of policies (absolute) that were evaluated against a model. */
  readonly #results = new Map<string, { version: number; results: FileResults }>();
  /** Policies (absolute) whose rules could not be told when the editor asked, on a machine that was too busy. */
  readonly #owed = new Set<string>();
  /** What is shown at files on behalf of gates, by folder and path. */
  #shown = new Map<Folder, Map<string, Diagnostic[]>>();

  constructor(surroundings: PolicySurroundings) {
    this.#with = surroundings;
    const { folders, documents, publisher } = surroundings;
    this.sets = new PolicySets(folders, documents);
    this.#checks = new PolicyChecks(this.typing, this.sets);
    this.gates = new GateEvaluations(this.deciding, this.evidence, (folder) => this.#redecided(folder));
    documents.checkPolicy = async (path, document) => {
      const said = await this.#checks.of(path, document);
      if (said !== null && this.#owed.delete(path)) await refreshResults(surroundings.session);
      return said;
    };
    publisher.decisions = (path) => {
      const folder = folders.holding(path);
      return (folder && this.#shown.get(folder)?.get(relativePath(folder.path, path))) ?? [];
    };
  }

  /** Files (absolute) of a folder changed. */
  settled(folder: Folder, paths: readonly string[]): void {
    this.evidence.forget(folder);
    const { session, publisher } = this.#with;
    // What a policy calls may stand in another file, which was changed outside of the editor.
    if (paths.some((path) => path.endsWith('.rego'))) publisher.rejudgeOpen();
    void session.guard('Could not evaluate the gates again', undefined, () => this.gates.refresh(folder));
  }

  forget(folder: Folder): void {
    this.evidence.forget(folder);
    this.gates.forget(folder);
    this.#shown.delete(folder);
    this.#tell();
  }

  /** The models of the workspace and their gates. */
  list(): protocol.ModelGates[] {
    const known = new Map<Folder, string[]>();
    const ownOf = (folder: Folder) => {
      const own = known.get(folder) ?? ownGates(folder);
      known.set(folder, own);
      return own;
    };
    return this.#with.models.directories().map(({ uri, label }) => {
      const model = pathOfUri(uri) ?? '';
      const folder = this.#with.folders.holding(model);
      const gates = [...new Set([...shippedGates, ...(folder ? ownOf(folder) : [])])];
      return {
        uri,
        label,
        gates: gates.map((gate) => {
          const known = this.gates.get(model, gate);
          return known ? gateStateOf(known) : notEvaluated(uri, gate);
        }),
      };
    });
  }

  /** @throws {WeighbridgeError} `bad-usage` for a model that lies in no workspace folder. */
  async evaluateGate({ uri, gate }: protocol.GateParams, how: Gathering = {}): Promise<protocol.GateState> {
    const { folder, model } = this.modelAt(uri);
    this.evidence.choose(folder, model);
    return gateStateOf(await this.gates.evaluate(folder, model, gate, how));
  }

  modelAt(uri: string): { folder: Folder; model: string } {
    const model = pathOfUri(uri);
    const folder = model === null ? undefined : this.#with.folders.holding(model);
    if (model !== null && folder) return { folder, model };
    throw new WeighbridgeError('bad-usage', 'A gate judges a model of the workspace: open the folder that holds it.');
  }

  /** The model that hovers speak of, with its evidence where that is at hand or soon will be. */
  async shownModel(file: string): Promise<ShownModel | null> {
    const folder = this.#with.folders.of(file);
    const model = folder.loose ? null : (this.evidence.chosen(folder) ?? this.#firstModel(folder));
    if (model === null) return null;
    const label = labelOf(folder, model);
    const evidence = this.evidence.of(folder, model).catch(() => null);
    return { label, evidence: await Promise.race([evidence, afterPatience()]) };
  }

  /**
   * Evaluates the policies of a file against a model; the results stand beside the rules until the text changes, and then anew.
   * @throws {WeighbridgeError} where the workspace is not trusted, there is no model, or a policy does not compile.
   */
  async evaluatePolicy(
    { uri, model: given }: protocol.EvaluatePolicyArguments,
    how: Gathering = {},
  ): Promise<protocol.EvaluatePolicyOutcome> {
    this.requireTrust();
    const file = pathOfUri(uri);
    if (file?.endsWith('.rego') !== true) throw new WeighbridgeError('bad-usage', 'Name a policy: a .rego file.');
    const { folder, model } = given === undefined ? this.#modelFor(file) : this.modelAt(given);
    this.evidence.choose(folder, model);
    const results = await this.#evaluate(file, folder, model, how);
    const { deny, warn } = results;
    return { model: results.model, decision: deny.length === 0 ? 'allow' : 'deny', deny, warn };
  }

  /** What the rules of a file came to, of the text as it stands now; null when nobody asked, or it does not compile. */
  async resultsFor(file: string): Promise<FileResults | null> {
    const known = this.#results.get(file);
    if (!known || !this.#with.session.trusted) return null;
    if (known.version === this.#versionOf(file)) return known.results;
    const { folder, model } = this.#modelFor(file);
    try {
      return await this.#evaluate(file, folder, model, {});
    } catch (error) {
      // It is told as a diagnostic; what is wrong now has no result.
      if (error instanceof WeighbridgeError) return null;
      throw error;
    }
  }

  closed(file: string): void {
    this.#results.delete(file);
  }

  /** The rules of a file as it stands in the editor; null for a text that does not parse. */
  async factsOf(file: string): Promise<PolicyFileFacts | null> {
    const set = this.sets.of(file);
    const module = set.modules.find((each) => set.pathOf(each.file) === file);
    if (!module) return null;
    try {
      const { packages } = await this.typing.ask({ operation: 'inspect', modules: [module] });
      return packages?.[0] ?? null;
    } catch (error) {
      this.#owed.add(file);
      throw error;
    }
  }

  /** @throws {WeighbridgeError} where the workspace is not trusted: its policies are its own code. */
  requireTrust(): void {
    if (this.#with.session.trusted) return;
    throw new WeighbridgeError(
      'refused',
      'This workspace is not trusted, so its policies are not evaluated: trust the workspace first.',
    );
  }

  async dispose(): Promise<void> {
    await Promise.all([this.typing.close(), this.deciding.close()]);
  }

  async #evaluate(file: string, folder: Folder, model: string, how: Gathering): Promise<FileResults> {
    const version = this.#versionOf(file);
    const evidence = await this.evidence.of(folder, model, how);
    const facts = await this.factsOf(file);
    if (!facts) throw new WeighbridgeError('bad-input', `${basename(file)} does not parse: see its errors.`);
    const gate = gateNamed(facts.package) ?? 'dev-to-staging';
    const input: Json = { ...evidence, gate, now: new Date().toISOString() };
    const { modules, root } = this.sets.of(file);
    const about = { model: labelOf(folder, model), data: readPolicyData(root) };
    const results = await evaluateFile(this.deciding, modules, facts, input, about);
    this.#results.set(file, { version, results });
    return results;
  }

  #versionOf(file: string): number {
    return this.#with.documents.get(file)?.version ?? -1;
  }

  #modelFor(file: string): { folder: Folder; model: string } {
    const folder = this.#with.folders.of(file);
    const model = folder.loose ? null : (this.evidence.chosen(folder) ?? this.#firstModel(folder));
    if (model !== null) return { folder, model };
    throw new WeighbridgeError('not-found', 'There is no model in this workspace folder to evaluate a policy against.');
  }

  #firstModel(folder: Folder): string | null {
    const first = this.#with.models.directories().find(({ uri }) => folder.contains(pathOfUri(uri) ?? '/'));
    return first ? pathOfUri(first.uri) : null;
  }

  #redecided(folder: Folder): void {
    const { publisher, session } = this.#with;
    const before = this.#shown.get(folder) ?? new Map<string, Diagnostic[]>();
    const own = this.gates.all().filter((evaluated) => evaluated.folder === folder);
    const now = gateDiagnostics(folder, own, session.showsRelatedInformation);
    this.#shown.set(folder, now);
    publisher.redecided(folder, new Set([...before.keys(), ...now.keys()]));
    this.#tell();
  }

  #tell(): void {
    const { session } = this.#with;
    if (session.wantsGates) void session.connection.sendNotification(protocol.gatesChanged);
  }
}

const afterPatience = (): Promise<null> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(null), patience).unref();
  });

function labelOf(folder: Folder, model: string): string {
  return relativePath(folder.path, model) || basename(folder.path);
}

/** The gate that a package is asked by; null for one that every gate asks. */
function gateNamed(packageName: string): string | null {
  const segment = /(?:^|\.)gates\.([^.]+)$/.exec(packageName)?.[1];
  if (segment === undefined) return null;
  return shippedGates.find((gate) => gateSegment(gate) === segment) ?? segment.replaceAll('_', '-');
}

/** Gates that a folder's own policies define: packages `gates.NAME`. */
function ownGates(folder: Folder): string[] {
  const { policy } = folder.scanner.configuration;
  if (policy.folder === null) return [];
  try {
    const names = readPolicies(policy.folder, folder.path).map(({ text }) => /^\s*package\s+([\w.]+)/m.exec(text)?.[1]);
    return [...new Set(names.map((name) => gateNamed(name ?? '')).filter((name) => name !== null))].sort();
  } catch {
    // A gate tells why the policies cannot be read.
    return [];
  }
}
