import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { WeighbridgeError } from '../errors.ts';
import { rules } from '../rules/index.ts';
import type { RuleSetting, Severity } from '../rules/finding.ts';
import { defaultConfiguration, type Configuration, type RuleConfiguration } from './configuration.ts';
import { checkShape, type Mistake, type Plain } from './configurationCheck.ts';
import { configurationShape, sizePattern } from './configurationTable.ts';
import { datasetSettingsOf } from './datasetsSection.ts';
import { record, strings } from './plain.ts';
import { policySettingsOf } from './policySection.ts';
import { preprocessingOf } from './preprocessingSection.ts';
import { trustPolicyOf } from './signingSection.ts';

/** A mistake in a configuration file, at a 1-based line and column. */
export interface ConfigurationMistake {
  line: number;
  column: number;
  message: string;
}

/**
 * Reads and checks a configuration file.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, or `bad-config` naming file, line and column.
 */
export function readConfigurationFile(file: string): Configuration {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing
      ? new WeighbridgeError('not-found', `there is no configuration file ${file}`, { cause })
      : new WeighbridgeError('unreadable', `cannot read the configuration ${file}: ${(cause as Error).message}`, {
          cause,
        });
  }
  return parseConfiguration(text, file);
}

/** @throws {WeighbridgeError} `bad-config` for the first mistake, saying how many more there are. */
export function parseConfiguration(text: string, file: string): Configuration {
  const { configuration, mistakes } = checkConfiguration(text, file);
  const [first, ...more] = mistakes;
  if (!first) return configuration;
  const rest = more.length ? ` (and ${more.length} more mistake${more.length > 1 ? 's' : ''})` : '';
  throw new WeighbridgeError('bad-config', `${shown(file)}:${first.line}:${first.column}: ${first.message}${rest}`);
}

/** All mistakes of a configuration text, and what holds for the parts that are right. */
export function checkConfiguration(
  text: string,
  file: string,
): { configuration: Configuration; mistakes: ConfigurationMistake[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const mistakes: Mistake[] = document.errors.map((error) => ({
    offset: error.pos[0],
    message: oneLine(error.message),
  }));
  let value: Plain;
  if (mistakes.length === 0) {
    const ids = rules.map(({ meta }) => meta.id);
    value = checkShape(document, configurationShape, ids, (offset, message) => mistakes.push({ offset, message }));
  }
  return {
    configuration: toConfiguration(value, file),
    mistakes: mistakes.map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col), message };
    }),
  };
}

function toConfiguration(value: Plain, file: string): Configuration {
  const folder = dirname(file);
  const result = { ...defaultConfiguration(folder), file };
  if (typeof value !== 'object' || Array.isArray(value)) return result;
  const limits = record(value['limits']);
  const configured: Partial<Configuration['limits']> = {};
  for (const [key, name] of limitNames) {
    const given = limits[key];
    if (given !== undefined) configured[name] = bytes(given);
  }
  const baseline = value['baseline'];
  return {
    ...result,
    include: strings(value['include']),
    exclude: strings(value['exclude']),
    failOn: (value['fail-on'] as Severity | 'never' | undefined) ?? 'error',
    rules: Object.fromEntries(Object.entries(record(value['rules'])).map(([id, rule]) => [id, ruleOf(rule)])),
    allowImports: strings(value['allow-imports']),
    baseline: typeof baseline === 'string' ? resolve(folder, baseline) : null,
    limits: { ...result.limits, ...configured },
    maxFileSize: limits['max-file-size'] === undefined ? null : bytes(limits['max-file-size']),
    trustPolicy: trustPolicyOf(value['signing'], folder),
    policy: policySettingsOf(value['policy'], folder),
    datasets: datasetSettingsOf(value['datasets'], folder),
    preprocessing: preprocessingOf(value['preprocessing']),
    osv: osvOf(value['vulnerabilities'], folder),
    cache: value['cache'] !== false,
  };
}

/** The export that `vulnerabilities` names. */
function osvOf(section: Plain | undefined, folder: string): string | null {
  const path = section === undefined ? undefined : record(section)['osv'];
  return typeof path === 'string' && path !== '' ? resolve(folder, path) : null;
}

const limitNames = [
  ['depth', 'depth'],
  ['entries', 'entries'],
  ['expanded-bytes', 'expandedBytes'],
  ['ratio', 'ratio'],
  ['opcodes', 'opcodes'],
  ['time-ms', 'timeMs'],
] as const;

function ruleOf(value: Plain): RuleConfiguration {
  if (typeof value === 'string') return { severity: value as RuleSetting, allow: [] };
  const fields = record(value);
  const severity = fields['severity'];
  return { ...(severity ? { severity: severity as RuleSetting } : {}), allow: strings(fields['allow']) };
}

const units: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

function bytes(value: Plain): number {
  if (typeof value === 'number') return value;
  const match = typeof value === 'string' ? sizePattern.exec(value) : null;
  return match ? Math.floor(Number(match[1]) * (units[match[2] ?? 'B'] ?? 1)) : 0;
}

function oneLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

/** The path as a person would write it from where they stand. */
function shown(file: string): string {
  const near = relative(process.cwd(), file);
  return near && !near.startsWith('..') && !isAbsolute(near) ? near : file;
}
