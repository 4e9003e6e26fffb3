import { relative } from 'node:path';
import { GlobSet } from '../engine/gitignore.ts';
import { WeighbridgeError } from '../errors.ts';
import { endOf } from '../rules/policy/expiry.ts';
import type { PolicyReason } from './outcome.ts';
import { fieldsOf, linesOfItems, listOf, readYamlDocument, textOf } from './yamlDocument.ts';

/** An accepted breach of one rule, for a while. */
export interface PolicyException {
  /** The id of the rule, such as `gate/format`. */
  rule: string;
  /** One gate; null for all. */
  gate: string | null;
  /** Globs of models, as in .gitignore, relative to the configuration's folder. */
  models: string[];
  /** Only for the model with this digest; null for any. */
  digest: string | null;
  owner: string;
  reason: string;
  /** RFC 3339 date or time; a date lasts until its end in UTC. */
  expires: string;
  /** Where it is written. */
  file: string;
  /** 1-based. */
  line: number;
}

/**
 * @param base what the name of the file is told relative to, absolute.
 * @throws {WeighbridgeError} `bad-config` for one that lacks owner, reason, scope or expiry.
 */
export function readExceptions(file: string | null, base: string): PolicyException[] {
  if (file === null) return [];
  const { exceptions } = fieldsOf(readYamlDocument(file));
  const lines = linesOfItems(file, 'exceptions');
  return listOf(exceptions).map((given, index) => {
    const fields = fieldsOf(given);
    const models = listOf(fields['models']).filter((glob) => typeof glob === 'string');
    const wanted = (name: string): string => {
      const value = textOf(fields[name]);
      if (value !== null) return value;
      throw new WeighbridgeError('bad-config', `${file}: exception ${index + 1} needs "${name}"`);
    };
    if (models.length === 0) {
      throw new WeighbridgeError(
        'bad-config',
        `${file}: exception ${index + 1} needs "models": globs of what it is for`,
      );
    }
    const expires = wanted('expires');
    if (Number.isNaN(endOf(expires))) {
      throw new WeighbridgeError(
        'bad-config',
        `${file}: exception ${index + 1} expires on "${expires}", which is no date`,
      );
    }
    return {
      rule: wanted('rule'),
      gate: textOf(fields['gate']),
      models,
      digest: textOf(fields['digest']),
      owner: wanted('owner'),
      reason: wanted('reason'),
      expires,
      file: relative(base, file).replaceAll('\\', '/'),
      line: lines[index] ?? 1,
    };
  });
}

export interface AppliedExceptions {
  deny: PolicyReason[];
  excepted: { reason: PolicyReason; exception: PolicyException }[];
  /** Exceptions for this gate and this model that are over, whether they would take back anything or not. */
  expired: PolicyException[];
}

/** What is left of the denials of a gate about a model. @param model absolute path. @param folder the configuration's. */
export async function applyExceptions(
  reasons: readonly PolicyReason[],
  exceptions: readonly PolicyException[],
  of: { gate: string; model: string | null; digest: string | null; folder: string; now: number },
): Promise<AppliedExceptions> {
  const applied: AppliedExceptions = { deny: [], excepted: [], expired: [] };
  const fitting: PolicyException[] = [];
  for (const exception of exceptions) {
    if (exception.gate !== null && exception.gate !== of.gate) continue;
    if (exception.digest !== null && bare(exception.digest) !== bare(of.digest ?? '')) continue;
    const globs = await GlobSet.of(of.folder, exception.models);
    if (of.model === null || !(globs?.match(of.model, true) ?? false)) continue;
    fitting.push(exception);
  }
  for (const reason of reasons) {
    const candidates = fitting.filter(({ rule }) => rule === reason.rule);
    const valid = candidates.find(({ expires }) => endOf(expires) >= of.now);
    if (valid) applied.excepted.push({ reason, exception: valid });
    else applied.deny.push(reason);
  }
  applied.expired = fitting.filter(({ expires }) => endOf(expires) < of.now);
  return applied;
}

const bare = (digest: string): string => digest.replace(/^sha256:/, '').toLowerCase();
