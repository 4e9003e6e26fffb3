import { compareWithDisk, type ModelOnDisk } from '../check.ts';
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

/** Files that are marked one by one, and those that a sentence names: a copied document describes none of them. */
const mostDifferences = 200;
const mostNamed = 3;

/**
 * What is wrong with a bill of materials, as it stands in an editor.
 * @param record the model on disk, when it has been collected: without it, only the document itself is judged.
 */
export function diagnoseAibom(text: string, record?: ModelOnDisk | null): AibomDiagnostic[] {
  const validation = validateBom(text);
  const { document } = validation;
  const diagnostics = validation.problems.map(({ rule, severity, message, pointer, place }) =>
    diagnostic(document, { code: `aibom/${rule}`, severity, message, pointer, place, fixes: [] }),
  );
  if (!document || !record) return diagnostics;
  const { differences, contradictions, coverage } = compareWithDisk(validation, record);
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
  const extra = differences.filter(({ kind }) => kind === 'extra').map(({ path }) => path);
  if (extra.length > 0) {
    const named =
      extra.length > mostNamed
        ? `${extra.slice(0, mostNamed).join(', ')} and ${extra.length - mostNamed} more are`
        : `${extra.join(', ')} ${extra.length === 1 ? 'is' : 'are'}`;
    add(
      'aibom/extra-file',
      'warning',
      '/metadata/component',
      `${named} in the folder of the model and not described here.`,
      ['update'],
    );
  }
  const described = differences.filter(({ kind }) => kind !== 'extra');
  for (const { path, kind, pointer = '' } of described.slice(0, mostDifferences)) {
    const field = kind === 'changed' ? `${pointer}/hashes/0/content` : `${pointer}/name`;
    add(`aibom/${kind}-file`, 'warning', field, `${path} ${inWords[kind as keyof typeof inWords]}`, ['update']);
  }
  if (described.length > mostDifferences) {
    const message = `${described.length - mostDifferences} more files are not as described: only the first ${mostDifferences} are marked.`;
    add('aibom/changed-file', 'warning', '/metadata/component', message, ['update']);
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
  if (!document || !node) return { ...rest, start: offset, end: offset + 1, line, column };
  const end = Math.min(endOf(document.text, offset, node.type), offset + longestMark);
  // Of an object that begins at the end of its line, nothing but a brace would be marked: its key says more.
  const key = end - offset <= 1 ? keyBefore(document.text, offset) : null;
  if (key === null) return { ...rest, start: offset, end, line, column };
  return {
    ...rest,
    start: offset - key.distance,
    end: offset - key.distance + key.length,
    line,
    column: column - key.distance,
  };
}

/** The key on the same line whose value begins at an offset. */
function keyBefore(text: string, offset: number): { distance: number; length: number } | null {
  const found = /("(?:[^"\\\n]|\\.)*")[ \t]*:[ \t]*$/.exec(text.slice(Math.max(0, offset - longestMark), offset));
  return found?.[1] === undefined ? null : { distance: found[0].length, length: found[1].length };
}

/** Of a scalar, its end; of anything larger, the end of its first line. */
function endOf(text: string, offset: number, type: string): number {
  const line = text.indexOf('\n', offset);
  const lineEnd = line < 0 ? text.length : line;
  if (type === 'object' || type === 'array') return lineEnd;
  const scalar = /^"(?:[^"\\\n]|\\.)*"|^[^\s,\]}]+/.exec(text.slice(offset, Math.min(lineEnd, offset + 10_000)))?.[0];
  return offset + (scalar?.length ?? 1);
}
