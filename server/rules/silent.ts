import type { Report } from './rule.ts';

type Reporter = (report: Report) => void;

/**
 * A check of a part of a text about which it mostly says nothing. Parts that did not change since the last version of a text are the
 * same objects: of those about which nothing was said, nothing is said again.
 * @param check whose answer depends on what stands in the part alone.
 */
export function unlessSilent<Part extends object, More extends unknown[]>(
  check: (part: Part, report: Reporter, ...more: More) => void,
): (part: Part, report: Reporter, ...more: More) => void {
  const silent = new WeakSet<Part>();
  return (part, report, ...more) => {
    if (silent.has(part)) return;
    let isSilent = true;
    check(
      part,
      (said) => {
        isSilent = false;
        report(said);
      },
      ...more,
    );
    if (isSilent) silent.add(part);
  };
}
