import * as vscode from 'vscode';
import { callTool, type CallToolParams, type CallToolResult } from '../server/lsp/protocol.ts';
import type { LanguageServer } from './languageServer.ts';

/** How assistants reach Weighbridge: by tools of the editor, by the MCP server, or not at all. One way, so that none has everything twice. */
const setting = 'weighbridge.assistants';
const prefix = 'weighbridge_';

/** A token of JSON has about three characters. */
const charactersOfToken = 3;

interface Manifest {
  version: string;
  contributes: { languageModelTools: { name: string }[] };
}

/** Offers the tools that the manifest lists, and the MCP server, to the assistants of the editor. */
export function registerAssistants(context: vscode.ExtensionContext, server: LanguageServer): vscode.Disposable[] {
  const { version, contributes } = context.extension.packageJSON as Manifest;
  const changed = new vscode.EventEmitter<void>();
  let tools: vscode.Disposable[] = [];
  // The manifest's `when` keeps tools from a chat; whoever calls them by name finds them only while they are offered.
  const offer = () => {
    for (const tool of tools) tool.dispose();
    const names = way() === 'tools' ? contributes.languageModelTools.map(({ name }) => name) : [];
    tools = names.map((name) => vscode.lm.registerTool(name, toolOf(name, server)));
  };
  offer();
  return [
    { dispose: () => tools.forEach((tool) => void tool.dispose()) },
    changed,
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration(setting)) return;
      offer();
      changed.fire();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.lm.registerMcpServerDefinitionProvider('weighbridge', {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => servers(context.asAbsolutePath('dist/weighbridge.cjs'), version),
    }),
  ];
}

/** The server asks nothing of a person: it only reads. What it answers is escaped and bounded. */
function toolOf(name: string, server: LanguageServer): vscode.LanguageModelTool<Record<string, unknown>> {
  return {
    prepareInvocation: ({ input }) => ({ invocationMessage: saying(input) }),
    async invoke({ input, tokenizationOptions: budget }, token) {
      const params: CallToolParams = {
        tool: name.slice(prefix.length),
        given: input,
        ...(budget && { longest: budget.tokenBudget * charactersOfToken }),
      };
      const { text, failed } = await server.request<CallToolResult>(callTool, params, token);
      // What an assistant is told as a failure.
      if (failed) throw new Error(text);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  };
}

/** What the chat shows of a call. What the assistant gave is text, and neither a link nor a heading. */
function saying({ path, rule }: Record<string, unknown>): vscode.MarkdownString {
  const given = [path, rule].find((each) => typeof each === 'string');
  const words =
    given === undefined
      ? vscode.l10n.t('Asking Weighbridge')
      : vscode.l10n.t('Asking Weighbridge about {0}', given.slice(0, 200));
  return new vscode.MarkdownString().appendText(words);
}

const way = () => vscode.workspace.getConfiguration().get<string>(setting);

function servers(program: string, version: string): vscode.McpServerDefinition[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  if (way() !== 'mcp' || !vscode.workspace.isTrusted || folders.length === 0) return [];
  const roots = folders.flatMap(({ uri }) => ['--root', uri.fsPath]);
  // The editor's own Node: in a desktop it is the editor's program, which this variable makes one.
  const environment = { ELECTRON_RUN_AS_NODE: '1' };
  return [
    new vscode.McpStdioServerDefinition(
      'Weighbridge',
      process.execPath,
      [program, 'mcp', ...roots],
      environment,
      version,
    ),
  ];
}
