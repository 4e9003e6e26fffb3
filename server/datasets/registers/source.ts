import type { ConfigScalar } from '../../formats/text/facts.ts';
import { type ScalarTree, treeOf, type Scalar } from './scalarTree.ts';
import type { RecordedDigest } from './facts.ts';
import { digestLengths, type DatasetAlgorithm } from '../hashing/algorithms.ts';

/** A text that may be a register. */
export interface RegisterText {
  /** With `/`; readers look at its last name. */
  path: string;
  language: 'yaml' | 'json';
  text: string;
  scalars: ConfigScalar[];
}

/** What readers of registers work with: the tree, and the text as it is written. */
export class RegisterSource {
  readonly path: string;
  readonly name: string;
  readonly language: 'yaml' | 'json';
  readonly text: string;
  readonly tree: ScalarTree;
  #lines: string[] | undefined;

  constructor({ path, language, text, scalars }: RegisterText) {
    this.path = path;
    this.name = path.slice(path.lastIndexOf('/') + 1);
    this.language = language;
    this.text = text;
    this.tree = treeOf(scalars);
  }

  /** What is written, not its value: a hash of digits alone, or with one `e` among them, is a number to YAML. */
  written(scalar: Scalar): string {
    const { line, column, endLine, endColumn } = scalar.innerRange;
    if (typeof scalar.value === 'string' || line !== endLine) return String(scalar.value);
    this.#lines ??= this.text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
    return (this.#lines[line - 1] ?? '').slice(column - 1, endColumn - 1);
  }

  /** The digest at a node; null where there is none, or `null` is written. */
  digest(node: ScalarTree, algorithm: DatasetAlgorithm | null, named: string): RecordedDigest | null {
    const { scalar } = node;
    if (!scalar || scalar.value === null || scalar.value === '') return null;
    return { algorithm, named, written: this.written(scalar).trim(), range: scalar.innerRange };
  }
}

/** Whether a value is a digest of its algorithm. */
export function isDigest({ algorithm, written }: RecordedDigest): boolean {
  if (algorithm === null) return false;
  const bare = bareDigest(written);
  return bare.length === digestLengths[algorithm] && /^[\da-f]+$/.test(bare);
}

/** Hexadecimal digits alone, lower case. */
export function bareDigest(written: string): string {
  return written
    .toLowerCase()
    .replace(/\.dir$/, '')
    .replace(/^(?:md5|sha1|sha256|sha512):/, '');
}

/** A date with or without a time, as milliseconds; null for what is none. */
export function timeOf(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[Zz]|[+-]\d{2}:?\d{2})?)?$/.test(text))
    return null;
  const time = Date.parse(/\d{2}:\d{2}$/.test(text) && !/[+-]\d{2}:\d{2}$/.test(text) ? `${text}:00` : text);
  return Number.isNaN(time) ? null : time;
}

/** A path of this machine's file system, and no address. */
export function isLocalPath(reference: string): boolean {
  return !/^[a-z][a-z\d+.-]+:\/\//i.test(reference) && !/^(?:data|urn|mailto):/i.test(reference);
}
