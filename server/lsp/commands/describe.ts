import { basename } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { comparableText } from '../../report/comparableText.ts';
import { pathOfUri } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type { DescribeArguments, DescribeOutcome } from '../protocol.ts';
import type { LongWork } from './longWork.ts';

/** Says what a model file is in lines that can be compared with those of another one. Every tensor is read. */
export async function describe(
  context: ServerContext,
  { uri }: DescribeArguments,
  run: LongWork,
): Promise<DescribeOutcome> {
  const path = pathOfUri(uri);
  if (path === null) throw new WeighbridgeError('bad-usage', 'Only files on this machine can be compared.');
  const { scanner } = context.folders.of(path);
  const inspected = await scanner.files.inspectFile(path, { signal: run.signal });
  const digests = await scanner.files.digestTensors(path, inspected.inspection, {
    signal: run.signal,
    onProgress: ({ done, total }) => run.report(basename(path), done, total),
  });
  return { text: comparableText(inspected, digests) };
}
