import { compareWithDisk } from '../check.ts';
import type { ModelRecord } from '../collect.ts';
import type { Coverage } from '../coverage/coverage.ts';
import type { BomDocument, Place } from '../validate/document.ts';
import { validateBom } from '../validate/validate.ts';

/** What an editor can do about a diagnostic. */
export type AibomFix = 'generate' | 'update' | 'fill-from-card';

/** Something to show in the text of a bill of materials. */
export interface AibomDiagnostic {
  /** `aibom/schema`, `aibom/dangling-ref`, `aibom/changed-file`, `aibom/incomplete`, ... */
  code: string;
  severity: 'error' | 'warning' | 'info';
  message: string;
  /** Offsets in the text, in UTF-16 units; the end is exclusive. */
  start: number;
  end: number;
  /** 1-based, of the start. */
  line: number;
  column: number;
  fixes: AibomFix[];
}

/** Longest mark under a value, in characters: a whole component would colour the page. */
const longestMark = 200;

/**
 * What is wrong with a bill of materials, as it stands in an editor.
 * @param record the model on disk, when it has been collected: without it, only the document itself is judged.
 */
export function diagnoseAibom(text: string, record?: ModelRecord): AibomDiagnostic[] {
  const validation = validateBom(text);
  const { document } = validation;
  const diagnostics = validation.problems.map(({ rule, severity, message, pointer, place }) =>
    diagnostic(document, { code: `aibom/${rule}`, severity, message, pointer, place, fixes: [] }),
  );
  if (!document || !record) return diagnostics;
  const { differences, contradictions, coverage } = compareWithDisk(text, record);
  const add = (
    code: string,
    severity: AibomDiagnostic['severity'],
    pointer: string,
    message: string,
    fixes: AibomFix[],
  ) =>
    diagnostics.push(
      diagnostic(document, { code, severity, message, pointer, place: document.placeOf(pointer), fixes }),
    );
  for (const { path, kind, pointer = '/metadata/component' } of differences) {
    add(`aibom/${kind}-file`, 'warning', pointer, `${path} ${inWords[kind]}`, ['update']);
  }
  for (const { field, pointer, written, found } of contradictions) {
    add('aibom/contradiction', 'warning', pointer, `${field} is given as ${written}, and the model says ${found}.`, [
      'update',
    ]);
  }
  const missing = incompleteness(coverage);
  if (missing !== null) add('aibom/incomplete', 'info', '/metadata/component/modelCard', missing, ['fill-from-card']);
  return diagnostics.sort((a, b) => a.start - b.start || (a.message < b.message ? -1 : 1));
}

const inWords = {
  missing: 'is described here and is not in the folder of the model.',
  changed: 'has another hash than is described here: the file was changed after the bill of materials was written.',
  extra: 'is in the folder of the model and is not described here.',
  unhashed: 'is described here without a SHA-256, so that a change of it would go unseen.',
};

function incompleteness(coverage: readonly Coverage[]): string | null {
  const parts = coverage
    .filter(({ present, total }) => present < total)
    .map(({ title, present, total, elements }) => {
      const missing = elements.filter((each) => !each.present).map((each) => each.title);
      const more = missing.length > 6 ? ` and ${missing.length - 6} more` : '';
      return `${title}: ${present} of ${total} present; not there: ${missing.slice(0, 6).join(', ')}${more}.`;
    });
  return parts.length === 0 ? null : parts.join(' ');
}

interface Found extends Pick<AibomDiagnostic, 'code' | 'severity' | 'message' | 'fixes'> {
  pointer: string;
  place: Place | null;
}

function diagnostic(document: BomDocument | null, { pointer, place, ...rest }: Found): AibomDiagnostic {
  const { offset = 0, line = 1, column = 1 } = place ?? {};
  const node = document?.nodeAt(pointer);
  const end = document && node ? Math.min(endOf(document.text, offset, node.type), offset + longestMark) : offset + 1;
  return { ...rest, start: offset, end, line, column };
}

/** Of a scalar, its end; of anything larger, the end of its first line. */
function endOf(text: string, offset: number, type: string): number {
  const line = text.indexOf('\n', offset);
  const lineEnd = line < 0 ? text.length : line;
  if (type === 'object' || type === 'array') return lineEnd;
  const scalar = /^"(?:[^"\\\n]|\\.)*"|^[^\s,\]}]+/.exec(text.slice(offset, Math.min(lineEnd, offset + 10_000)))?.[0];
  return offset + (scalar?.length ?? 1);
}
