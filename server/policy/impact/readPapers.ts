import { readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { onDisk } from '../../files/diskPath.ts';
import { recordName } from '../../datasets/record/record.ts';
import { longestDocument } from '../../aibom/validate/document.ts';
import { billOfMaterials } from './billOfMaterials.ts';
import { isRecord, listOf, textOf } from './json.ts';
import type { Paper, Thing } from './papers.ts';
import { signaturePaper } from './signaturePaper.ts';

/** A paper that is there and cannot be read: what it says is then missing from the answer, which must be told. */
export interface UnreadPaper {
  file: string;
  reason: string;
}

/** Whether a file may be a paper, by its name. */
export function mayBePaper(name: string): boolean {
  return /\.(?:json|sig|sigstore|jsonl)$/i.test(name);
}

/**
 * Reads one file as a paper.
 * @param path absolute. @param file relative to the base, with `/`.
 * @returns nothing for what is no paper.
 */
export function readPapers(path: string, file: string): { papers: Paper[]; unread: UnreadPaper | null } {
  const none = { papers: [], unread: null };
  const size = statSync(onDisk(path), { throwIfNoEntry: false })?.size ?? 0;
  const name = posix.basename(file);
  const telling = name === recordName || /\.sig$|sigstore|cdx|bom/i.test(name);
  if (size > longestDocument) {
    return telling ? { papers: [], unread: { file, reason: `it is larger than ${longestDocument >> 20} MiB` } } : none;
  }
  let document: unknown;
  try {
    const text = readFileSync(onDisk(path), 'utf8').replace(/^\ufeff/, '');
    // Most JSON files of a repository are no papers, and need not be parsed to know that.
    if (!/"bomFormat"|"dsseEnvelope"|"datasets"/.test(text)) return none;
    document = JSON.parse(text);
  } catch (error) {
    return telling
      ? {
          papers: [],
          unread: { file, reason: error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message },
        }
      : none;
  }
  if (!isRecord(document)) return none;
  const folder = posix.dirname(file);
  if (document['bomFormat'] === 'CycloneDX') return { papers: billOfMaterials(document, file, folder), unread: null };
  if ('dsseEnvelope' in document) {
    const paper = signaturePaper(document, file, folder);
    return typeof paper === 'string'
      ? { papers: [], unread: { file, reason: paper } }
      : { papers: paper, unread: null };
  }
  if (name === recordName)
    return { papers: listOf(document['datasets']).flatMap((record) => dataRecord(record, file, folder)), unread: null };
  return none;
}

function dataRecord(value: unknown, file: string, folder: string): Paper[] {
  if (!isRecord(value)) return [];
  const path = textOf(value['path']);
  if (path === null) return [];
  const at = posix.join(folder, path);
  const { digest } = isRecord(value['hash']) ? value['hash'] : {};
  const name = textOf(value['name']);
  const version = textOf(value['version']);
  const subject: Thing = {
    kind: 'dataset',
    names: [...(name === null ? [] : [name, ...(version === null ? [] : [`${name}@${version}`])]), at],
    digests: typeof digest === 'string' ? [digest.toLowerCase()] : [],
  };
  const source = isRecord(value['source']) ? textOf(value['source']['uri']) : null;
  const agent = isRecord(value['ingestedBy']) ? textOf(value['ingestedBy']['agent']) : null;
  const parts: Thing[] = [
    ...(source === null ? [] : [{ kind: 'dataset', names: [source], digests: [] } satisfies Thing]),
    ...(agent === null ? [] : [{ kind: 'signer', names: [agent], digests: [] } satisfies Thing]),
  ];
  return [{ file, what: 'record of data', folder: at, subject, parts }];
}
