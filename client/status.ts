import * as vscode from 'vscode';
import type { Status } from '../server/lsp/protocol.ts';
import type { LanguageServer } from './languageServer.ts';

/** The language status item and the status bar item. Quiet: colour only when something must not be loaded. */
export function registerStatus(server: LanguageServer): vscode.Disposable[] {
  const language = vscode.languages.createLanguageStatusItem('weighbridge.status', { scheme: 'file' });
  language.name = 'Weighbridge';
  language.command = { command: 'weighbridge.showLog', title: 'Show log' };
  const bar = vscode.window.createStatusBarItem('weighbridge.summary', vscode.StatusBarAlignment.Left, 10);
  bar.name = 'Weighbridge';
  bar.command = 'workbench.actions.view.problems';

  const show = (status: Status) => {
    language.text = `Weighbridge: ${describe(status)}`;
    language.detail = status.message ?? (status.restricted ? 'Restricted Mode: diagnostics only' : '');
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
    const known = status.total > 0 ? ` ${number(status.scanned)} of ${number(status.total)} files` : '';
    return `scanning${known}`;
  }
  if (status.state === 'failed') return 'the last scan failed';
  const parts = [];
  if (status.dangerous > 0) parts.push(`${number(status.dangerous)} dangerous`);
  if (status.counts.warning > 0) parts.push(`${number(status.counts.warning)} to look at`);
  if (parts.length === 0) parts.push(status.artifacts > 0 ? `${number(status.artifacts)} checked` : 'no models');
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
    `**Weighbridge**: ${number(status.artifacts)} model files checked`,
    `${number(status.counts.error)} errors, ${number(status.counts.warning)} warnings, ${number(status.counts.info)} notes`,
  ];
  if (status.unreadable > 0) lines.push(`${number(status.unreadable)} paths could not be read`);
  if (status.restricted) {
    lines.push('Restricted Mode: nothing is written, and this workspace cannot configure what is found');
  }
  const text = new vscode.MarkdownString(lines.join('\n\n'));
  // A message can quote the workspace's own configuration: it must not become markup.
  if (status.message) text.appendMarkdown('\n\n').appendText(status.message);
  return text;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
