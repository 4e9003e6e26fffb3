import { BomView } from '../bomView.ts';
import { compareWithDisk, type ModelOnDisk } from '../check.ts';
import { type Coverage, coverageOf } from '../coverage/coverage.ts';
import { get, type JsonObject, list, text } from '../validate/document.ts';
import { validateBom, type Validation } from '../validate/validate.ts';
import { type BomDrawing, drawingOf } from './drawing.ts';
import { type AibomFact, factsOf } from './facts.ts';
import { type AibomTable, tablesOf } from './tables.ts';

/** A bill of materials, ready to show. Texts in it are data of whoever wrote it. */
export interface AibomReport {
  /** Of the model. */
  name: string;
  specVersion: string | null;
  /** How it stands, in one or two sentences. */
  verdict: { severity: 'error' | 'warning' | 'info' | 'none'; text: string };
  /** Against the model on disk: compared, still being hashed, or nothing to compare with. */
  disk: 'compared' | 'comparing' | 'nothing';
  /** What is wrong, with the line (1-based); cut where it is much. */
  problems: { severity: 'error' | 'warning'; message: string; line: number }[];
  problemCount: number;
  /** What it says of the model: name, value, and from where it was read. */
  facts: AibomFact[];
  /** Meters: how many places hold something. */
  coverage: Coverage[];
  tables: AibomTable[];
  considerations: { title: string; texts: string[] }[];
  notes: string[];
  drawing: BomDrawing;
}

const mostProblems = 200;

/**
 * @param disk the model beside the document, as far as it is known.
 * @param state why `disk` is null, where it is.
 */
export function reportOf(content: string, disk: ModelOnDisk | null, state: AibomReport['disk']): AibomReport {
  const validation = validateBom(content);
  const root = validation.document?.root ?? {};
  const compared = disk && validation.document ? compareWithDisk(validation, disk) : null;
  const stale = compared ? compared.differences.length + compared.contradictions.length : 0;
  const problems: AibomReport['problems'] = [
    ...validation.problems.map(({ severity, message, place }) => ({ severity, message, line: place?.line ?? 1 })),
    ...(compared?.contradictions ?? []).map(({ field, pointer, written, found }) => ({
      severity: 'warning' as const,
      message: `${field} is given as ${written}, and the model says ${found}.`,
      line: validation.document?.placeOf(pointer).line ?? 1,
    })),
  ];
  const bom = new BomView(root);
  return {
    name: text(bom.model?.value['name']) ?? 'A bill of materials',
    specVersion: validation.specVersion,
    verdict: verdictOf(validation, stale, bom, state),
    disk: state,
    problems: problems.slice(0, mostProblems),
    problemCount: problems.length,
    facts: factsOf(bom),
    coverage: validation.document ? coverageOf(root) : [],
    tables: tablesOf(bom, compared?.differences ?? null),
    considerations: considerationsOf(bom),
    notes: notesOf(root),
    drawing: drawingOf(root),
  };
}

function verdictOf(
  { valid, specVersion, problems, document }: Validation,
  stale: number,
  bom: BomView,
  state: AibomReport['disk'],
): AibomReport['verdict'] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (!document || !valid) {
    const more = errors.length > 1 ? ` (${errors.length - 1} more below)` : '';
    return { severity: 'error', text: `Not valid. ${errors[0]?.message ?? ''}${more}` };
  }
  const what = `Valid CycloneDX ${specVersion ?? ''}`;
  if (stale > 0) {
    const places = stale === 1 ? '1 place does' : `${stale.toLocaleString('en')} places do`;
    return {
      severity: 'warning',
      text: `${what}, and stale: ${places} not fit the model on disk. Update it, or find out who changed the model.`,
    };
  }
  if (state === 'comparing') return { severity: 'info', text: `${what}. The model's files are being hashed...` };
  if (state === 'nothing') return { severity: 'info', text: `${what}. No model stands beside it to hold it against.` };
  const files = bom.files.length === 1 ? 'its one file has' : `its ${bom.files.length.toLocaleString('en')} files have`;
  return { severity: 'none', text: `${what}, and up to date: ${files} the hashes that are written here.` };
}

const titles: [title: string, key: string][] = [
  ['Users', 'users'],
  ['Intended uses', 'useCases'],
  ['Limitations', 'technicalLimitations'],
  ['Trade-offs', 'performanceTradeoffs'],
  ['Ethical considerations', 'ethicalConsiderations'],
];

function considerationsOf({ card }: BomView): AibomReport['considerations'] {
  return titles.flatMap(([title, key]) => {
    const texts = list(get(card, 'considerations', key)).flatMap((each) => text(each) ?? text(get(each, 'name')) ?? []);
    return texts.length > 0 ? [{ title, texts: texts.slice(0, 50) }] : [];
  });
}

function notesOf(root: JsonObject): string[] {
  return list(get(root, 'metadata', 'properties')).flatMap((each) =>
    get(each, 'name') === 'weighbridge:note' ? (text(get(each, 'value')) ?? []) : [],
  );
}
