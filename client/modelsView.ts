import * as vscode from 'vscode';
import {
  modelFiles,
  models,
  type ModelDirectory,
  type ModelFile,
  type ModelFilesParams,
  type Standing,
} from '../server/lsp/protocol.ts';
import type { SignatureState } from '../server/lsp/protocol.ts';
import type { LanguageServer } from './languageServer.ts';
import { describe } from './status.ts';

/** One row. Commands of the menu get it and take its `resource`. */
type Row =
  | { kind: 'directory'; directory: ModelDirectory; resource: vscode.Uri }
  | { kind: 'state'; label: string; icon: vscode.ThemeIcon; tooltip: string; command?: vscode.Command }
  | { kind: 'file'; file: ModelFile; resource: vscode.Uri };

/** The tree of models: which directories hold some, how each stands, and its files. Filled while the scan runs. */
export function registerModelsView(server: LanguageServer): vscode.Disposable[] {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    getChildren: (row) => childrenOf(server, row),
  };
  const view = vscode.window.createTreeView('weighbridge.models', {
    treeDataProvider: provider,
    showCollapseAll: true,
  });
  return [
    changed,
    view,
    server.onModelsChanged(() => changed.fire(undefined)),
    server.onStatus((status) => {
      view.message = status.state === 'scanning' ? `Weighbridge is ${describe(status)}.` : '';
      const files = status.dangerous === 1 ? '1 file must' : `${status.dangerous.toLocaleString('en')} files must`;
      view.badge = status.dangerous > 0 ? { value: status.dangerous, tooltip: `${files} not be loaded` } : undefined;
    }),
  ];
}

async function childrenOf(server: LanguageServer, row: Row | undefined): Promise<Row[]> {
  if (!row) {
    const directories = (await server.ask<ModelDirectory[]>(models, {})) ?? [];
    return directories.map((directory) => ({
      kind: 'directory',
      directory,
      resource: vscode.Uri.parse(directory.uri),
    }));
  }
  if (row.kind !== 'directory') return [];
  const params: ModelFilesParams = { uri: row.directory.uri };
  const files = (await server.ask<ModelFile[]>(modelFiles, params)) ?? [];
  return [
    ...statesOf(row.directory),
    ...files.map((file): Row => ({ kind: 'file', file, resource: vscode.Uri.parse(file.uri) })),
  ];
}

function itemOf(row: Row): vscode.TreeItem {
  switch (row.kind) {
    case 'directory': {
      const { directory } = row;
      const item = new vscode.TreeItem(directory.label, vscode.TreeItemCollapsibleState.Collapsed);
      item.id = directory.uri;
      item.contextValue = 'directory';
      item.iconPath = iconOf(directory, 'package');
      item.description = [
        directory.dangerous > 0 && `${directory.dangerous.toLocaleString('en')} dangerous`,
        directory.formats.join(', '),
        directory.signature === 'missing' && 'unsigned',
        directory.standing && standingWords[directory.standing.state],
        directory.aibom === 'missing' && 'no AIBOM',
      ]
        .filter((part) => part !== false)
        .join(' · ');
      item.tooltip = directory.text;
      item.accessibilityInformation = { label: `${directory.label}: ${directory.text} ${item.description}` };
      return item;
    }
    case 'state': {
      const item = new vscode.TreeItem(row.label);
      item.iconPath = row.icon;
      item.tooltip = row.tooltip;
      item.contextValue = 'state';
      if (row.command) item.command = row.command;
      return item;
    }
    case 'file': {
      const { file, resource } = row;
      const item = new vscode.TreeItem(file.name);
      item.id = file.uri;
      item.contextValue = 'file';
      item.resourceUri = resource;
      item.iconPath = iconOf(file, 'file');
      item.description = file.severity === 'none' ? `${file.format} · ${file.text}` : file.text;
      item.tooltip = `${file.name}: ${file.text}`;
      item.command = { command: 'weighbridge.inspect', title: 'Inspect Model', arguments: [resource] };
      item.accessibilityInformation = { label: `${file.name}, ${words[file.severity]}: ${file.text}` };
      return item;
    }
  }
}

/** Format, signature and bill of materials, each with its sign. */
function statesOf(directory: ModelDirectory): Row[] {
  const { formats, runsCode, aibom } = directory;
  const good = new vscode.ThemeIcon('pass');
  const open = new vscode.ThemeIcon('circle-large-outline');
  return [
    {
      kind: 'state',
      label: runsCode ? `Format can run code: ${formats.join(', ')}` : `Format: ${formats.join(', ')}`,
      icon: runsCode ? open : good,
      tooltip: runsCode
        ? 'Loading a pickle can run what it says. Convert to safetensors, which holds tensors and nothing else.'
        : 'Reading these formats runs no pickle.',
    },
    signatureOf(directory),
    {
      kind: 'state',
      label: aibom === 'present' ? 'AI bill of materials: there' : 'AI bill of materials: none',
      icon: aibom === 'present' ? good : open,
      tooltip:
        aibom === 'present'
          ? 'A bill of materials stands beside the model.'
          : 'Nobody can tell later what this model was made from. Choose it to write one.',
      command:
        aibom === 'present'
          ? { command: 'weighbridge.showAibom', title: 'Show AIBOM', arguments: [{ uri: directory.uri }] }
          : { command: 'weighbridge.generateAibom', title: 'Generate AIBOM', arguments: [{ uri: directory.uri }] },
    },
  ];
}

const standingWords: Record<SignatureState, string> = {
  trusted: 'signed',
  outdated: 'changed since signed',
  untrusted: 'signer not trusted',
  invalid: 'signature invalid',
};

const standingIcons: Record<SignatureState, vscode.ThemeIcon> = {
  trusted: new vscode.ThemeIcon('verified'),
  outdated: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
  untrusted: new vscode.ThemeIcon('question'),
  invalid: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
};

/** Who signed and how that stands; it opens the page that says everything. */
function signatureOf({ uri, signature, standing }: ModelDirectory): Row {
  if (!standing) {
    return {
      kind: 'state',
      label: signature === 'present' ? 'Signature: there, of a kind that is not verified' : 'Signature: none',
      icon: new vscode.ThemeIcon('circle-large-outline'),
      tooltip:
        signature === 'present'
          ? 'What stands beside the model is no OpenSSF model signature. Verify it with the tool that made it.'
          : 'Whoever can write to this folder can put another model in its place, unnoticed.',
    };
  }
  return {
    kind: 'state',
    label: standing.text,
    icon: standingIcons[standing.state],
    tooltip: standing.text,
    command: { command: 'weighbridge.showSignature', title: 'Show Model Signature', arguments: [{ uri }] },
  };
}

const words: Record<Standing['severity'], string> = {
  error: 'dangerous',
  warning: 'look before you load',
  none: 'fine',
};

function iconOf({ severity }: Standing, ordinary: string): vscode.ThemeIcon {
  if (severity === 'error') return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  if (severity === 'warning') return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return new vscode.ThemeIcon(ordinary);
}
