import { createHash } from 'node:crypto';
import { textOf, type Builtin } from './operands.ts';
import { findN, replace, split } from './regex.ts';
import { compareSemver, isSemver } from './semver.ts';
import { sprintf } from './sprintf.ts';
import { anyAffix, countOf, indexesOf, splitN } from './strings.ts';
import { isSubset } from './subset.ts';
import { addDate, difference, momentOf, parseDuration, parseRfc3339, wallOf } from './time.ts';
import { formatTime, weekdays } from './timeLayout.ts';
import { BuiltinError, integer, type RegoValue } from './value.ts';

/**
 * The functions that compiled policies call outside themselves: exactly those of the restricted capabilities
 * (policies/compiler/capabilities.go) that OPA does not compile into the policy.
 */
export const hostBuiltins: Record<string, Builtin> = {
  sprintf: (format, values) => sprintf(format ?? null, values ?? null),
  'crypto.md5': (text) => digest('md5', text),
  'crypto.sha1': (text) => digest('sha1', text),
  'crypto.sha256': (text) => digest('sha256', text),
  'hex.encode': (text) => Buffer.from(textOf(text)).toString('hex'),
  'hex.decode': (text) => decodeHex(textOf(text)),
  indexof_n: indexesOf,
  'object.subset': isSubset,
  'regex.find_n': findN,
  'regex.replace': replace,
  'regex.split': split,
  'semver.compare': (a, b) => integer(compareSemver(a, b)),
  'semver.is_valid': isSemver,
  'strings.any_prefix_match': (a, b) => anyAffix(a, b, (text, affix) => text.startsWith(affix)),
  'strings.any_suffix_match': (a, b) => anyAffix(a, b, (text, affix) => text.endsWith(affix)),
  'strings.count': countOf,
  'strings.split_n': splitN,
  'time.add_date': addDate,
  'time.clock': (time) => pick(time, ['hour', 'minute', 'second']),
  'time.date': (time) => pick(time, ['year', 'month', 'day']),
  'time.diff': difference,
  'time.format': format,
  'time.parse_duration_ns': parseDuration,
  'time.parse_rfc3339_ns': parseRfc3339,
  'time.weekday': (time) => {
    const { year, month, day } = wallOf(momentOf(time));
    return weekdays[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? '';
  },
};

const digest = (algorithm: string, text: RegoValue): string => createHash(algorithm).update(textOf(text)).digest('hex');

function decodeHex(text: string): string {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) throw new BuiltinError('no hexadecimal text');
  return Buffer.from(text, 'hex').toString();
}

function pick(time: RegoValue, fields: ('year' | 'month' | 'day' | 'hour' | 'minute' | 'second')[]): RegoValue {
  const wall = wallOf(momentOf(time));
  return fields.map((field) => integer(wall[field]));
}

function format(time: RegoValue): string {
  const moment = momentOf(time);
  const wall = wallOf(moment);
  const nanoseconds = Number(((moment.ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  return formatTime(
    wall,
    nanoseconds,
    moment.layout,
    moment.zone === null ? 'UTC' : abbreviation(moment.zone, moment.ns),
  );
}

function abbreviation(zone: string, ns: bigint): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' }).formatToParts(
    new Date(Number(ns / 1_000_000n)),
  );
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone;
}
