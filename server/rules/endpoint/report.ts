import { type Addition, type AddedControl } from '../../posture/additions.ts';
import type { ControlName, Endpoint, WeaknessKind } from '../../posture/facts.ts';
import { postureOf } from '../../posture/postureOf.ts';
import type { FixId } from '../finding.ts';
import { placeOf, replace } from '../load/place.ts';
import type { Report } from '../rule.ts';
import type { TextSubject } from '../text.ts';

type Reporter = (report: Report) => void;

/** Reports what lines of a text weaken, by kind. */
export function reportWeaknesses(kind: WeaknessKind, text: TextSubject, report: Reporter): void {
  for (const weakness of postureOf(text, text.path).weaknesses) {
    if (weakness.kind !== kind) continue;
    const { fix, message, severity, range } = weakness;
    report({
      message,
      severity,
      location: placeOf(range),
      evidence: { weakness: kind },
      ...(fix && {
        fixes: [fix.id],
        edits: [{ fix: fix.id, kind: 'suggestion', title: fix.title, changes: [replace(fix.range, fix.newText)] }],
      }),
    });
  }
}

const fixes: Readonly<Record<AddedControl, FixId>> = {
  authentication: 'add-authentication',
  clientRateLimit: 'add-rate-limit',
  sizeLimit: 'add-size-limit',
  structuredLog: 'add-structured-log',
};

/**
 * Reports, once a file, the endpoints that others reach and that have no such control, where the file is all that decides. What an `include`, a
 * discovery service or a mesh may add is never called missing.
 */
export function reportMissing(
  control: AddedControl | 'clientCertificate' | 'schema',
  what: string,
  then: string,
  text: TextSubject,
  report: Reporter,
): void {
  const open = postureOf(text, text.path).endpoints.filter((endpoint) => isMissing(endpoint, control));
  const [first] = open;
  if (!first) return;
  const names = open.map(({ name }) => name);
  const added = isAdded(control) ? control : null;
  const addition = added === null ? undefined : first.additions?.[added];
  report({
    message: `${first.product} lets requests in ${what} (${names
      .slice(0, 3)
      .map((name) => JSON.stringify(name))
      .join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}). ${then}`,
    location: placeOf(first.range),
    evidence: { control, endpoints: names.slice(0, 20) },
    ...(added !== null && { fixes: [fixes[added]] }),
    ...(added !== null && addition && { edits: [edit(added, addition)] }),
  });
}

function isAdded(control: ControlName): control is AddedControl {
  return Object.hasOwn(fixes, control);
}

function isMissing({ controls, complete, reach, product }: Endpoint, control: ControlName): boolean {
  // Kong's certificates are said in kong.conf, which is another file.
  if (control === 'clientCertificate' && product === 'Kong') return false;
  const { state } = controls[control];
  const silent =
    control === 'structuredLog' ? state === 'not-visible' || state === 'not-enforced' : state === 'not-visible';
  return silent && complete && reach === 'network';
}

function edit(control: AddedControl, { title, places }: Addition): NonNullable<Report['edits']>[number] {
  const changes = places.map(({ line, column, newText }) =>
    replace({ line, column, endLine: line, endColumn: column }, newText),
  );
  return { fix: fixes[control], kind: 'suggestion', title, changes };
}
