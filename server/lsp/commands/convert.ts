import { basename } from 'node:path';
import { markOf } from '../findingMark.ts';
import { WeighbridgeError } from '../../errors.ts';
import { pathOfUri, uriOfPath } from '../address.ts';
import { toLspEdit } from '../codeActions.ts';
import type { ServerContext } from '../context.ts';
import type { Folder } from '../folder.ts';
import type { ConvertAllOutcome, ConvertAndUseArguments, ConvertArguments, ConvertOutcome } from '../protocol.ts';
import { artifactOf } from '../usages.ts';
import type { LongWork } from './longWork.ts';

/** Converts one checkpoint; the original stays. */
export async function convert(context: ServerContext, args: ConvertArguments, run: LongWork): Promise<ConvertOutcome> {
  const path = localPath(args.uri);
  const outcome = await convertFile(context.folders.of(path), path, args, run);
  announce(context, outcome);
  return outcome;
}

/** Converts a checkpoint that a text names, and then changes the text to name the result. */
export async function convertAndUse(
  context: ServerContext,
  args: ConvertAndUseArguments,
  run: LongWork,
): Promise<ConvertOutcome> {
  const path = localPath(args.uri);
  const folder = context.folders.of(path);
  const findings = await context.documents.findings(path, folder);
  const finding = findings.find((each) => markOf(each) === args.fingerprint);
  const artifact = finding && artifactOf(finding, folder);
  const change = finding?.edits?.find((edit) => edit.fix === 'convert-and-use');
  if (artifact === undefined || !change) {
    throw new WeighbridgeError(
      'not-found',
      `${basename(path)} no longer names this checkpoint: nothing was converted.`,
    );
  }
  const outcome = await convertFile(folder, folder.absolute(artifact), {}, run);
  const uri = context.documents.uriOf(path);
  const answer = await context.session.connection.workspace.applyEdit({
    label: 'Use the safetensors file',
    edit: { changes: { [uri]: change.changes.map(toLspEdit) } },
  });
  if (!answer.applied) {
    throw new WeighbridgeError(
      'unwritable',
      `${basename(outcome.output)} was written, but ${basename(path)} could not be changed: change the path there by hand.`,
    );
  }
  announce(context, outcome);
  return outcome;
}

/** Converts every checkpoint of the workspace that holds nothing but tensors and has no safetensors file yet. */
export async function convertAll(context: ServerContext, run: LongWork): Promise<ConvertAllOutcome> {
  const outcome: ConvertAllOutcome = { converted: [], skipped: [], cancelled: false };
  const wanted = context.folders
    .all()
    .flatMap((folder) =>
      [...folder.scanner.results().values()]
        .filter(({ artifact }) => artifact?.conversion?.state === 'yes')
        .map(({ path }) => ({ folder, path: folder.absolute(path) })),
    );
  for (const [index, { folder, path }] of wanted.entries()) {
    if (run.signal.aborted) break;
    run.report(basename(path), index, wanted.length);
    try {
      outcome.converted.push(await convertFile(folder, path, {}, run));
    } catch (error) {
      if (!(error instanceof WeighbridgeError)) throw error;
      outcome.skipped.push({ uri: uriOfPath(path), reason: error.message });
    }
  }
  outcome.cancelled = run.signal.aborted;
  if (!context.session.reportsOutcomes) {
    const skipped = outcome.skipped.length > 0 ? `; ${outcome.skipped.length} were left as they are` : '';
    context.session.tell(
      `Converted ${outcome.converted.length} of ${wanted.length} checkpoints to safetensors${skipped}.`,
    );
  }
  return outcome;
}

async function convertFile(
  folder: Folder,
  path: string,
  options: Pick<ConvertArguments, 'tensorsOnly' | 'overwrite'>,
  run: LongWork,
): Promise<ConvertOutcome> {
  const result = await folder.scanner.files.convert(path, {
    tensorsOnly: options.tensorsOnly === true,
    overwrite: options.overwrite === true,
    signal: run.signal,
    onProgress: (done: number, total: number) => run.report(basename(path), done, total),
  });
  folder.changed([path, result.output]);
  await folder.flush();
  return {
    source: uriOfPath(path),
    output: uriOfPath(result.output),
    tensors: result.tensors,
    bytes: result.bytes,
    left: result.dropped,
  };
}

function announce(context: ServerContext, outcome: ConvertOutcome): void {
  if (context.session.reportsOutcomes) return;
  context.session.tell(
    `Wrote ${basename(localPath(outcome.output))} (${outcome.tensors === 1 ? '1 tensor' : `${outcome.tensors} tensors`}). The original is still there.`,
  );
}

function localPath(uri: string): string {
  const path = pathOfUri(uri);
  if (path === null) throw new WeighbridgeError('bad-usage', 'Only files on this machine can be converted.');
  return path;
}
