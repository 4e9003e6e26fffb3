import { gte, lt, satisfies, valid } from '@renovatebot/pep440';

/** Versions that are tried, where a specifier leaves some open: those around every bound that it names. */
function candidates(specifier: string): string[] {
  return [...specifier.matchAll(/\d+(?:\.\d+)*/g)].flatMap(([version]) => {
    const parts = version.split('.').map(Number);
    const last = parts.length - 1;
    const next = [...parts.slice(0, last), (parts[last] ?? 0) + 1].join('.');
    const before = [...parts];
    for (let at = last; at >= 0; at--) {
      const value = before[at] ?? 0;
      if (value > 0) {
        before[at] = value - 1;
        break;
      }
      before[at] = 99;
    }
    return [version, next, before.join('.'), `${version}.1`];
  });
}

/**
 * On which side of a version the versions lie that specifiers (PEP 440) allow.
 * @returns `older` when all are below it, `newer` when none is, `mixed` when the specifiers leave it open, `unknown` when there is none to go by.
 */
export function versionsAllowed(specifiers: readonly string[], bound: string): 'older' | 'newer' | 'mixed' | 'unknown' {
  const said = specifiers.map((each) => each.replaceAll(/\s/g, '')).filter((each) => each !== '');
  if (said.length === 0) return 'unknown';
  let older = false;
  let newer = false;
  for (const specifier of said) {
    const exact = /^===?([\w.+!-]+)$/.exec(specifier)?.[1];
    // `2.1.0+cu118` is 2.1.0 of another build.
    const tried =
      exact === undefined ? [...candidates(specifier), bound, '0.0.1', '9999'] : [exact.replace(/\+.*/, '')];
    for (const version of tried) {
      if (valid(version) === null) continue;
      if (exact === undefined && !allows(specifier, version)) continue;
      if (lt(version, bound)) older = true;
      if (gte(version, bound)) newer = true;
    }
  }
  if (older && newer) return 'mixed';
  return older ? 'older' : newer ? 'newer' : 'unknown';
}

/** Whether a specifier allows a version; false for one that is none. */
export function allows(specifier: string, version: string): boolean {
  try {
    return satisfies(version, specifier, { prereleases: true });
  } catch {
    return false;
  }
}
