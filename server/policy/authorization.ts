import { version } from '../engine/build.ts';
import type { Json } from '../formats/facts.ts';
import { fieldsOf, listOf, textOf } from './yamlDocument.ts';

/** What `authorize` policies are asked about. Every name is stable: policies write `input.job.environment`. */
export interface JobEvidence {
  name: string | null;
  environment: string | null;
  uses_production_data: boolean;
  changes_training_config: boolean;
  fine_tunes_production_model: boolean;
  datasets: {
    name: string;
    registered: boolean | null;
    environment: string | null;
    classification: string | null;
    consent: string | null;
  }[];
  base_model: { name: string | null; environment: string | null } | null;
  /** The job as it was written, with `job:` around it taken away. */
  raw: Json;
}

const environments: Record<string, string> = {
  dev: 'dev',
  development: 'dev',
  test: 'dev',
  staging: 'staging',
  stage: 'staging',
  prod: 'production',
  production: 'production',
};

/** The evidence document that `authorize` policies judge. @param now RFC 3339. */
export function authorizationInput(subject: { id: string; roles: string[] }, job: JobEvidence, now: string): Json {
  const document = { schema_version: 1, tool: { name: 'weighbridge', version }, now, subject, job };
  return JSON.parse(JSON.stringify(document)) as Json;
}

/** Reads a job submission: YAML or JSON that says where it goes, on which data it trains, and what it starts from. */
export function jobEvidence(document: Json): JobEvidence {
  const outer = fieldsOf(document);
  const job = 'job' in outer && typeof outer['job'] === 'object' ? fieldsOf(outer['job']) : outer;
  const environment = environmentOf(
    first(job, ['environment', 'target_environment', 'target', 'stage', 'submit_to', 'env']),
  );
  const given = job['datasets'] ?? job['dataset'];
  const datasets = (Array.isArray(given) ? given : given === undefined ? [] : [given]).map(datasetOf);
  const base = job['base_model'] ?? job['model'];
  const baseModel = base === undefined ? null : baseModelOf(base);
  const changes = listOf(job['changes']).map(String);
  return {
    name: textOf(job['name']),
    environment,
    uses_production_data:
      isYes(first(job, ['uses_production_data', 'production_data'])) ||
      datasets.some((dataset) => dataset.environment === 'production'),
    changes_training_config:
      isYes(first(job, ['changes_training_config', 'config_changed'])) || changes.some((each) => /config/i.test(each)),
    fine_tunes_production_model:
      isYes(first(job, ['fine_tunes_production_model'])) ||
      baseModel?.environment === 'production' ||
      (/^(?:fine[-_]?tune)/i.test(textOf(job['action']) ?? '') === true &&
        environmentOf(job['base_stage']) === 'production'),
    datasets,
    base_model: baseModel,
    raw: job,
  };
}

function datasetOf(given: Json): JobEvidence['datasets'][number] {
  if (typeof given === 'string') {
    return { name: given, registered: null, environment: inName(given), classification: null, consent: null };
  }
  const fields = fieldsOf(given);
  const name = textOf(fields['name']) ?? textOf(fields['path']) ?? '?';
  return {
    name,
    registered: typeof fields['registered'] === 'boolean' ? fields['registered'] : null,
    environment: environmentOf(first(fields, ['environment', 'stage', 'env'])) ?? inName(name),
    classification: textOf(fields['classification']),
    consent: textOf(fields['consent']),
  };
}

function baseModelOf(given: Json): { name: string | null; environment: string | null } {
  if (typeof given === 'string') return { name: given, environment: inName(given) };
  const fields = fieldsOf(given);
  const name = textOf(fields['name']) ?? textOf(fields['path']);
  return { name, environment: environmentOf(first(fields, ['environment', 'stage', 'env'])) ?? inName(name ?? '') };
}

function first(fields: Record<string, Json>, names: readonly string[]): Json | undefined {
  const name = names.find((each) => fields[each] !== undefined);
  return name === undefined ? undefined : fields[name];
}

/** An unknown name stays as it is: the policy says that it knows no such environment. */
function environmentOf(value: Json | undefined): string | null {
  const text = textOf(value);
  return text === null ? null : (environments[text.toLowerCase()] ?? text);
}

/** `s3://company-prod/users` and `registry/production/churn` say where they belong. */
function inName(name: string): string | null {
  const word = /(?:^|[/:._-])(prod|production|staging)(?:$|[/:._-])/i.exec(name)?.[1];
  return word === undefined ? null : environmentOf(word);
}

/** YAML writes no in many ways; what is not a clear no counts as yes. */
function isYes(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0) return false;
  return typeof value !== 'string' || !/^(?:no|false|off|0)?$/i.test(value);
}
