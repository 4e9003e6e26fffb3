import { wellFormed } from '../files/diskPath.ts';

export interface JUnitCase {
  className: string;
  name: string;
  /** In seconds; left out where nothing was measured. */
  seconds?: number;
  /** What went wrong; undefined for a case that passed. */
  failure?: { message: string; text: string; isError?: boolean };
  skipped?: boolean;
}

/** A suite in the XML that continuous integration reads as "JUnit" (https://github.com/testmoapp/junitxml). */
export function junitReport(suite: string, cases: readonly JUnitCase[]): string {
  const failures = cases.filter(({ failure }) => failure && !failure.isError).length;
  const errors = cases.filter(({ failure }) => failure?.isError).length;
  const skipped = cases.filter((each) => each.skipped).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escaped(suite)}" ${counts}>`,
    ...cases.map(element),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function element({ className, name, seconds, failure, skipped }: JUnitCase): string {
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`;
  const open = `    <testcase classname="${escaped(className)}" name="${escaped(name)}"${time}`;
  if (failure) {
    const tag = failure.isError ? 'error' : 'failure';
    return `${open}><${tag} message="${escaped(failure.message)}">${escaped(failure.text)}</${tag}></testcase>`;
  }
  return skipped ? `${open}><skipped/></testcase>` : `${open}/>`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };

/** XML 1.0 has no other control characters at all. */
function escaped(text: string): string {
  return wellFormed(text)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\n]/g, (character) => entities[character] ?? '');
}
