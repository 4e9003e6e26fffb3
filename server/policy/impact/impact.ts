import type { AuditEntry } from '../auditLog.ts';
import { fieldsOf, textOf } from '../yamlDocument.ts';
import { keysOf, type Paper, type Thing } from './papers.ts';

/** A model, or data, that a query reaches. */
export interface Reached {
  /** Its folder or file, relative to the base. */
  path: string;
  kind: 'model' | 'dataset';
  name: string;
  digests: string[];
  /** From the query to it: each paper that carries it on; of a very long way, its beginning and its end. */
  via: { file: string; what: Paper['what']; says: string }[];
  /** Gates that let it pass, the last one last. */
  promotions: { gate: string; decidedAt: string; digest: string | null }[];
}

export interface Impact {
  query: string;
  /** What the query names, as papers write it. */
  matches: { kind: Thing['kind']; name: string; digest: string | null; file: string }[];
  reached: Reached[];
}

/** Papers of a way that are kept, beside its first: longer ones would grow with the square of their number. */
const longestWay = 32;

/** A digest may be shortened to so many digits. */
const leastDigits = 8;

/**
 * Which models and data does something reach? Whatever is in a paper is in what the paper is about, and that in turn in whatever names it.
 * Data and models carry it on by digest, package URL and, for models and data alone, by name; a library's name is not taken for a model's.
 * @param query a name, `name@version`, package URL, address, signer, or a digest of at least eight digits.
 */
export function impactOf(query: string, papers: readonly Paper[], decisions: readonly AuditEntry[]): Impact {
  const wanted = query
    .trim()
    .toLowerCase()
    .replace(/^(?:sha\d+|md5|blake\d[a-z]?):/, '');
  const isDigest = /^[0-9a-f]+$/.test(wanted) && wanted.length >= leastDigits;
  const meets = (thing: Thing): boolean =>
    thing.names.some((name) => name.toLowerCase() === wanted) ||
    (isDigest && thing.digests.some((digest) => digest.startsWith(wanted)));
  const matches: Impact['matches'] = [];
  const seen = new Set<string>();
  const note = (thing: Thing, file: string): void => {
    const name = thing.names[0] ?? thing.digests[0] ?? '';
    const key = JSON.stringify([thing.kind, name, file]);
    if (seen.has(key)) return;
    seen.add(key);
    matches.push({
      kind: thing.kind,
      name,
      digest: thing.digests.find((digest) => !isDigest || digest.startsWith(wanted)) ?? null,
      file,
    });
  };

  const reached = new Map<string, Reached>();
  /** What is carried on, with the way to it. */
  const open: { keys: Set<string>; folder: string; via: Reached['via'] }[] = [];
  const reach = (paper: Paper, part: Thing | null, via: Reached['via']): void => {
    const says = part ? `${labelOf(part)} is in ${labelOf(paper.subject)}` : `is ${labelOf(paper.subject)}`;
    const way = [...via.slice(0, 1), ...via.slice(1).slice(-longestWay), { file: paper.file, what: paper.what, says }];
    const known = reached.get(paper.folder);
    const digests = paper.subject.digests;
    if (known) {
      known.digests = [...new Set([...known.digests, ...digests])].sort();
    } else {
      reached.set(paper.folder, {
        path: paper.folder,
        kind: paper.what === 'record of data' ? 'dataset' : 'model',
        name: paper.subject.names[0] ?? paper.folder,
        digests: [...digests],
        via: way,
        promotions: [],
      });
    }
    open.push({ keys: carriedBy(paper), folder: paper.folder, via: way });
  };

  const done = new Set<Paper>();
  for (const paper of papers) {
    const part = paper.parts.find(meets);
    for (const each of paper.parts) if (meets(each)) note(each, paper.file);
    if (meets(paper.subject)) note(paper.subject, paper.file);
    if (!part && !meets(paper.subject)) continue;
    done.add(paper);
    reach(paper, part ?? null, []);
  }
  const carriers = carriersIn(papers);
  const together = new Map<string, number[]>();
  for (const [index, { folder }] of papers.entries()) {
    const known = together.get(folder);
    if (known) known.push(index);
    else together.set(folder, [index]);
  }
  for (const { keys, folder, via } of open) {
    const next = new Map<number, Thing | null>();
    for (const key of keys) {
      for (const { index, part } of carriers.get(key) ?? []) if (!next.has(index)) next.set(index, part);
    }
    // Another paper of the same folder: nothing new is reached by it, but its names lead on.
    for (const index of together.get(folder) ?? []) if (!next.has(index)) next.set(index, null);
    for (const [index, part] of [...next].sort(([a], [b]) => a - b)) {
      const paper = papers[index];
      if (!paper || done.has(paper)) continue;
      done.add(paper);
      // What is reached here is appended to the list that this loop goes along.
      reach(paper, part, via);
    }
  }
  const found = [...reached.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (const each of found) each.promotions = promotionsOf(each, decisions);
  return {
    query,
    matches: matches.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.name < b.name ? -1 : 1)),
    reached: found,
  };
}

/** By what other papers know the subject of this one, and the files that are it. */
function carriedBy({ subject, parts, folder }: Paper): Set<string> {
  const files = parts.filter(({ kind }) => kind === 'file').flatMap(({ digests }) => digests);
  return new Set([...keysOf(subject), ...files, folder.toLowerCase()].filter((key) => key !== '' && key !== '.'));
}

/** By what each part of a paper is known to be carried on: papers are many, and none is looked at in vain. */
function carriersIn(papers: readonly Paper[]): Map<string, { index: number; part: Thing }[]> {
  const carriers = new Map<string, { index: number; part: Thing }[]>();
  for (const [index, { parts }] of papers.entries()) {
    for (const part of parts) {
      for (const key of new Set(carryingKeys(part))) {
        const known = carriers.get(key);
        if (known) known.push({ index, part });
        else carriers.set(key, [{ index, part }]);
      }
    }
  }
  return carriers;
}

function carryingKeys({ kind, names, digests }: Thing): string[] {
  if (kind === 'signer' || kind === 'file') return digests;
  const told = kind === 'component' ? names.filter((name) => name.startsWith('pkg:')) : names;
  return [...digests, ...told.map((name) => name.toLowerCase())];
}

function labelOf({ names, digests }: Thing): string {
  return names[0] ?? digests[0]?.slice(0, 16) ?? '?';
}

function promotionsOf({ path, digests }: Reached, decisions: readonly AuditEntry[]): Reached['promotions'] {
  return decisions.flatMap(({ record }) => {
    if (record['kind'] !== 'gate' || record['decision'] !== 'allow') return [];
    const model = fieldsOf(record['model']);
    const digest = textOf(model['digest']);
    const same = textOf(model['path'])?.replaceAll('\\', '/').replace(/\/$/, '') === path;
    if (!same && !(digest !== null && digests.includes(digest.replace(/^sha256:/, '')))) return [];
    return [{ gate: textOf(record['gate']) ?? '', decidedAt: textOf(record['decidedAt']) ?? '', digest }];
  });
}
