import type { ArchiveFacts, Inspection, PartFacts } from '../formats/facts.ts';

const indices = new WeakMap<Inspection, Map<string, PartFacts[]>>();

/**
 * The parts of an artifact that stand at an entry, '' being the file itself. They are looked up: an archive may have tens of
 * thousands of parts, and rules ask for each of them.
 */
export function partsAt(inspection: Inspection, entry: string): readonly PartFacts[] {
  let index = indices.get(inspection);
  if (index === undefined) {
    index = new Map();
    for (const part of inspection.parts) {
      const there = index.get(part.entry);
      if (there === undefined) index.set(part.entry, [part]);
      else there.push(part);
    }
    indices.set(inspection, index);
  }
  return index.get(entry) ?? [];
}

/** The archives that an entry lies in, the outermost first: those at '', `a.zip` and `a.zip!b.zip` for `a.zip!b.zip!c.py`. */
export function archivesAround(inspection: Inspection, entry: string): ArchiveFacts[] {
  const containers = [''];
  for (let at = entry.indexOf('!'); at >= 0; at = entry.indexOf('!', at + 1)) containers.push(entry.slice(0, at));
  return containers.flatMap((each) => partsAt(inspection, each)).filter((part) => part.kind === 'archive');
}
