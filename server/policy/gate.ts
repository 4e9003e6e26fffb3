import type { Json } from '../formats/facts.ts';
import type { CompiledPolicies } from './compiler/compiledCache.ts';
import { applyExceptions, type PolicyException } from './exceptions.ts';
import type { PolicyOutcome, PolicyReason } from './outcome.ts';
import type { PolicyEngine } from './policyEngine.ts';
import type { PolicyModule } from './compiler/protocol.ts';
import { WeighbridgeError } from '../errors.ts';
import { shippedGates } from './shippedPolicies.ts';
import { fieldsOf, textOf } from './yamlDocument.ts';

/** One set of policies that is compiled by itself, so that no set can change what another says. */
export interface PolicySource {
  modules: readonly PolicyModule[];
  /** Data documents that stand beside them. */
  data?: Json | null;
  /** Shipped policies decide only where they are asked; a repository's own packages all have their say. */
  shipped: boolean;
}

export interface GateRequest {
  /** `dev-to-staging`, ..., or the name of one of the repository's own. */
  gate: string;
  sources: readonly PolicySource[];
  /** The evidence document. */
  input: Json;
  exceptions: readonly PolicyException[];
  /** Absolute path of the model, or null where only a document is judged. */
  model: string | null;
  /** What the globs of exceptions are relative to. */
  folder: string;
  /** Milliseconds. */
  now: number;
}

export interface Obligation {
  kind: string;
  id: string;
  text: string;
  /** RFC 3339. */
  due: string;
}

/** What a gate says, before it is written anywhere. */
export interface GateDecision {
  gate: string;
  decision: 'allow' | 'deny';
  deny: PolicyReason[];
  warn: PolicyReason[];
  excepted: { reason: PolicyReason; exception: PolicyException }[];
  /** Exceptions that are over, and would have taken something back. */
  expired: PolicyException[];
  /** Denials that say no more than that something is not known. */
  missingEvidence: { field: string; command: string }[];
  obligations: Obligation[];
  /** Every rule that was asked, met or not. */
  rules: GateRule[];
}

export interface GateRule {
  id: string;
  title: string | null;
  policy: string;
  line: number;
  state: 'met' | 'not-met' | 'no-evidence' | 'excepted' | 'warned';
}

/** The package of a gate's own rules ends in its name, with underscores. */
export const gateSegment = (gate: string): string => gate.replaceAll('-', '_');

/**
 * Decides one gate: the rules of the gate, and every other decision of the repository's own policies.
 * @throws {WeighbridgeError} `bad-usage` for a gate that nobody defines; what compiling and evaluating throw. Nothing is
 * allowed then.
 */
export async function decideGate(engine: PolicyEngine, request: GateRequest): Promise<GateDecision> {
  const outcomes: PolicyOutcome[] = [];
  const rules: { of: CompiledPolicies; packages: Set<string> }[] = [];
  const segment = gateSegment(request.gate);
  let isKnown = false;
  for (const { modules, shipped, data = null } of request.sources) {
    const policies = await engine.compile(modules);
    const isOwnGate = (name: string) => name.split('.').at(-1) === segment;
    const isOtherGate = (name: string) => /(?:^|\.)gates\.[^.]+$/.test(name) && !isOwnGate(name);
    const packages = new Set(
      policies.decisions
        .map((decision) => decision.package)
        .filter((name) => (shipped ? isOwnGate(name) : !isOtherGate(name))),
    );
    if ([...packages].some(isOwnGate)) isKnown = true;
    if (packages.size === 0) continue;
    rules.push({ of: policies, packages });
    outcomes.push(await engine.evaluate(policies, request.input, { packages, data }));
  }
  if (!isKnown) throw unknownGate(request.gate);
  return judged(request, outcomes, rules);
}

const unknownGate = (gate: string): WeighbridgeError =>
  new WeighbridgeError(
    'bad-usage',
    `there is no gate "${gate}": it is ${shippedGates.join(', ')}, or a package gates.${gateSegment(gate)} of your own policies`,
  );

async function judged(
  request: GateRequest,
  outcomes: readonly PolicyOutcome[],
  sets: readonly { of: CompiledPolicies; packages: Set<string> }[],
): Promise<GateDecision> {
  const { gate, input, exceptions, model, folder, now } = request;
  const said = outcomes.flatMap(({ deny }) => deny);
  const inForce = said.filter((reason) => !isLater(reason, now));
  const digest = textOf(fieldsOf(fieldsOf(input)['model'])['digest']);
  const { deny, excepted, expired } = await applyExceptions(inForce, exceptions, { gate, model, digest, folder, now });
  const warn = [
    ...outcomes.flatMap((each) => each.warn),
    ...said.filter((reason) => isLater(reason, now)),
    ...expired.map(expiry),
  ];
  return {
    gate,
    decision: deny.length === 0 ? 'allow' : 'deny',
    deny,
    warn,
    excepted,
    expired,
    missingEvidence: missingIn(deny),
    obligations: outcomes.flatMap(({ obligations }) => obligations).map((each) => obligationOf(each, now)),
    rules: rulesOf(sets, { deny, warn, excepted: excepted.map(({ reason }) => reason) }),
  };
}

/** An exception that is over is told until somebody renews it or takes it out. */
function expiry({ rule, owner, expires, file, line }: PolicyException): PolicyReason {
  return {
    decision: 'exceptions',
    package: '',
    rule: 'gate/expired-exception',
    message: `The exception from ${rule} (${owner}) expired on ${expires}: renew it, or take it out`,
    file,
    line,
    endLine: line,
    title: 'An exception has expired',
    severity: 'warning',
    annotations: null,
    details: {},
  };
}

/** A rule with a date ahead of it warns until then. */
function isLater({ annotations }: PolicyReason, now: number): boolean {
  const effective = textOf(annotations?.custom?.['effective_on']);
  return effective !== null && Date.parse(effective) > now;
}

function missingIn(deny: readonly PolicyReason[]): GateDecision['missingEvidence'] {
  const missing = new Map<string, string>();
  for (const { details } of deny) {
    const field = textOf(details['field']);
    if (field !== null && !missing.has(field)) missing.set(field, textOf(details['command']) ?? '');
  }
  return [...missing].map(([field, command]) => ({ field, command }));
}

/** An obligation without a term is due at once. */
function obligationOf(given: Json, now: number): Obligation {
  const fields = fieldsOf(given);
  const hours = typeof fields['within_hours'] === 'number' ? fields['within_hours'] : 0;
  return {
    kind: textOf(fields['kind']) ?? 'obligation',
    id: textOf(fields['id']) ?? '',
    text: textOf(fields['text']) ?? JSON.stringify(given),
    due: new Date(now + hours * 3_600_000).toISOString(),
  };
}

function rulesOf(
  sets: readonly { of: CompiledPolicies; packages: Set<string> }[],
  said: Record<'deny' | 'warn' | 'excepted', readonly PolicyReason[]>,
): GateRule[] {
  const at = (reasons: readonly PolicyReason[], file: string, line: number) =>
    reasons.filter((reason) => reason.file === file && reason.line === line);
  return sets.flatMap(({ of, packages }) =>
    of.decisions
      .filter(({ package: name, name: decision }) => packages.has(name) && /^(?:deny|violation|warn)/.test(decision))
      .flatMap((decision) =>
        decision.rules.map(({ file, line, annotations }): GateRule => {
          const denied = at(said.deny, file, line);
          const state =
            denied.length > 0
              ? denied.every(({ details }) => 'field' in details)
                ? 'no-evidence'
                : 'not-met'
              : at(said.excepted, file, line).length > 0
                ? 'excepted'
                : at(said.warn, file, line).length > 0
                  ? 'warned'
                  : 'met';
          return {
            id: textOf(annotations?.custom?.['id']) ?? decision.name,
            title: annotations?.title ?? null,
            policy: file,
            line,
            state,
          };
        }),
      ),
  );
}
