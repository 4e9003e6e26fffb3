import type { Matrix } from './matrix.ts';
import { eachDistanceRow, type DistanceSteps } from './neighbours.ts';

/** Pairs that are kept from the first pass over the distances; of more, the distances are computed again. 8 bytes each. */
const mostPairs = 4_000_000;

export interface DbscanOptions {
  /** Rows at most this far from one another are neighbours; the distance itself counts. */
  radius: number;
  /** So many neighbours, itself included, make a row a core of a cluster. */
  least: number;
  /** Told of each row's squared distances once, for who needs them, too. */
  onDistances?: (row: number, squared: Float64Array) => void;
}

/**
 * DBSCAN (Ester, Kriegel, Sander and Xu 1996) with Euclidean distances. Clusters are numbered in the order of their first core; a row at
 * the border of several belongs to the first of them: as scikit-learn has it.
 * @returns the cluster of each row, -1 for those of none. A generator: it yields the share done, and takes products of rows from who has them.
 */
export function* dbscan(data: Matrix, { radius, least, onDistances }: DbscanOptions): DistanceSteps<Int32Array> {
  const reach = radius * radius;
  const core = new Uint8Array(data.rows);
  const pairs: number[] = [];
  let all = true;
  const count = (row: number, squared: Float64Array): void => {
    onDistances?.(row, squared);
    let neighbours = 0;
    for (let other = 0; other < squared.length; other++) {
      if (squared[other]! > reach) continue;
      neighbours++;
      if (other <= row || !all) continue;
      if (pairs.length < 2 * mostPairs) pairs.push(row, other);
      else all = false;
    }
    core[row] = neighbours >= least ? 1 : 0;
  };
  yield* eachDistanceRow(data, count, [0, 0.5]);
  const joined = Int32Array.from({ length: data.rows }, (_, row) => row);
  const join = (left: number, right: number): void => {
    if (core[left] === 1 && core[right] === 1) unite(joined, left, right);
  };
  if (all) for (let at = 0; at < pairs.length; at += 2) join(pairs[at]!, pairs[at + 1]!);
  else {
    const joinNear = (row: number, squared: Float64Array): void => {
      if (core[row] === 0) return;
      for (let other = row + 1; other < squared.length; other++) if (squared[other]! <= reach) join(row, other);
    };
    yield* eachDistanceRow(data, joinNear, [0.5, 0.75]);
  }
  const labels = numbered(joined, core);
  const border = (row: number, other: number): void => {
    if (core[row] === 1 || core[other] === 0) return;
    const cluster = labels[other]!;
    if (labels[row] === -1 || cluster < labels[row]!) labels[row] = cluster;
  };
  if (all) {
    for (let at = 0; at < pairs.length; at += 2) {
      border(pairs[at]!, pairs[at + 1]!);
      border(pairs[at + 1]!, pairs[at]!);
    }
  } else {
    const borderNear = (row: number, squared: Float64Array): void => {
      if (core[row] === 1) return;
      for (let other = 0; other < squared.length; other++) if (squared[other]! <= reach) border(row, other);
    };
    yield* eachDistanceRow(data, borderNear, [0.75, 1]);
  }
  return labels;
}

/** Clusters by the order of their first core. */
function numbered(joined: Int32Array, core: Uint8Array): Int32Array {
  const labels = new Int32Array(joined.length).fill(-1);
  const numbers = new Map<number, number>();
  for (let row = 0; row < joined.length; row++) {
    if (core[row] === 0) continue;
    const root = rootOf(joined, row);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    labels[row] = number;
  }
  return labels;
}

function unite(joined: Int32Array, left: number, right: number): void {
  const first = rootOf(joined, left);
  const second = rootOf(joined, right);
  if (first !== second) joined[Math.max(first, second)] = Math.min(first, second);
}

function rootOf(joined: Int32Array, row: number): number {
  let at = row;
  while (joined[at] !== at) {
    joined[at] = joined[joined[at]!]!;
    at = joined[at]!;
  }
  return at;
}
