import type { RowScores } from '../embedding/rowScores.ts';
import { masked } from '../personal/mask.ts';
import { binomialTail } from '../../statistics/binomial.ts';
import type { Place } from './place.ts';
import type { SampledRow } from './rowSample.ts';

/** What made the vectors. */
export interface EmbeddingModel {
  kind: 'hashed' | 'onnx';
  /** For a person: `hashed words`, or the model's folder. */
  name: string;
  /** Who ran it; null for what needs no model. */
  provider: ModelProvider | null;
}

/** Who was asked to run a model, who did, and why nobody else. */
export interface ModelProvider {
  requested: string;
  used: string;
  failed: { provider: string; reason: string }[];
  /** Version of ONNX Runtime. */
  runtime: string;
  /** What a person is told when it is not the one that was asked for; null otherwise. */
  notice: string | null;
}

/** By whose arithmetic the distances between rows were computed. */
export interface Distances {
  by: 'onnxruntime' | 'weighbridge';
  /** Version of ONNX Runtime; null where it was not used. */
  runtime: string | null;
  /** Why it was not; null where it was. */
  reason: string | null;
}

/** Rows, scored. */
export interface ScoredVectors {
  model: EmbeddingModel;
  scores: RowScores;
  distances: Distances;
}

export type RowSign = 'isolated' | 'dense' | 'spectral';

/** How one row lies among the others. */
export interface ScoredRow {
  line: number;
  label: string | null;
  /** Whether the accepted rows would give it another label; null where there is nothing to go by. */
  contradicted: boolean | null;
  /** Isolation Forest: 0 to 1, above 0.5 it stands apart. */
  isolation: number;
  /** Robust deviations of the distance to its neighbours: above 0 it is alone, below 0 crowded. */
  density: number;
  /** Deviations of its spectral signature in its class; 0 in a class of few rows. */
  spectral: number;
  /** The number of its group; null where it is in none. */
  group: number | null;
  signs: RowSign[];
  /** The beginning of its text, with what it holds of persons masked. */
  excerpt: string;
}

/** Rows that lie far closer together than rows do here. */
export interface DenseGroup {
  /** As in `ScoredRow.group`. */
  group: number;
  rows: number;
  /** Accepted rows among those that were looked at, which lie in it, too. */
  acceptedRows: number;
  /** That so many of it are new by chance; null without an accepted version. */
  pValue: number | null;
  /** Of those whose label could be judged. */
  contradicted: { rows: number; of: number } | null;
  labels: Record<string, number>;
  places: Place[];
}

export interface EmbeddingScan {
  model: EmbeddingModel;
  distances: Distances;
  /** Rows that were scored, and rows that there were to score. */
  scored: number;
  of: number;
  /** Accepted rows that they were seen among. */
  background: number;
  rows: ScoredRow[];
  groups: DenseGroup[];
  /** The rows that stand apart most: twenty at most, the farthest first. */
  isolated: (Place & { density: number; isolation: number })[];
  /** How many rows lie at which density: the edges of the bins in deviations, and counts of the rows and of the background. */
  plot: { edges: number[]; rows: number[]; background: number[] };
}

/** Of fewer rows nothing can be said. */
export const leastRows = 20;
/** Of a text: it is masked once more, and cut, when all of the file is known. */
const longestExcerpt = 400;
/** Deviations from which on a row is called isolated, if its Isolation Forest score is among the highest hundredth, too. */
const isolatedFrom = 3.5;
const spectralFrom = 6;
const plotBins = 40;
const mostPlaces = 100;
const mostIsolated = 20;

/** What stands out. The scores are those of the rows, and then of the background. @param of rows that there were to score. */
export function embeddingScan(
  rows: readonly SampledRow[],
  background: readonly SampledRow[],
  { model, scores, distances }: ScoredVectors,
  of: number,
): EmbeddingScan {
  const all = rows.length + background.length;
  const highest = [...scores.isolation].sort((a, b) => b - a)[Math.floor(all / 100)] ?? 1;
  const scored = rows.map((row, index) => scoredRow(row, index, scores, highest));
  return {
    model,
    distances,
    scored: rows.length,
    of,
    background: background.length,
    rows: scored,
    groups: groupsOf(rows, background, scores),
    isolated: scored
      .filter(({ signs }) => signs.includes('isolated'))
      .sort((a, b) => b.density - a.density || a.line - b.line)
      .slice(0, mostIsolated)
      .map(({ line, density, isolation }) => ({ line, field: null, density, isolation })),
    plot: plotOf(scores.density, rows.length),
  };
}

function scoredRow(row: SampledRow, index: number, scores: RowScores, highest: number): ScoredRow {
  const isolation = scores.isolation[index]!;
  const density = scores.density[index]!;
  const sum = scores.spectral[index]!;
  // A sum of squares of so many axes has that mean, and twice that variance.
  const spectral = sum === 0 ? 0 : (sum - scores.spectralAxes) / Math.sqrt(2 * scores.spectralAxes);
  const group = scores.group[index]!;
  const signs: RowSign[] = [];
  if (density >= isolatedFrom && isolation >= highest) signs.push('isolated');
  if (group >= 0) signs.push('dense');
  if (spectral >= spectralFrom) signs.push('spectral');
  const { line, label, contradicted, text } = row;
  return {
    line,
    label: label ?? null,
    contradicted,
    isolation: rounded(isolation),
    density: rounded(density),
    spectral: rounded(spectral),
    group: group < 0 ? null : group,
    signs,
    excerpt: masked(text.slice(0, longestExcerpt)),
  };
}

function groupsOf(rows: readonly SampledRow[], background: readonly SampledRow[], scores: RowScores): DenseGroup[] {
  const groups = new Map<number, DenseGroup & { judged: number; against: number }>();
  for (let index = 0; index < rows.length + background.length; index++) {
    const number = scores.group[index]!;
    if (number < 0) continue;
    const group = groups.get(number) ?? {
      group: number,
      rows: 0,
      acceptedRows: 0,
      pValue: null,
      contradicted: null,
      labels: {},
      places: [],
      judged: 0,
      against: 0,
    };
    groups.set(number, group);
    const row = rows[index];
    if (!row) {
      group.acceptedRows++;
      continue;
    }
    group.rows++;
    if (group.places.length < mostPlaces) group.places.push({ line: row.line, field: null });
    if (row.label !== undefined) group.labels[row.label] = (group.labels[row.label] ?? 0) + 1;
    if (row.contradicted !== null) group.judged++;
    if (row.contradicted === true) group.against++;
  }
  const share = rows.length / Math.max(1, rows.length + background.length);
  return [...groups.values()]
    .filter((group) => group.rows > 0)
    .map(({ judged, against, ...group }) => ({
      ...group,
      pValue: background.length === 0 ? null : binomialTail(group.rows, group.rows + group.acceptedRows, share),
      contradicted: judged === 0 ? null : { rows: against, of: judged },
    }))
    .sort((a, b) => (a.pValue ?? 0) - (b.pValue ?? 0) || b.rows - a.rows || a.group - b.group)
    .slice(0, 100);
}

function plotOf(density: Float64Array, rows: number): EmbeddingScan['plot'] {
  const least = Math.max(-12, Math.min(...density, -4));
  const greatest = Math.min(12, Math.max(...density, 4));
  const width = (greatest - least) / plotBins;
  const counts = [new Array<number>(plotBins).fill(0), new Array<number>(plotBins).fill(0)] as const;
  for (const [index, value] of density.entries()) {
    const bin = Math.max(0, Math.min(plotBins - 1, Math.floor((value - least) / width)));
    counts[index < rows ? 0 : 1][bin]!++;
  }
  const edges = Array.from({ length: plotBins + 1 }, (_, index) => rounded(least + index * width));
  return { edges, rows: counts[0], background: counts[1] };
}

/** Digits that differ from machine to machine are not said. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
