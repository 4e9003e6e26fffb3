import type { NamesFacts } from '../../formats/names/facts.ts';
import { partsAt } from '../partsAt.ts';
import type { ArtifactContext } from '../rule.ts';
import { modelKind } from './bundledCode.ts';

/**
 * Where in a model a file is: with code that was written, with the code of a job that its owner deploys, or with what PyTorch has printed;
 * null in any other archive.
 */
export function modelPlace(
  part: NamesFacts,
  { inspection }: ArtifactContext,
): 'written' | 'deployed' | 'printed' | null {
  const kinds = containersOf(part.entry)
    .flatMap((entry) => partsAt(inspection, entry))
    .map((other) => (other.kind === 'archive' ? modelKind(other) : null))
    .filter((kind) => kind !== null);
  if (kinds.length === 0) return null;
  if (kinds.every((kind) => kind === 'sagemaker')) return 'deployed';
  return kinds.every((kind) => kind === 'torch') && /(?:^|[/!])code\//.test(part.entry) ? 'printed' : 'written';
}

/** The entries that an entry lies in, and the file: '', `a.zip` and `a.zip!b.zip` for `a.zip!b.zip!c.py`. */
function containersOf(entry: string): string[] {
  const containers = [''];
  for (let at = entry.indexOf('!'); at >= 0; at = entry.indexOf('!', at + 1)) containers.push(entry.slice(0, at));
  return containers;
}
