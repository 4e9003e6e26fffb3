import { appendAuditEntry } from '../../policy/auditLog.ts';
import { WeighbridgeError } from '../../errors.ts';
import { relativePath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type {
  EvaluatePolicyArguments,
  EvaluatePolicyOutcome,
  GateParams,
  GateState,
  RecordOutcome,
} from '../policy/protocol.ts';
import { refreshResults } from '../policy/refreshResults.ts';
import type { LongWork } from './longWork.ts';

/** Evaluates a gate. Nothing is recorded: the person decides that when they have seen what it says. */
export async function evaluateGate(context: ServerContext, args: GateParams, run: LongWork): Promise<GateState> {
  const state = await context.policies.evaluateGate(args, run);
  if (!context.session.reportsOutcomes) context.session.tell(`${args.gate}: ${state.text}`);
  return state;
}

/** Evaluates the policies of a file against a model, and shows the results beside the rules. */
export async function evaluatePolicy(
  context: ServerContext,
  args: EvaluatePolicyArguments,
  run: LongWork,
): Promise<EvaluatePolicyOutcome> {
  const outcome = await context.policies.evaluatePolicy(args, run);
  // The editor answers when it has asked for them, which it does after this command.
  void context.session.guard('Could not show the results', undefined, () => refreshResults(context.session));
  if (!context.session.reportsOutcomes) {
    const said = outcome.deny.length > 0 ? `denied: ${outcome.deny.join('; ')}` : 'nothing is denied.';
    context.session.tell(`${outcome.model}: ${said}`);
  }
  return outcome;
}

/**
 * Evaluates a gate once more and appends what it says to the audit log.
 * @throws {WeighbridgeError} `bad-config` where the repository keeps no log; where the log is damaged.
 */
export async function recordDecision(context: ServerContext, args: GateParams, run: LongWork): Promise<RecordOutcome> {
  const { policies } = context;
  const { folder, model } = policies.modelAt(args.uri);
  const log = folder.scanner.configuration.policy.auditLog;
  if (log === null) {
    throw new WeighbridgeError('bad-config', 'This repository keeps no audit log: add a weighbridge.yaml to it.');
  }
  const { decision, record, failure } = await policies.gates.evaluate(folder, model, args.gate, run);
  if (decision === null || record === null) throw new WeighbridgeError('refused', failure ?? 'nothing was decided');
  const head = await appendAuditEntry(log, record);
  folder.changed([log]);
  return { decision: decision.decision, log: relativePath(folder.path, log), ...head };
}
