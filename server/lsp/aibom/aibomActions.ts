import { CodeActionKind, type CodeAction, type CodeActionParams } from 'vscode-languageserver/node';
import type { AibomFix } from '../../aibom/editing/diagnose.ts';
import { titles } from '../actionTitles.ts';
import { pathOfUri } from '../address.ts';
import type { ServerContext } from '../context.ts';
import { diagnosticSource } from '../diagnostics.ts';
import { commands } from '../protocol.ts';

const actions: Record<AibomFix, { title: string; command: string; preferred: boolean }> = {
  generate: { title: titles.generateAibom, command: commands.generateAibom, preferred: true },
  update: { title: titles.updateAibom, command: commands.updateAibom, preferred: true },
  'fill-from-card': { title: titles.fillAibom, command: commands.fillAibom, preferred: false },
};

/** What can be done at a place of a bill of materials. */
export async function aibomActions(
  { textDocument, range, context: asked }: CodeActionParams,
  context: ServerContext,
): Promise<CodeAction[]> {
  const { uri } = textDocument;
  const file = pathOfUri(uri);
  const document = file === null ? undefined : context.documents.get(file);
  if (file === null || !document || !context.session.trusted || !context.aiboms.isAibom(file, document.getText()))
    return [];
  const from = document.offsetAt(range.start);
  const to = document.offsetAt(range.end);
  const here = (await context.aiboms.diagnostics(file, document.getText())).filter(
    ({ start, end }) => start <= to && from <= end,
  );
  const offered: CodeAction[] = [];
  for (const fix of new Set(here.flatMap(({ fixes }) => fixes))) {
    const { title, command, preferred } = actions[fix];
    const mended = asked.diagnostics.filter(({ source, code, range: at }) =>
      here.some(
        (each) =>
          source === diagnosticSource &&
          code === each.code &&
          each.fixes.includes(fix) &&
          document.offsetAt(at.start) === each.start,
      ),
    );
    offered.push({ ...quickFix(title, command, uri), isPreferred: preferred, diagnostics: mended });
    if (fix === 'fill-from-card')
      offered.push({ ...quickFix(titles.openSideFile, commands.openSideFile, uri), diagnostics: mended });
  }
  if (context.session.hasCommand('weighbridge.showAibom') && here.length > 0)
    offered.push(quickFix(titles.showAibom, 'weighbridge.showAibom', uri));
  return offered;
}

function quickFix(title: string, command: string, uri: string): CodeAction {
  return { title, kind: CodeActionKind.QuickFix, command: { title, command, arguments: [{ uri }] } };
}
