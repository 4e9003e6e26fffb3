import { statSync } from 'node:fs';
import path from 'node:path';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import type { PolicyReason } from '../../policy/outcome.ts';
import { fieldsOf, listOf, textOf } from '../../policy/yamlDocument.ts';
import { relativePath, uriOfPath } from '../address.ts';
import { diagnosticSource } from '../diagnostics.ts';
import type { Folder } from '../folder.ts';
import type { Evaluated } from './gateEvaluations.ts';
import { policyPath } from './gateState.ts';
import { wholeLine } from './regoPlaces.ts';

const start = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** What denied gates say of the files of a folder: diagnostics by the file's path, relative to the folder. */
export function gateDiagnostics(
  folder: Folder,
  evaluations: readonly Evaluated[],
  showsRelated: boolean,
): Map<string, Diagnostic[]> {
  const found = new Map<string, Map<string, { reason: PolicyReason; gates: string[] }>>();
  for (const evaluated of evaluations) {
    const file = fileFor(evaluated);
    if (file === null) continue;
    const said = found.get(file) ?? new Map<string, { reason: PolicyReason; gates: string[] }>();
    found.set(file, said);
    for (const reason of evaluated.decision?.deny ?? []) {
      // Several gates ask for the same: one diagnostic names them all.
      const key = JSON.stringify([reason.rule, reason.message]);
      const known = said.get(key);
      if (known) known.gates.push(evaluated.gate);
      else said.set(key, { reason, gates: [evaluated.gate] });
    }
  }
  return new Map(
    [...found].map(([file, said]) => [
      file,
      [...said.values()].map(({ reason, gates }) => toDiagnostic(folder, reason, gates, showsRelated)),
    ]),
  );
}

function toDiagnostic(folder: Folder, reason: PolicyReason, gates: string[], showsRelated: boolean): Diagnostic {
  const policy = uriOfPath(policyPath(folder, reason.file));
  return {
    range: start,
    severity: DiagnosticSeverity.Error,
    code: reason.rule,
    source: diagnosticSource,
    message: `${[...gates].sort().join(', ')}: ${reason.message}`,
    ...(showsRelated && {
      relatedInformation: [
        {
          location: { uri: policy, range: wholeLine(reason.line) },
          message: reason.title === null ? 'The rule of the policy.' : `The rule of the policy: ${reason.title}.`,
        },
      ],
    }),
  };
}

/** The file that a denial is shown at, since a folder has no place of its own: the first of the weights. */
function fileFor({ folder, model, evidence }: Evaluated): string | null {
  const stat = statSync(model, { throwIfNoEntry: false });
  if (!stat) return null;
  if (stat.isFile()) return relativePath(folder.path, model);
  const formats = listOf(fieldsOf(evidence['model'])['formats']).map((each) => textOf(fieldsOf(each)['path']));
  const own = formats.filter((file) => file !== null);
  const direct = own.filter((file) => path.dirname(folder.absolute(file)) === model);
  return [...direct, ...own][0] ?? null;
}
