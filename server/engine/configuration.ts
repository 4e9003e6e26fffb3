import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultLimits, type Limits } from '../formats/limits.ts';
import type { RuleSetting, Severity } from '../rules/finding.ts';
import { noTrustPolicy, type TrustPolicy } from '../signing/trustPolicy.ts';
import { datasetSettingsOf, type DatasetSettings } from './datasetsSection.ts';
import type { PreprocessingEntry } from './preprocessingSection.ts';
import { noPolicySettings, type PolicySettings } from './policySection.ts';

/** What the configuration says of one rule (or of an area, by `area/*`). */
export interface RuleConfiguration {
  severity?: RuleSetting;
  /** `module.name` or `module.*`: findings of this rule about these imports are left out. */
  allow: string[];
}

/** Everything a team decides once for a repository, from `weighbridge.yaml`. */
export interface Configuration {
  /** The file it was read from, absolute; null when there is none and everything has its default. */
  file: string | null;
  /** The folder that globs and paths are relative to, absolute. */
  folder: string;
  /** gitignore-style globs. What they match is scanned although `.gitignore` or a default leaves it out. */
  include: string[];
  /** gitignore-style globs of what is not scanned; they win over `include`. */
  exclude: string[];
  /** The severity from which on a scan fails. */
  failOn: Severity | 'never';
  /** By rule id (`pickle/unknown-import`) or area (`pickle/*`). */
  rules: Record<string, RuleConfiguration>;
  /** `module.name` or `module.*`: imports that the team vouches for. */
  allowImports: string[];
  /** Absolute path of the baseline, or null. */
  baseline: string | null;
  limits: Limits;
  /** Files longer than this many bytes are not read, and a finding says so; null for no limit. */
  maxFileSize: number | null;
  /** Who may sign which models. */
  trustPolicy: TrustPolicy;
  policy: PolicySettings;
  datasets: DatasetSettings;
  /** How pictures become inputs of models, for scans that run them. */
  preprocessing: readonly PreprocessingEntry[];
  /** Absolute path of a local OSV export: a folder of JSON records, or the ZIP of them; null for none. */
  osv: string | null;
  cache: boolean;
}

/** The name of the configuration file. */
export const configurationFileName = 'weighbridge.yaml';

/** What holds where nothing is configured. */
export function defaultConfiguration(folder: string): Configuration {
  return {
    file: null,
    folder,
    include: [],
    exclude: [],
    failOn: 'error',
    rules: {},
    allowImports: [],
    baseline: null,
    limits: { ...defaultLimits },
    maxFileSize: null,
    trustPolicy: noTrustPolicy,
    policy: noPolicySettings,
    datasets: datasetSettingsOf(undefined, folder),
    preprocessing: [],
    osv: null,
    cache: true,
  };
}

/** The nearest `weighbridge.yaml` in `folder` or above it, or null. */
export function findConfiguration(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, configurationFileName);
    if (existsSync(file)) return file;
    if (dirname(at) === at) return null;
  }
}

/**
 * Reads a configuration file.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, or `bad-config` naming file, line and column.
 */
export async function loadConfiguration(file: string): Promise<Configuration> {
  // The YAML parser is loaded only where there is something to parse: a scan without a configuration starts faster.
  const { readConfigurationFile } = await import('./configurationFile.ts');
  return readConfigurationFile(file);
}

/** The configuration of a workspace folder (the language server): its own file, or the defaults. */
export async function folderConfiguration(folder: string): Promise<Configuration> {
  const file = join(folder, configurationFileName);
  return existsSync(file) ? loadConfiguration(file) : defaultConfiguration(folder);
}
