import { dirname, relative, resolve } from 'node:path';
import { slashes } from '../../engine/gitignore.ts';
import { registerDataset, type Registered } from '../../engine/registerDataset.ts';
import { repositoryOf } from '../../engine/verifyDatasets.ts';
import { type GivenFields, isRecordTime } from '../../datasets/record/newRecord.ts';
import type { Classification } from '../../datasets/record/record.ts';
import type { ProvenancePart } from '../../datasets/registers/facts.ts';
import { WeighbridgeError } from '../../errors.ts';
import { jsonText, tool } from '../../report/json.ts';
import { count, printable } from '../../report/printable.ts';
import { complain, emit, exitCodes, type Io } from '../io.ts';
import { choice, file, flag, readArguments, text, texts, type OptionValues } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { progressOn } from '../progress.ts';
import { signerOf, signerOptions } from '../signer.ts';
import { spreadValues } from '../modelArguments.ts';

/** `weighbridge dataset register`. */
export async function registerData(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('dataset', spreadValues(args, ['--chain']), {
    ...signerOptions,
    name: { type: 'string' },
    version: { type: 'string' },
    source: { type: 'string' },
    'source-version': { type: 'string' },
    licence: { type: 'string' },
    license: { type: 'string' },
    by: { type: 'string' },
    'ingested-at': { type: 'string' },
    validated: { type: 'string' },
    failed: { type: 'boolean' },
    'valid-until': { type: 'string' },
    transform: { type: 'string', multiple: true },
    untransformed: { type: 'boolean' },
    classification: { type: 'string' },
    'personal-data': { type: 'string' },
    'legal-basis': { type: 'string' },
    consent: { type: 'string' },
    from: { type: 'string' },
    update: { type: 'boolean' },
  });
  const [named, second] = positionals;
  if (named === undefined || named === '' || second !== undefined) {
    throw new WeighbridgeError('bad-usage', 'name one file or folder of data: weighbridge dataset register PATH');
  }
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const given = givenBy(values);
  const path = resolve(io.cwd, named);
  const signs = ['key', 'pkcs11', 'sigstore', 'identity-token'].some((name) => values[name] !== undefined);
  const output = await outputFile(values, io.cwd, [path]);
  const quiet = flag(values, 'quiet');
  const progress = progressOn(io, quiet);
  // Whose key it is, is asked before anything is written.
  const signer = signs ? await signerOf(values, io) : null;
  try {
    const registered = await registerDataset({
      path,
      base: repositoryOf(path),
      given,
      update: flag(values, 'update'),
      from: file(values, 'from', io.cwd) ?? null,
      environment: io.environment,
      mayUseCache: !flag(values, 'no-cache') && !io.environment['CI'],
      isolate: false,
      signal: io.signal,
      onProgress: (done, total, at) =>
        progress.show({ done: Math.round(done / 1e6), total: Math.round(total / 1e6), path: `MB  ${at}` }),
    });
    let signature: string | null = null;
    if (signer) {
      const { signModel } = await import('../../signing/signModel.ts');
      for (const warning of signer.warnings) await complain(io, `warning: ${warning}`);
      signature = (await signModel({ model: registered.file, signer, signal: io.signal })).signature;
    }
    progress.clear();
    const shown = (file: string) => slashes(relative(io.cwd, file)) || '.';
    const report =
      format === 'json' ? jsonOf(registered, signature, shown) : textOf(named, registered, signature, shown);
    if (!quiet || output !== undefined || format !== 'text') await emit(io, report, output);
    return exitCodes.ok;
  } finally {
    progress.clear();
    await signer?.dispose?.();
  }
}

function givenBy(values: OptionValues): GivenFields {
  const one = (name: string): string | undefined => {
    const value = text(values, name)?.trim();
    if (value === '') throw new WeighbridgeError('bad-usage', `--${name} needs a value`);
    return value;
  };
  const time = (name: string): string | undefined => {
    const value = one(name);
    const full = value !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value;
    if (full === undefined || isRecordTime(full)) return full;
    throw new WeighbridgeError(
      'bad-usage',
      `--${name} must be a date or a time such as 2026-05-01T10:00:00Z, not "${full}"`,
    );
  };
  const steps = texts(values, 'transform').map((step) => step.trim());
  if (steps.includes('')) throw new WeighbridgeError('bad-usage', '--transform needs a value');
  if (steps.length > 0 && flag(values, 'untransformed')) {
    throw new WeighbridgeError('bad-usage', 'say --transform or --untransformed, not both');
  }
  for (const name of ['failed', 'valid-until']) {
    if (values[name] !== undefined && values['validated'] === undefined) {
      throw new WeighbridgeError('bad-usage', `--${name} is about a validation: say --validated CHECK, too`);
    }
  }
  const classification = classificationBy(values, one);
  const fields: Record<keyof GivenFields, GivenFields[keyof GivenFields]> = {
    name: one('name'),
    version: one('version'),
    source: one('source'),
    sourceVersion: one('source-version'),
    licence: one('licence') ?? one('license'),
    by: one('by'),
    ingestedAt: time('ingested-at'),
    validated: one('validated'),
    validation: flag(values, 'failed') ? 'failed' : undefined,
    validUntil: time('valid-until'),
    transforms: flag(values, 'untransformed') ? [] : steps.length > 0 ? steps : undefined,
    classification,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function classificationBy(values: OptionValues, one: (name: string) => string | undefined): Classification | undefined {
  const others = ['personal-data', 'legal-basis', 'consent'].filter((name) => values[name] !== undefined);
  if (values['classification'] === undefined) {
    if (others[0] === undefined) return undefined;
    throw new WeighbridgeError(
      'bad-usage',
      `--${others[0]} belongs to a classification: say --classification LEVEL, too`,
    );
  }
  const [basis, consent] = [one('legal-basis'), one('consent')];
  return {
    level: choice(values, 'classification', ['public', 'internal', 'confidential', 'regulated'], 'internal'),
    ...(values['personal-data'] === undefined
      ? {}
      : {
          personalData: choice(
            values,
            'personal-data',
            ['none', 'pseudonymous', 'personal', 'special-category'],
            'none',
          ),
        }),
    ...(basis === undefined ? {} : { legalBasis: basis }),
    ...(consent === undefined ? {} : { consent }),
  };
}

const optionsFor: Record<ProvenancePart, string> = {
  source: '--source URI',
  ingestedBy: '--by WHO',
  validatedAt: '--validated CHECK',
  transforms: '--transform STEP or --untransformed',
  hash: '',
};

function textOf(
  named: string,
  { file, record, missing, takenFrom }: Registered,
  signature: string | null,
  shown: (file: string) => string,
): string {
  const { digest, size, files, algorithm } = record.hash;
  const many = files === undefined ? '' : `, ${count(files, 'file')}`;
  return [
    `registered ${printable(named)}: ${printable(shown(file))}`,
    `  hash         ${algorithm}:${digest} (${(size ?? 0).toLocaleString('en')} bytes${many})`,
    `  source       ${record.source ? printable(record.source.uri) : 'not known'}`,
    `  ingested by  ${record.ingestedBy ? `${printable(record.ingestedBy.agent)}, ${record.ingestedBy.at}` : 'not known'}`,
    `  validated    ${record.validatedAt ? `${record.validatedAt.at}: ${printable(record.validatedAt.check)}, ${record.validatedAt.result}` : 'not yet'}`,
    `  transforms   ${stepsOf(record)}`,
    ...(takenFrom.length > 0 ? [`  taken from   ${takenFrom.map(printable).join(', ')}`] : []),
    ...(signature === null ? [] : [`  signed       ${printable(shown(signature))}`]),
    ...(missing.length === 0
      ? []
      : [`Still open: say --update with ${missing.map((part) => optionsFor[part]).join(', ')}.`]),
    '',
  ].join('\n');
}

function stepsOf({ transforms }: Registered['record']): string {
  if (transforms === null) return 'not known';
  return transforms === 'none' ? 'none' : transforms.map(({ step }) => printable(step)).join('; ');
}

function jsonOf(
  { file, record, missing, takenFrom }: Registered,
  signature: string | null,
  shown: (file: string) => string,
): string {
  return jsonText({
    schemaVersion: 1,
    tool,
    dataset: shown(resolve(dirname(file), record.path)),
    file: shown(file),
    record,
    missing,
    takenFrom,
    signature: signature === null ? null : shown(signature),
  });
}
