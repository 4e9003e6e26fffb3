import type { DatasetScan } from './facts.ts';
import type { Place } from './place.ts';

/**
 * Takes out what is suspicious about other places than those that stay. What a record holds of persons stays: a clean record holds it, too; and so do
 * marks, and differences of whole sets of rows.
 */
export function keepOnly(scan: DatasetScan, stays: (place: Place) => boolean): void {
  scan.characters.shown = scan.characters.shown.filter(stays);
  scan.instructions.shown = scan.instructions.shown.filter(stays);
  if (scan.diff) scan.diff.phrases = withPlaces(scan.diff.phrases, stays);
  scan.floods = withPlaces(scan.floods, stays);
  scan.rareTokens = withPlaces(scan.rareTokens, stays);
  if (!scan.embedding) return;
  scan.embedding.groups = withPlaces(scan.embedding.groups, stays);
  scan.embedding.isolated = scan.embedding.isolated.filter(stays);
}

function withPlaces<T extends { places: Place[] }>(found: T[], stays: (place: Place) => boolean): T[] {
  return found
    .map((each) => ({ ...each, places: each.places.filter(stays) }))
    .filter(({ places }) => places.length > 0);
}
