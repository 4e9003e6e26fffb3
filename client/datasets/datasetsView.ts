import * as vscode from 'vscode';
import { datasets, type DatasetEntry, type DatasetStanding } from '../../server/lsp/protocol.ts';
import type { LanguageServer } from '../languageServer.ts';

/** One row. Commands of the menu get it and take its `resource`. */
type Row =
  | { kind: 'group'; standing: DatasetStanding; entries: DatasetEntry[] }
  | { kind: 'dataset'; entry: DatasetEntry; resource: vscode.Uri }
  | {
      kind: 'fact';
      id: string;
      label: string;
      description: string;
      icon: string;
      open?: { uri: string; line: number };
    };

/** The tree of datasets: what is not what was recorded, what nobody registered, what is registered; who took it in, when it was validated. */
export function registerDatasetsView(server: LanguageServer): vscode.Disposable[] {
  const changed = new vscode.EventEmitter<undefined>();
  const view = vscode.window.createTreeView<Row>('weighbridge.datasets', {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: itemOf,
      getChildren: async (row) => {
        if (row) return childrenOf(row);
        const entries = (await server.ask<DatasetEntry[]>(datasets, {})) ?? [];
        const wrong = entries.filter(({ standing }) => standing === 'mismatch').length;
        view.badge =
          wrong > 0
            ? { value: wrong, tooltip: vscode.l10n.t('Not what was recorded: {0}', countOf(wrong)) }
            : undefined;
        return groupsOf(entries);
      },
    },
  });
  return [changed, view, server.onDatasetsChanged(() => changed.fire(undefined))];
}

/** In the order in which a person should look. */
const order: DatasetStanding[] = ['mismatch', 'unregistered', 'registered', 'described'];

const groups: Record<DatasetStanding, { label: string; icon: vscode.ThemeIcon; tooltip: string }> = {
  mismatch: {
    label: vscode.l10n.t('Mismatch'),
    icon: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
    tooltip: vscode.l10n.t('Not what was recorded: find out what changed before anybody trains with it.'),
  },
  unregistered: {
    label: vscode.l10n.t('Unregistered'),
    icon: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
    tooltip: vscode.l10n.t('Used by a config or script, and nothing records what it is.'),
  },
  registered: {
    label: vscode.l10n.t('Registered'),
    icon: new vscode.ThemeIcon('verified'),
    tooltip: vscode.l10n.t('A register knows it by a hash.'),
  },
  described: {
    label: vscode.l10n.t('Described without a hash'),
    icon: new vscode.ThemeIcon('question'),
    tooltip: vscode.l10n.t('Registers speak of it, and hold no hash: a change would go unnoticed.'),
  },
};

function groupsOf(entries: readonly DatasetEntry[]): Row[] {
  return order.flatMap((standing): Row[] => {
    const held = entries.filter((entry) => entry.standing === standing);
    return held.length === 0 ? [] : [{ kind: 'group', standing, entries: held }];
  });
}

function childrenOf(row: Row): Row[] {
  if (row.kind === 'group') {
    return row.entries.map((entry) => ({ kind: 'dataset', entry, resource: vscode.Uri.parse(entry.uri) }));
  }
  return row.kind === 'dataset' ? factsOf(row.entry) : [];
}

function itemOf(row: Row): vscode.TreeItem {
  switch (row.kind) {
    case 'group': {
      const { label, icon, tooltip } = groups[row.standing];
      const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
      item.id = `group ${row.standing}`;
      item.iconPath = icon;
      item.description = String(row.entries.length);
      item.tooltip = tooltip;
      item.contextValue = 'group';
      item.accessibilityInformation = {
        label: `${label}: ${countOf(row.entries.length)}. ${tooltip}`,
      };
      return item;
    }
    case 'dataset': {
      const { entry } = row;
      const item = new vscode.TreeItem(entry.label, vscode.TreeItemCollapsibleState.Collapsed);
      item.id = `dataset ${entry.uri}`;
      item.contextValue = `dataset.${entry.standing}`;
      item.iconPath = new vscode.ThemeIcon(entry.isFolder ? 'folder' : 'table');
      item.description = [
        entry.ingestedBy !== null && vscode.l10n.t('by {0}', shortName(entry.ingestedBy)),
        entry.validation
          ? entry.validation.problem === null
            ? vscode.l10n.t('validated {0}', day(entry.validation.at))
            : vscode.l10n.t('validation does not count')
          : entry.standing === 'registered' && vscode.l10n.t('not validated'),
      ]
        .filter((part) => part !== false)
        .join(' · ');
      item.tooltip = entry.text;
      item.accessibilityInformation = { label: `${entry.label}: ${entry.text} ${item.description}` };
      return item;
    }
    case 'fact': {
      const item = new vscode.TreeItem(row.label);
      item.id = row.id;
      item.description = row.description;
      item.tooltip = `${row.label}: ${row.description}`;
      item.iconPath = new vscode.ThemeIcon(row.icon);
      item.contextValue = 'fact';
      if (row.open) {
        const at = new vscode.Position(Math.max(0, row.open.line - 1), 0);
        item.command = {
          command: 'vscode.open',
          title: vscode.l10n.t('Open Record'),
          arguments: [vscode.Uri.parse(row.open.uri), { selection: new vscode.Range(at, at) }],
        };
      }
      return item;
    }
  }
}

function factsOf(entry: DatasetEntry): Row[] {
  const { validation } = entry;
  const fact = (label: string, description: string, icon: string): Row => ({
    kind: 'fact',
    id: `fact ${entry.uri} ${label}`,
    label,
    description,
    icon,
  });
  const validated = validation
    ? `${day(validation.at)}${validation.problem === null ? '' : `: ${validation.problem}`}`
    : vscode.l10n.t('nobody has recorded a validation');
  const ingested = `${entry.ingestedBy ?? vscode.l10n.t('not recorded')}${entry.ingestedAt === null ? '' : `, ${day(entry.ingestedAt)}`}`;
  return [
    fact(
      vscode.l10n.t('State'),
      entry.text,
      entry.verified ? 'pass' : entry.standing === 'mismatch' ? 'error' : 'circle-large-outline',
    ),
    fact(vscode.l10n.t('Source'), entry.source ?? vscode.l10n.t('not recorded'), 'cloud-download'),
    fact(vscode.l10n.t('Ingested by'), ingested, 'person'),
    fact(vscode.l10n.t('Validated'), validated, 'checklist'),
    ...entry.records.map((record, index): Row => ({
      kind: 'fact',
      id: `record ${entry.uri} ${index}`,
      label: record.name,
      description: `${record.kind}: ${record.text}`,
      icon: 'file-code',
      open: { uri: record.uri, line: record.line },
    })),
  ];
}

/** `Ada Lovelace <ada@example.org>` -> `Ada Lovelace`: the rest is in the tooltip of who looks closer. */
function shortName(agent: string): string {
  return agent.replace(/\s*<[^>]*>$/, '');
}

function day(time: string): string {
  return time.slice(0, 10);
}

function countOf(datasets: number): string {
  return datasets === 1 ? vscode.l10n.t('1 dataset') : vscode.l10n.t('{0} datasets', datasets.toLocaleString('en'));
}
