import path from 'node:path';
import {
  CompletionItemKind,
  InsertTextFormat,
  type CompletionItem,
  type CompletionParams,
  type MarkupContent,
} from 'vscode-languageserver/node';
import { coverageOf } from '../../aibom/coverage/coverage.ts';
import { sideFileKeys, sideFileValues } from '../../aibom/editing/sideFileKeys.ts';
import { findAibom } from '../../aibom/findAibom.ts';
import { sideFileName } from '../../aibom/names.ts';
import { BomDocument } from '../../aibom/validate/document.ts';
import { WeighbridgeError } from '../../errors.ts';
import { pathOfUri } from '../address.ts';
import type { ServerContext } from '../context.ts';
import { textOnDisk } from './aiboms.ts';

/** In `aibom.enrich.yaml`: keys that are not there yet, those first that fill what the bill of materials lacks; and values of some. */
export function sideFileCompletion(
  { textDocument, position }: CompletionParams,
  context: ServerContext,
): CompletionItem[] | null {
  const file = pathOfUri(textDocument.uri);
  if (file === null || path.basename(file) !== sideFileName) return null;
  const document = context.documents.get(file);
  if (!document) return null;
  const before = document.getText({ start: { line: position.line, character: 0 }, end: position });
  const value = /^([\w-]+):\s+\S*$/.exec(before);
  if (value) {
    return sideFileValues(value[1] ?? '').map((label) => ({ label, kind: CompletionItemKind.EnumMember }));
  }
  if (!/^[\w-]*$/.test(before)) return [];
  const line = { start: { line: position.line, character: 0 }, end: position };
  return sideFileKeys(document.getText(), coverageBeside(file, context)).map(
    ({ key, title, missing, snippet }, index) => {
      const text = `${key} ${missing ? 'fills what is missing' : 'adds'}${title === '' ? '' : `: ${title}`}.`;
      const documentation: MarkupContent = { kind: 'plaintext', value: text };
      const snippets = context.session.completesBySnippets;
      return {
        label: key,
        kind: CompletionItemKind.Property,
        detail: missing ? 'missing in the AIBOM' : '',
        documentation,
        sortText: `${missing ? 0 : 1}${String(index).padStart(3, '0')}`,
        insertTextFormat: snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
        textEdit: { range: line, newText: snippets ? snippet : snippet.replace(/\$\{\d+:([^}]*)\}|\$\d+/g, '$1') },
      };
    },
  );
}

function coverageBeside(file: string, context: ServerContext): ReturnType<typeof coverageOf> {
  const aibom = findAibom(path.dirname(file));
  if (aibom === null) return [];
  try {
    const document = BomDocument.read(context.documents.get(aibom)?.getText() ?? textOnDisk(aibom));
    return document instanceof BomDocument ? coverageOf(document.root) : [];
  } catch (error) {
    if (error instanceof WeighbridgeError) return [];
    throw error;
  }
}
