import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type ExecuteCommandParams,
} from 'vscode-languageserver/node';
import { WeighbridgeError } from '../../errors.ts';
import { pathOfUri } from '../address.ts';
import { changeConfiguration } from '../configurationChange.ts';
import { withSeverity } from '../configurationEdit.ts';
import type { ServerContext } from '../context.ts';
import {
  commands,
  type AddKnownCleanArguments,
  type AddToBaselineArguments,
  type AibomArguments,
  type CompareBehaviourArguments,
  type ConvertAndUseArguments,
  type ConvertArguments,
  type DescribeArguments,
  type ExportCleanArguments,
  type MarkRecordsArguments,
  type RedactColumnArguments,
  type ModelScanArguments,
  type ScanDatasetArguments,
  type RegisterDatasetArguments,
  type ScanPathArguments,
  type SetSeverityArguments,
  type ShowRuleArguments,
  type SignModelArguments,
  type VerbArguments,
  type VerifyModelArguments,
} from '../protocol.ts';
import { policyCommands, type EvaluatePolicyArguments, type GateParams } from '../policy/protocol.ts';
import { requireFields, type Fields } from '../parameters.ts';
import { fillAibom, generateAibom, openSideFile, updateAibom } from './aibom.ts';
import { scanBackdoors } from './backdoors.ts';
import { acceptFinding } from './baseline.ts';
import { writeComplianceReport } from './complianceReport.ts';
import { convert, convertAll, convertAndUse } from './convert.ts';
import { describe } from './describe.ts';
import { exportCleanCopy, mark, redactColumn, scanDataset } from './datasets.ts';
import { longWork, type LongWork } from './longWork.ts';
import { addKnownClean } from './addKnownClean.ts';
import { registerDataset } from './registerDataset.ts';
import { evaluateGate, evaluatePolicy, recordDecision } from './policies.ts';
import { compareBehaviour } from './regression.ts';
import { testRobustness } from './robustness.ts';
import { runVerb } from './runVerb.ts';
import { scanPath, scanWorkspace } from './scan.ts';
import { showRule } from './showRule.ts';
import { signModel } from './signModel.ts';
import { verifyDatasets } from './verifyDatasets.ts';
import { verifyModel } from './verifyModel.ts';

interface Command {
  /** What the progress says; null for what is done at once. */
  title: string | null;
  writes: boolean;
  /** What the argument must have; absent where there is none. */
  needs?: Fields;
  run(context: ServerContext, argument: unknown, run: LongWork): Promise<unknown>;
}

const table: Record<string, Command> = {
  [commands.scanWorkspace]: {
    title: 'Weighbridge: scanning the workspace',
    writes: false,
    run: (context, _, run) => scanWorkspace(context, run),
  },
  [commands.scanPath]: {
    title: 'Weighbridge: scanning',
    writes: false,
    needs: { uri: 'string' },
    run: (context, argument, run) => scanPath(context, argument as ScanPathArguments, run),
  },
  [commands.convert]: {
    title: 'Weighbridge: converting to safetensors',
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument, run) => convert(context, argument as ConvertArguments, run),
  },
  [commands.convertAll]: {
    title: 'Weighbridge: converting all checkpoints',
    writes: true,
    run: (context, _, run) => convertAll(context, run),
  },
  [commands.convertAndUse]: {
    title: 'Weighbridge: converting to safetensors',
    writes: true,
    needs: { uri: 'string', fingerprint: 'string' },
    run: (context, argument, run) => convertAndUse(context, argument as ConvertAndUseArguments, run),
  },
  [commands.addToBaseline]: {
    title: null,
    writes: true,
    needs: { uri: 'string', fingerprint: 'string' },
    run: (context, argument) => acceptFinding(context, argument as AddToBaselineArguments),
  },
  [commands.setSeverity]: {
    title: null,
    writes: true,
    needs: { uri: 'string', ruleId: 'string', setting: 'string' },
    run: (context, argument) => setSeverity(context, argument as SetSeverityArguments),
  },
  [commands.complianceReport]: {
    title: 'Weighbridge: writing the compliance report',
    writes: false,
    run: (context, _, run) => writeComplianceReport(context, run),
  },
  [commands.runVerb]: {
    title: 'Weighbridge',
    // Of the verbs only one may run without trust: it asks for that itself.
    writes: false,
    needs: { verb: 'string', uri: 'string' },
    run: (context, argument, run) => runVerb(context, argument as VerbArguments, run),
  },
  [commands.describe]: {
    title: 'Weighbridge: comparing',
    writes: false,
    needs: { uri: 'string' },
    run: (context, argument, run) => describe(context, argument as DescribeArguments, run),
  },
  [commands.showRule]: {
    title: null,
    writes: false,
    needs: { ruleId: 'string' },
    run: (context, argument) => showRule(context, argument as ShowRuleArguments),
  },
  [commands.scanDataset]: {
    title: 'Weighbridge: scanning for poisoning',
    writes: false,
    needs: { uri: 'string' },
    run: (context, argument, run) => scanDataset(context, argument as ScanDatasetArguments, run),
  },
  [commands.markRecords]: {
    title: null,
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument) => mark(context, argument as MarkRecordsArguments),
  },
  [commands.exportClean]: {
    title: 'Weighbridge: writing the clean records',
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument, run) => exportCleanCopy(context, argument as ExportCleanArguments, run),
  },
  [commands.redactColumn]: {
    title: 'Weighbridge: redacting personal data',
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument, run) => redactColumn(context, argument as RedactColumnArguments, run),
  },
  [commands.signModel]: {
    title: 'Weighbridge: signing',
    writes: true,
    needs: { uri: 'string', with: 'object' },
    run: (context, argument, run) => signModel(context, argument as SignModelArguments, run),
  },
  [commands.registerDataset]: {
    title: 'Weighbridge: registering the dataset',
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument, run) => registerDataset(context, argument as RegisterDatasetArguments, run),
  },
  [commands.verifyDatasets]: {
    title: 'Weighbridge: verifying datasets',
    writes: false,
    run: (context, _, run) => verifyDatasets(context, run),
  },
  [commands.addKnownClean]: {
    title: 'Weighbridge: hashing',
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument, run) => addKnownClean(context, argument as AddKnownCleanArguments, run),
  },
  [commands.verifyModel]: {
    title: 'Weighbridge: verifying the signature',
    writes: false,
    needs: { uri: 'string' },
    run: (context, argument, run) => verifyModel(context, argument as VerifyModelArguments, run),
  },
  [commands.generateAibom]: {
    title: 'Weighbridge: writing the AI bill of materials',
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument, run) => generateAibom(context, argument as AibomArguments, run),
  },
  [commands.updateAibom]: {
    title: 'Weighbridge: updating the AI bill of materials',
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument, run) => updateAibom(context, argument as AibomArguments, run),
  },
  [commands.fillAibom]: {
    title: 'Weighbridge: filling the AI bill of materials',
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument, run) => fillAibom(context, argument as AibomArguments, run),
  },
  [commands.scanBackdoors]: {
    title: 'Weighbridge: scanning for backdoors',
    writes: true,
    needs: { uri: 'string', samples: 'string' },
    run: (context, argument, run) => scanBackdoors(context, argument as ModelScanArguments, run),
  },
  [commands.testRobustness]: {
    title: 'Weighbridge: testing robustness',
    writes: true,
    needs: { uri: 'string', samples: 'string' },
    run: (context, argument, run) => testRobustness(context, argument as ModelScanArguments, run),
  },
  [commands.compareBehaviour]: {
    title: 'Weighbridge: comparing with the model in production',
    writes: true,
    needs: { uri: 'string', production: 'string', samples: 'string' },
    run: (context, argument, run) => compareBehaviour(context, argument as CompareBehaviourArguments, run),
  },
  [commands.openSideFile]: {
    title: null,
    writes: true,
    needs: { uri: 'string' },
    run: (context, argument) => openSideFile(context, argument as AibomArguments),
  },
  [policyCommands.evaluateGate]: {
    title: 'Weighbridge: evaluating the gate',
    writes: false,
    needs: { uri: 'string', gate: 'string' },
    run: (context, argument, run) => evaluateGate(context, argument as GateParams, run),
  },
  [policyCommands.recordDecision]: {
    title: 'Weighbridge: recording the decision',
    writes: true,
    needs: { uri: 'string', gate: 'string' },
    run: (context, argument, run) => recordDecision(context, argument as GateParams, run),
  },
  [policyCommands.evaluatePolicy]: {
    title: 'Weighbridge: evaluating the policy',
    writes: false,
    needs: { uri: 'string' },
    run: (context, argument, run) => evaluatePolicy(context, argument as EvaluatePolicyArguments, run),
  },
};

export const commandNames = Object.keys(table);

/**
 * Runs a command of the server.
 * @throws {ResponseError} with one sentence for the user; the details of an unforeseen failure go to the log.
 */
export async function executeCommand(
  context: ServerContext,
  params: ExecuteCommandParams,
  token: CancellationToken,
): Promise<unknown> {
  const command = table[params.command];
  if (!command) throw new ResponseError(LSPErrorCodes.RequestFailed, `There is no command ${params.command}.`);
  if (command.writes) context.session.requireTrust();
  const argument: unknown = params.arguments?.[0];
  if (command.needs) requireFields(params.command, argument, command.needs);
  const run = (work: LongWork) => command.run(context, argument, work);
  try {
    if (command.title !== null) {
      return (await longWork(context, command.title, token, params.workDoneToken, run)) ?? null;
    }
    return (await run({ signal: new AbortController().signal, report: () => undefined })) ?? null;
  } catch (error) {
    if (error instanceof ResponseError) throw error;
    context.session.logFailure(`Could not run ${params.command}`, error);
    if (!(error instanceof WeighbridgeError)) {
      throw new ResponseError(LSPErrorCodes.RequestFailed, 'This did not work, and the log says why.');
    }
    const code = error.code === 'cancelled' ? LSPErrorCodes.RequestCancelled : LSPErrorCodes.RequestFailed;
    throw new ResponseError(code, error.message);
  }
}

async function setSeverity(context: ServerContext, { uri, ruleId, setting }: SetSeverityArguments): Promise<void> {
  const path = pathOfUri(uri);
  const folder = path === null ? undefined : context.folders.holding(path);
  if (!folder) {
    throw new WeighbridgeError('bad-usage', 'weighbridge.yaml stands in a workspace folder: open the folder first.');
  }
  await changeConfiguration(context, folder, (text) => withSeverity(text, ruleId, setting));
}
