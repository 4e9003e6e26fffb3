import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, relative, sep } from 'node:path';
import { sha256sumLine } from '../../datasets/hashing/folderListing.ts';
import { measure } from '../../datasets/hashing/measure.ts';
import { WeighbridgeError } from '../../errors.ts';
import { onDisk } from '../../files/diskPath.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { uriOfPath } from '../address.ts';
import { changeConfiguration } from '../configurationChange.ts';
import { withKnownClean } from '../configurationEdit.ts';
import type { ServerContext } from '../context.ts';
import type { AddKnownCleanArguments, AddKnownCleanOutcome } from '../protocol.ts';
import { localPath } from '../signing/signatures.ts';
import type { LongWork } from './longWork.ts';

const defaultList = 'known-clean.sha256';

/**
 * Writes the SHA-256 of a file into the list of known-clean checksums, as `sha256sum` writes it: a scan for poisoning says nothing of
 * data that is in it.
 */
export async function addKnownClean(
  context: ServerContext,
  { uri }: AddKnownCleanArguments,
  run: LongWork,
): Promise<AddKnownCleanOutcome> {
  const path = localPath(uri);
  const folder = context.folders.holding(path);
  if (!folder || statSync(onDisk(path), { throwIfNoEntry: false })?.isFile() !== true) {
    throw new WeighbridgeError('bad-usage', 'Only a file in a workspace folder can be listed as known to be clean.');
  }
  const [measured] = await measure([{ path, algorithm: 'sha256' }], {
    root: folder.path,
    cache: null,
    inWorkers: true,
    signal: run.signal,
    onProgress: (done, total) => run.report(basename(path), done, total),
  });
  if (!measured) throw new WeighbridgeError('unreadable', `${basename(path)} cannot be read, or changed meanwhile.`);
  const configured = folder.scanner.configuration.datasets.knownClean;
  const list = configured ?? folder.absolute(defaultList);
  const before = existsSync(list) ? readFileSync(list, 'utf8') : '';
  const known = new RegExp(`^\\\\?${measured.digest}(?:[ \\t]|$)`, 'im').test(before);
  if (!known) {
    const line = sha256sumLine(relative(dirname(list), path).split(sep).join('/'), measured.digest).toString('utf8');
    replaceFile(list, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}`);
    if (configured === null) await changeConfiguration(context, folder, (text) => withKnownClean(text, defaultList));
  }
  if (!context.session.reportsOutcomes) {
    context.session.tell(
      `${basename(path)} ${known ? 'was' : 'is now'} in ${basename(list)}: scans for poisoning say nothing of it.`,
    );
  }
  return { listUri: uriOfPath(list), digest: measured.digest, known };
}
