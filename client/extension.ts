import * as vscode from 'vscode';
import { registerAiboms } from './aibom/aibomCommands.ts';
import { registerAssistants } from './assistants.ts';
import { registerCommands } from './commands.ts';
import { registerComparison } from './comparison.ts';
import { registerComplianceReport } from './complianceReport.ts';
import { registerConversions } from './conversions.ts';
import { registerDatasets } from './datasets/datasets.ts';
import { registerDangerInUse } from './dangerInUse.ts';
import { registerDatasetCommands } from './datasets/registerDataset.ts';
import { registerDatasetsView } from './datasets/datasetsView.ts';
import { registerDecorations } from './decorations.ts';
import { InspectorEditor } from './inspector/inspectorEditor.ts';
import { LanguageServer } from './languageServer.ts';
import { registerModelsView } from './modelsView.ts';
import { registerPolicies } from './policy/policies.ts';
import { registerScans } from './scans/scans.ts';
import { registerSigning } from './signing/signing.ts';
import { registerStatus } from './status.ts';
import { registerVerbs } from './verbs.ts';

let server: LanguageServer | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel('Weighbridge', { log: true });
  server = new LanguageServer(context, log);
  context.subscriptions.push(
    log,
    server,
    ...registerStatus(server),
    ...registerDecorations(server),
    ...registerModelsView(server),
    ...registerDatasetsView(server),
    ...registerDatasetCommands(server),
    ...registerDangerInUse(server),
    ...registerConversions(server),
    ...registerComparison(server),
    ...registerComplianceReport(server),
    ...registerVerbs(server),
    ...registerCommands(server, log, context.extension.id),
    ...registerSigning(context, server),
    ...registerAiboms(context, server),
    ...registerDatasets(context, server),
    ...registerPolicies(context, server, log),
    ...registerScans(context, server),
    ...registerAssistants(context, server),
    InspectorEditor.register(context, server),
  );
  await server.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
