import { isMap, isScalar, parseDocument, type Document } from 'yaml';
import { WeighbridgeError } from '../errors.ts';
import type { RuleSetting } from '../rules/finding.ts';

const empty = 'version: 1\n';

/** A change of one stretch of text, in UTF-16 offsets. */
export interface Replacement {
  from: number;
  to: number;
  text: string;
}

/**
 * `weighbridge.yaml` with the severity of one rule set; everything else, comments included, stays as it is.
 * @param text the file as it stands, or null when there is none.
 * @throws {WeighbridgeError} `bad-config` when the file cannot be read as YAML.
 */
export function withSeverity(text: string | null, ruleId: string, setting: RuleSetting): string {
  const document = open(text);
  const rule: unknown = document.getIn(['rules', ruleId], true);
  // Both spellings are allowed: `rule: off` and `rule: { severity: off, allow: [...] }`.
  if (isMap(rule)) document.setIn(['rules', ruleId, 'severity'], setting);
  else if (isScalar(rule)) rule.value = setting;
  else document.setIn(['rules', ruleId], setting);
  return print(document, text);
}

/** `weighbridge.yaml` with a baseline named, when it names none. */
export function withBaseline(text: string | null, baseline: string): string {
  const document = open(text);
  if (document.get('baseline') === undefined) document.set('baseline', baseline);
  return print(document, text);
}

/** `weighbridge.yaml` with a list of known-clean checksums named, when it names none. */
export function withKnownClean(text: string | null, list: string): string {
  const document = open(text);
  if (document.getIn(['datasets', 'known-clean']) === undefined) document.setIn(['datasets', 'known-clean'], list);
  return print(document, text);
}

/** The shortest replacement that turns `before` into `after`. */
export function replacement(before: string, after: string): Replacement {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) from++;
  let tail = 0;
  while (tail < shorter - from && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { from, to: before.length - tail, text: after.slice(from, after.length - tail) };
}

/** Prints in the manner in which the file is written already. */
function print(document: Document, before: string | null): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: /[[{] /.test(before ?? '') });
}

function open(text: string | null): Document {
  const document = parseDocument(text === null || text.trim() === '' ? empty : text, { keepSourceTokens: true });
  const [error] = document.errors;
  if (error) {
    throw new WeighbridgeError(
      'bad-config',
      `weighbridge.yaml cannot be changed because it is no valid YAML: ${error.message.split('\n')[0] ?? ''}`,
    );
  }
  return document;
}
