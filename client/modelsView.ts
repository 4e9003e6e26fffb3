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
      view.message = status.state === 'scanning' ? `Weighbridge: ${describe(status)}` : '';
      const tooltip =
        status.dangerous === 1
          ? vscode.l10n.t('1 file must not be loaded')
          : vscode.l10n.t('{0} files must not be loaded', status.dangerous.toLocaleString('en'));
      view.badge = status.dangerous > 0 ? { value: status.dangerous, tooltip } : undefined;
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
        directory.dangerous > 0 && vscode.l10n.t('{0} dangerous', directory.dangerous.toLocaleString('en')),
        directory.formats.join(', '),
        directory.signature === 'missing' && vscode.l10n.t('unsigned'),
        directory.standing && standingWords[directory.standing.state],
        directory.aibom === 'missing' && vscode.l10n.t('no AIBOM'),
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
      item.command = { command: 'weighbridge.inspect', title: vscode.l10n.t('Inspect Model'), arguments: [resource] };
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
      label: runsCode
        ? vscode.l10n.t('Format can run code: {0}', formats.join(', '))
        : vscode.l10n.t('Format: {0}', formats.join(', ')),
      icon: runsCode ? open : good,
      tooltip: runsCode
        ? vscode.l10n.t(
            'Loading a pickle can run what it says. Convert to safetensors, which holds tensors and nothing else.',
          )
        : vscode.l10n.t('Reading these formats runs no pickle.'),
    },
    signatureOf(directory),
    {
      kind: 'state',
      label:
        aibom === 'present'
          ? vscode.l10n.t('AI bill of materials: there')
          : vscode.l10n.t('AI bill of materials: none'),
      icon: aibom === 'present' ? good : open,
      tooltip:
        aibom === 'present'
          ? vscode.l10n.t('A bill of materials stands beside the model.')
          : vscode.l10n.t('Nobody can tell later what this model was made from. Choose it to write one.'),
      command:
        aibom === 'present'
          ? {
              command: 'weighbridge.showAibom',
              title: vscode.l10n.t('Show AIBOM'),
              arguments: [{ uri: directory.uri }],
            }
          : {
              command: 'weighbridge.generateAibom',
              title: vscode.l10n.t('Generate AIBOM'),
              arguments: [{ uri: directory.uri }],
            },
    },
  ];
}

const standingWords: Record<SignatureState, string> = {
  trusted: vscode.l10n.t('signed'),
  outdated: vscode.l10n.t('changed since signed'),
  untrusted: vscode.l10n.t('signer not trusted'),
  invalid: vscode.l10n.t('signature invalid'),
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
      label:
        signature === 'present'
          ? vscode.l10n.t('Signature: there, of a kind that is not verified')
          : vscode.l10n.t('Signature: none'),
      icon: new vscode.ThemeIcon('circle-large-outline'),
      tooltip:
        signature === 'present'
          ? vscode.l10n.t(
              'What stands beside the model is no OpenSSF model signature. Verify it with the tool that made it.',
            )
          : vscode.l10n.t('Whoever can write to this folder can put another model in its place, unnoticed.'),
    };
  }
  return {
    kind: 'state',
    label: standing.text,
    icon: standingIcons[standing.state],
    tooltip: standing.text,
    command: {
      command: 'weighbridge.showSignature',
      title: vscode.l10n.t('Show Model Signature'),
      arguments: [{ uri }],
    },
  };
}

const words: Record<Standing['severity'], string> = {
  error: vscode.l10n.t('dangerous'),
  warning: vscode.l10n.t('look before you load'),
  none: vscode.l10n.t('fine'),
};

function iconOf({ severity }: Standing, ordinary: string): vscode.ThemeIcon {
  if (severity === 'error') return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  if (severity === 'warning') return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return new vscode.ThemeIcon(ordinary);
}
