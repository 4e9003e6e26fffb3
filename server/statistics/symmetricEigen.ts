import { matrix, type Matrix } from './matrix.ts';

const sweeps = 30;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, the greatest value first, by cyclic Jacobi rotations (Golub and Van Loan, 8.5).
 * @returns one eigenvector a row.
 */
export function symmetricEigen(given: Matrix): { values: Float64Array; vectors: Matrix } {
  const size = given.rows;
  const a = given.values.slice();
  const v = matrix(size, size);
  for (let at = 0; at < size; at++) v.values[at * size + at] = 1;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let off = 0;
    let all = 0;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const square = a[i * size + j]! ** 2;
        all += square;
        if (i !== j) off += square;
      }
    }
    if (off <= 1e-28 * all) break;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, v.values, size, p, q);
  }
  const order = Array.from({ length: size }, (_, at) => at).sort((x, y) => a[y * size + y]! - a[x * size + x]!);
  const vectors = matrix(size, size);
  for (const [to, from] of order.entries()) {
    vectors.values.set(v.values.subarray(from * size, (from + 1) * size), to * size);
  }
  return { values: Float64Array.from(order, (at) => a[at * size + at]!), vectors };
}

/** Makes the element at p and q nothing. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const tau = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  for (let k = 0; k < size; k++) {
    const kp = a[k * size + p]!;
    const kq = a[k * size + q]!;
    a[k * size + p] = c * kp - s * kq;
    a[k * size + q] = s * kp + c * kq;
  }
  for (let k = 0; k < size; k++) {
    const pk = a[p * size + k]!;
    const qk = a[q * size + k]!;
    a[p * size + k] = c * pk - s * qk;
    a[q * size + k] = s * pk + c * qk;
    const vp = v[p * size + k]!;
    const vq = v[q * size + k]!;
    v[p * size + k] = c * vp - s * vq;
    v[q * size + k] = s * vp + c * vq;
  }
}
