import * as vscode from 'vscode';
import type { Status } from '../server/lsp/protocol.ts';
import type { LanguageServer } from './languageServer.ts';

/** The language status item and the status bar item. Quiet: colour only when something must not be loaded. */
export function registerStatus(server: LanguageServer): vscode.Disposable[] {
  const language = vscode.languages.createLanguageStatusItem('weighbridge.status', { scheme: 'file' });
  language.name = 'Weighbridge';
  language.command = { command: 'weighbridge.showLog', title: vscode.l10n.t('Show log') };
  const bar = vscode.window.createStatusBarItem('weighbridge.summary', vscode.StatusBarAlignment.Left, 10);
  bar.name = 'Weighbridge';
  bar.command = 'workbench.actions.view.problems';

  const show = (status: Status) => {
    language.text = `Weighbridge: ${describe(status)}`;
    language.detail = status.message ?? (status.restricted ? vscode.l10n.t('Restricted Mode: diagnostics only') : '');
    language.busy = status.state === 'scanning';
    language.severity = status.message
      ? vscode.LanguageStatusSeverity.Warning
      : vscode.LanguageStatusSeverity.Information;

    bar.text = `${icon(status)} ${describe(status)}`;
    bar.tooltip = tooltip(status);
    bar.backgroundColor = status.dangerous > 0 ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    bar.accessibilityInformation = { label: `Weighbridge: ${describe(status)}` };
    if (status.state === 'off' && status.artifacts === 0) bar.hide();
    else bar.show();
  };
  return [language, bar, server.onStatus(show)];
}

/** `scanning 214 of 1,203 files`, `3 dangerous · 2 to look at` */
export function describe(status: Status): string {
  if (status.state === 'scanning') {
    return status.total > 0
      ? vscode.l10n.t('scanning {0} of {1} files', number(status.scanned), number(status.total))
      : vscode.l10n.t('scanning');
  }
  if (status.state === 'failed') return vscode.l10n.t('the last scan failed');
  const parts = [];
  if (status.dangerous > 0) parts.push(vscode.l10n.t('{0} dangerous', number(status.dangerous)));
  if (status.counts.warning > 0) parts.push(vscode.l10n.t('{0} to look at', number(status.counts.warning)));
  if (parts.length === 0)
    parts.push(
      status.artifacts > 0 ? vscode.l10n.t('{0} checked', number(status.artifacts)) : vscode.l10n.t('no models'),
    );
  return parts.join(' · ');
}

function icon(status: Status): string {
  if (status.state === 'scanning') return '$(sync~spin)';
  if (status.state === 'failed') return '$(warning)';
  if (status.dangerous > 0) return '$(error)';
  return status.restricted ? '$(shield)' : '$(law)';
}

function tooltip(status: Status): vscode.MarkdownString {
  const lines = [
    `**Weighbridge**: ${vscode.l10n.t('{0} model files checked', number(status.artifacts))}`,
    vscode.l10n.t(
      '{0} errors, {1} warnings, {2} notes',
      number(status.counts.error),
      number(status.counts.warning),
      number(status.counts.info),
    ),
  ];
  if (status.unreadable > 0) lines.push(vscode.l10n.t('{0} paths could not be read', number(status.unreadable)));
  if (status.restricted) {
    lines.push(vscode.l10n.t('Restricted Mode: nothing is written, and this workspace cannot configure what is found'));
  }
  const text = new vscode.MarkdownString(lines.join('\n\n'));
  // A message can quote the workspace's own configuration: it must not become markup.
  if (status.message) text.appendMarkdown('\n\n').appendText(status.message);
  return text;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
