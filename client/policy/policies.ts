import * as vscode from 'vscode';
import type { LanguageServer } from '../languageServer.ts';
import { registerAuditLog } from './auditLogDocument.ts';
import { offerCommand } from './commandTerminal.ts';
import { registerGatesView } from './gatesView.ts';
import { registerPolicyCommands } from './policyCommands.ts';
import { PolicyTesting } from './policyTesting.ts';

/** Policies and gates: the view, the tests, the commands, the audit log. */
export function registerPolicies(
  context: vscode.ExtensionContext,
  server: LanguageServer,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const testing = new PolicyTesting(server);
  offerCommand(context).catch((error: unknown) =>
    log.warn(`The command could not be offered to terminals: ${String(error)}`),
  );
  return [
    testing,
    ...registerGatesView(server),
    ...registerPolicyCommands(server),
    ...registerAuditLog(server),
    vscode.commands.registerCommand('weighbridge.testPolicies', () => testing.runAll()),
  ];
}
