import { WeighbridgeError } from '../errors.ts';
import type { Json } from '../formats/facts.ts';
import { CompiledCache, type CompiledPolicies } from './compiler/compiledCache.ts';
import { PolicyCompiler } from './compiler/policyCompiler.ts';
import type { CompilerRequest, CompilerResponse, PolicyDiagnostic, PolicyModule } from './compiler/protocol.ts';
import { PolicyEvaluator } from './evaluation/policyEvaluator.ts';
import { outcomeOf, type PolicyOutcome } from './outcome.ts';
import { withoutTests } from './policySet.ts';

/** Policies that cannot be compiled: nothing is decided by them. */
export class PolicyError extends WeighbridgeError {
  readonly diagnostics: PolicyDiagnostic[];

  constructor(diagnostics: PolicyDiagnostic[]) {
    const [first] = diagnostics;
    const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : '';
    super('bad-input', `${first?.file}:${first?.line}:${first?.column}: ${first?.message}${more}`);
    this.diagnostics = diagnostics;
  }
}

export interface EngineOptions {
  /** False: compiled policies are neither looked for nor kept on disk. */
  cache?: boolean;
  /** Milliseconds for one compilation or one evaluation. */
  timeoutMs?: number;
}

/** Compiles, checks, tests and evaluates policies. Both doors use it. */
export class PolicyEngine {
  readonly #compiler = new PolicyCompiler();
  readonly #evaluator = new PolicyEvaluator();
  readonly #options: EngineOptions;
  readonly #cache: CompiledCache | null;

  constructor(options: EngineOptions = {}) {
    this.#options = options;
    // As with scans: what a machine of many people's jobs left behind decides nothing.
    this.#cache = options.cache === false || process.env['CI'] ? null : new CompiledCache();
  }

  /**
   * @param packages whose decisions are wanted (dotted names); all when empty.
   * @throws {PolicyError} where they do not compile; {WeighbridgeError} `bad-input` where they decide nothing.
   */
  async compile(modules: readonly PolicyModule[], packages: readonly string[] = []): Promise<CompiledPolicies> {
    const sources = withoutTests(modules);
    const key = this.#cache?.key(sources, packages, PolicyCompiler.identity()) ?? '';
    const known = this.#cache?.get(key);
    if (known) return known;
    const response = await this.ask({ operation: 'compile', modules: sources, packages });
    const errors = response.diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw new PolicyError(errors);
    if (response.wasm === undefined) throw nothingDecided(response, packages);
    const compiled: CompiledPolicies = {
      wasm: new Uint8Array(Buffer.from(response.wasm, 'base64')),
      decisions: response.decisions ?? [],
      files: response.packages ?? [],
      diagnostics: response.diagnostics,
      versions: response.versions ?? {},
    };
    this.#cache?.set(key, compiled);
    return compiled;
  }

  /**
   * @param about `packages`: whose decisions count, all when left out; `data`: what `data` holds beside the policies.
   * @throws {WeighbridgeError} `refused` when the evaluation reached a limit.
   */
  async evaluate(
    policies: CompiledPolicies,
    input: Json,
    { packages, data }: { packages?: ReadonlySet<string>; data?: Json | null } = {},
  ): Promise<PolicyOutcome> {
    const given = data === undefined || data === null ? {} : { data };
    const values = await this.#evaluator.evaluate(policies.wasm, input, { ...this.#limits(), ...given });
    const decisions = policies.decisions.filter((decision) => packages?.has(decision.package) ?? true);
    return outcomeOf(decisions, (values ?? {}) as Record<string, Json>);
  }

  /** Any other operation of the compiler: check, format, rewrite, inspect, test, builtins. */
  ask(request: CompilerRequest, signal?: AbortSignal): Promise<CompilerResponse> {
    return this.#compiler.request(request, { ...this.#limits(), ...(signal ? { signal } : {}) });
  }

  async close(): Promise<void> {
    this.#compiler.close();
    await this.#evaluator.close();
  }

  #limits(): { timeoutMs?: number } {
    const { timeoutMs } = this.#options;
    return timeoutMs === undefined ? {} : { timeoutMs };
  }
}

function nothingDecided({ packages }: CompilerResponse, wanted: readonly string[]): WeighbridgeError {
  const found = [...new Set((packages ?? []).map((each) => each.package))].sort().join(', ');
  const where = wanted.length > 0 ? `package ${wanted.join(', ')}` : 'the policies';
  return new WeighbridgeError(
    'bad-input',
    `there is no deny, violation, warn or allow rule in ${where} (packages: ${found}); nothing can be decided`,
  );
}
