import type { ArchiveAnomaly, ArchiveFacts } from '../../formats/facts.ts';
import type { Report } from '../rule.ts';

/**
 * Reports the anomalies of the given codes, once an archive: the first with its place, the others counted. `advice` is
 * the sentence that says what to do.
 */
export function reportAnomalies(
  archive: ArchiveFacts,
  codes: readonly ArchiveAnomaly['code'][],
  advice: string,
  report: (report: Report) => void,
): void {
  const found = archive.anomalies.filter((anomaly) => codes.includes(anomaly.code));
  const [first] = found;
  if (first === undefined) return;
  const more = found.length > 1 ? ` (and ${found.length - 1} more like it)` : '';
  const inner =
    first.name === '' ? archive.entry : archive.entry === '' ? first.name : `${archive.entry}!${first.name}`;
  report({
    message: `${sentence(first.message)}${more}. ${advice}`,
    location: { entry: inner === '' ? null : inner, byteOffset: first.offset },
    evidence: {
      anomalies: found.slice(0, 10).map(({ code, name, offset }) => ({ code, name, offset })),
      count: found.length,
    },
  });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
