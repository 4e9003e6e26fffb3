import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { GivenFields } from '../../datasets/record/newRecord.ts';
import { partPhrases } from '../../datasets/registers/facts.ts';
import { WeighbridgeError } from '../../errors.ts';
import { uriOfPath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type { RegisterDatasetArguments, RegisterDatasetOutcome } from '../protocol.ts';
import { localPath } from '../signing/signatures.ts';
import type { LongWork } from './longWork.ts';

/** Writes the record of a dataset beside it. What has to be asked of a person is told as an outcome, and the client comes again. */
export async function registerDataset(
  context: ServerContext,
  args: RegisterDatasetArguments,
  run: LongWork,
): Promise<RegisterDatasetOutcome> {
  const path = localPath(args.uri);
  const folder = context.folders.holding(path);
  if (!folder) {
    throw new WeighbridgeError(
      'bad-usage',
      'Only data in a workspace folder can be registered: open the folder first.',
    );
  }
  const { registerDataset: register, recordFileOf } = await import('../../engine/registerDataset.ts');
  const record = recordFileOf(path);
  if (context.documents.isOpen(record) && isDirty(context, record)) {
    throw new WeighbridgeError('bad-usage', `Save ${basename(record)} first: it has changes that would be lost.`);
  }
  try {
    const registered = await register({
      path,
      base: folder.path,
      given: fieldsOf(args.fields ?? {}),
      update: args.update === true,
      from: args.from === undefined ? null : localPath(args.from),
      environment: process.env,
      mayUseCache: folder.scanner.configuration.cache,
      isolate: true,
      signal: run.signal,
      onProgress: (done, total, at) => run.report(basename(at), done, total),
    });
    folder.changed([registered.file]);
    await folder.flush();
    const { missing, takenFrom, file } = registered;
    if (!context.session.reportsOutcomes) {
      const open = missing.map((part) => partPhrases[part]).join(', ');
      const rest = open === '' ? '' : ` Still open: ${open}.`;
      context.session.tell(`Registered ${basename(path)} in ${basename(file)}.${rest}`);
    }
    const line = lineOf(file, registered.record.path);
    return { state: 'registered', uri: args.uri, recordUri: uriOfPath(file), line, missing, takenFrom };
  } catch (error) {
    if (!(error instanceof WeighbridgeError) || error.code !== 'exists') throw error;
    const text = `${basename(path)} is registered already. Registering it again records what it is now; a validation of what it was is dropped.`;
    return { state: 'exists', recordUri: uriOfPath(record), text };
  }
}

/** What a client sent need not be what the protocol says. */
function fieldsOf(fields: NonNullable<RegisterDatasetArguments['fields']>): GivenFields {
  const given: GivenFields = {};
  for (const key of ['name', 'source', 'licence', 'by', 'validated'] as const) {
    const value: unknown = fields[key];
    if (typeof value === 'string' && value.trim() !== '') given[key] = value.trim();
  }
  const steps: unknown = fields.transforms;
  if (Array.isArray(steps)) {
    given.transforms = steps.filter((step): step is string => typeof step === 'string' && step.trim() !== '');
  }
  return given;
}

function isDirty(context: ServerContext, file: string): boolean {
  const open = context.documents.get(file)?.getText();
  return open !== undefined && existsSync(file) && open !== readFileSync(file, 'utf8');
}

/** The 1-based line of a record in its file. */
function lineOf(file: string, path: string): number {
  const lines = readFileSync(file, 'utf8').split('\n');
  return Math.max(1, lines.findIndex((line) => line.trim() === `"path": ${JSON.stringify(path)},`) + 1);
}
