import { textOf } from './operands.ts';
import { BuiltinError, type RegoValue } from './value.ts';

interface Version {
  core: bigint[];
  preRelease: string;
}

const identifiers = /^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/;

/** Semantic Versioning 2.0.0, with a leading `v` allowed, as OPA reads it. */
function parse(text: string): Version | null {
  const [beforeMeta = '', metadata] = cut(text.replace(/^v/, ''), '+');
  if (metadata !== undefined && !identifiers.test(metadata)) return null;
  const [numbers = '', preRelease] = cut(beforeMeta, '-');
  if (preRelease !== undefined) {
    if (!identifiers.test(preRelease)) return null;
    if (preRelease.split('.').some((each) => /^0\d+$/.test(each))) return null;
  }
  const core = numbers.split('.');
  if (core.length !== 3 || core.some((each) => !/^(0|[1-9]\d*)$/.test(each))) return null;
  const values = core.map(BigInt);
  return values.some((each) => each >= 2n ** 63n) ? null : { core: values, preRelease: preRelease ?? '' };
}

function cut(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

export const isSemver = (value: RegoValue): boolean => typeof value === 'string' && parse(value) !== null;

export function compareSemver(a: RegoValue, b: RegoValue): -1 | 0 | 1 {
  const [x, y] = [parse(textOf(a)), parse(textOf(b))];
  if (x === null || y === null) throw new BuiltinError('no semantic version');
  for (const [index, part] of x.core.entries()) {
    const other = y.core[index] ?? 0n;
    if (part !== other) return part < other ? -1 : 1;
  }
  return comparePreReleases(x.preRelease, y.preRelease);
}

function comparePreReleases(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  const [left, right] = [a.split('.'), b.split('.')];
  for (let index = 0; ; index++) {
    const [x, y] = [left[index], right[index]];
    if (x === undefined && y === undefined) return 0;
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    if (x === y) continue;
    const [xIsNumber, yIsNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (xIsNumber && yIsNumber) return BigInt(x) < BigInt(y) ? -1 : 1;
    if (xIsNumber !== yIsNumber) return xIsNumber ? -1 : 1;
    return x < y ? -1 : 1;
  }
}
