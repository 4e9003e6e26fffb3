import * as vscode from 'vscode';
import {
  evaluateGate,
  gates,
  type GateParams,
  type GateRow,
  type GateState,
  type ModelGates,
} from '../../server/lsp/policy/protocol.ts';
import type { LanguageServer } from '../languageServer.ts';

/** One row of the view of gates; commands of its menu get it. */
export type GateViewRow =
  | { kind: 'model'; model: ModelGates; uri: string }
  | { kind: 'gate'; state: GateState; uri: string; gate: string }
  | { kind: 'rule'; row: GateRow; uri: string; gate: string }
  | { kind: 'note'; text: string; icon: string };

/** The tree of gates: per model and gate, each rule met, not met, or lacking evidence. A gate is evaluated when it is opened. */
export function registerGatesView(server: LanguageServer): vscode.Disposable[] {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.TreeDataProvider<GateViewRow> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    getChildren: (row) => childrenOf(server, row),
  };
  return [
    changed,
    vscode.window.createTreeView('weighbridge.gates', { treeDataProvider: provider, showCollapseAll: true }),
    server.onGatesChanged(() => changed.fire(undefined)),
    server.onModelsChanged(() => changed.fire(undefined)),
  ];
}

async function childrenOf(server: LanguageServer, row: GateViewRow | undefined): Promise<GateViewRow[]> {
  if (!row) {
    const models = (await server.ask<ModelGates[]>(gates, {})) ?? [];
    return models.map((model) => ({ kind: 'model', model, uri: model.uri }));
  }
  if (row.kind === 'model') {
    return row.model.gates.map((state) => ({ kind: 'gate', state, uri: row.uri, gate: state.gate }));
  }
  if (row.kind !== 'gate') return [];
  const { uri, gate } = row;
  const params: GateParams = { uri, gate };
  const state = row.state.state === 'not-evaluated' ? await server.ask<GateState>(evaluateGate, params) : row.state;
  if (!state)
    return [
      { kind: 'note', text: vscode.l10n.t('The gate could not be evaluated: the log says why.'), icon: 'warning' },
    ];
  if (state.state === 'failed') return [{ kind: 'note', text: state.text, icon: 'warning' }];
  return [
    ...state.rows.map((rule): GateViewRow => ({ kind: 'rule', row: rule, uri, gate })),
    ...state.obligations.map(({ text, due }): GateViewRow => ({
      kind: 'note',
      text: vscode.l10n.t('Owed when it is allowed: {0}, by {1}', text, due),
      icon: 'clock',
    })),
  ];
}

function itemOf(row: GateViewRow): vscode.TreeItem {
  switch (row.kind) {
    case 'model': {
      const item = new vscode.TreeItem(row.model.label, vscode.TreeItemCollapsibleState.Expanded);
      item.id = row.uri;
      item.contextValue = 'model';
      item.iconPath = new vscode.ThemeIcon('package');
      return item;
    }
    case 'gate':
      return gateItem(row.state);
    case 'rule':
      return ruleItem(row);
    case 'note': {
      const item = new vscode.TreeItem(row.text);
      item.iconPath = new vscode.ThemeIcon(row.icon);
      item.tooltip = row.text;
      return item;
    }
  }
}

const red = new vscode.ThemeColor('list.errorForeground');
const yellow = new vscode.ThemeColor('list.warningForeground');
const green = new vscode.ThemeColor('testing.iconPassed');

const gateLooks: Record<GateState['state'], { icon: vscode.ThemeIcon; words: string }> = {
  'not-evaluated': { icon: new vscode.ThemeIcon('circle-large-outline'), words: vscode.l10n.t('not evaluated') },
  allow: { icon: new vscode.ThemeIcon('pass', green), words: vscode.l10n.t('allowed') },
  deny: { icon: new vscode.ThemeIcon('error', red), words: vscode.l10n.t('denied') },
  failed: { icon: new vscode.ThemeIcon('warning', yellow), words: vscode.l10n.t('nothing decided') },
};

function gateItem(state: GateState): vscode.TreeItem {
  const { icon, words } = gateLooks[state.state];
  const item = new vscode.TreeItem(state.gate, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `${state.uri}#${state.gate}`;
  item.contextValue = 'gate';
  item.iconPath = icon;
  const unmet = state.rows.filter((row) => row.state === 'not-met' || row.state === 'no-evidence').length;
  item.description = unmet > 0 ? vscode.l10n.t('{0} · {1} of {2} not met', words, unmet, state.rows.length) : words;
  item.tooltip = state.text;
  item.accessibilityInformation = { label: `${state.gate}: ${state.text}` };
  return item;
}

const ruleLooks: Record<GateRow['state'], { icon: vscode.ThemeIcon; words: string }> = {
  met: { icon: new vscode.ThemeIcon('pass', green), words: vscode.l10n.t('met') },
  'not-met': { icon: new vscode.ThemeIcon('error', red), words: vscode.l10n.t('not met') },
  'no-evidence': { icon: new vscode.ThemeIcon('question', yellow), words: vscode.l10n.t('evidence missing') },
  excepted: { icon: new vscode.ThemeIcon('circle-slash'), words: vscode.l10n.t('excepted') },
  warned: { icon: new vscode.ThemeIcon('warning', yellow), words: vscode.l10n.t('warning') },
};

function ruleItem(row: GateViewRow & { kind: 'rule' }): vscode.TreeItem {
  const { title, state, messages, id, missing, evidenceUri, policyUri, line } = row.row;
  const { icon, words } = ruleLooks[state];
  const item = new vscode.TreeItem(title);
  item.id = `${row.uri}#${row.gate}#${policyUri}#${line}`;
  item.iconPath = icon;
  item.description = [words, ...messages.slice(0, 1)].join(' · ');
  item.tooltip = [`${title} (${id}): ${words}`, ...messages].join('\n');
  item.contextValue = ['rule', ...(missing.length > 0 ? ['missing'] : []), ...(evidenceUri ? ['evidence'] : [])].join(
    '+',
  );
  item.command =
    missing.length > 0
      ? { command: 'weighbridge.produceEvidence', title: vscode.l10n.t('Produce Evidence'), arguments: [row] }
      : { command: 'weighbridge.openPolicyLine', title: vscode.l10n.t('Open Policy'), arguments: [row] };
  item.accessibilityInformation = { label: `${title}, ${words}${messages[0] ? `: ${messages[0]}` : ''}` };
  return item;
}
