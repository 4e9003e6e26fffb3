import type { NamesFacts } from '../../formats/names/facts.ts';
import { archivesAround } from '../partsAt.ts';
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
  const kinds = archivesAround(inspection, part.entry)
    .map((archive) => modelKind(archive))
    .filter((kind) => kind !== null);
  if (kinds.length === 0) return null;
  if (kinds.every((kind) => kind === 'sagemaker')) return 'deployed';
  return kinds.every((kind) => kind === 'torch') && /(?:^|[/!])code\//.test(part.entry) ? 'printed' : 'written';
}
