import { relative } from 'node:path';
import { signBom, verifyBom } from '../aibom/signature.ts';
import { slashes } from '../engine/gitignore.ts';
import { WeighbridgeError } from '../errors.ts';
import { tool } from '../report/json.ts';
import { printable } from '../report/printable.ts';
import { named, outOf, readBom, readDocument } from './aibomDocuments.ts';
import { writeDocument } from './aibomOutput.ts';
import { emit, exitCodes, type Io } from './io.ts';
import { choice, file, flag, type OptionValues, readArguments } from './options.ts';
import { outputFile } from './outputFile.ts';

/** Signs a bill of materials inside the document: in place, or into `--out`. */
export async function signAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('aibom', args, { key: { type: 'string' }, out: { type: 'string' } });
  const [path = ''] = named('sign', positionals, 1, 1, io);
  const signed = signBom(readBom(path), readDocument(keyFile(values, io, 'private')));
  await writeDocument(`${JSON.stringify(signed, null, 2)}\n`, outOf(values, io) ?? path, io);
  return exitCodes.ok;
}

export async function verifyAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('aibom', args, { key: { type: 'string' } });
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const [path = ''] = named('verify', positionals, 1, 1, io);
  const output = await outputFile(values, io.cwd, [path]);
  const result = verifyBom(readBom(path), readDocument(keyFile(values, io, 'public')));
  const shown = slashes(relative(io.cwd, path));
  const words = result.verified
    ? `${printable(shown)}: verified (${result.algorithm}${result.dialect === 'cdxgen' ? ", cdxgen's dialect: algorithm and key are not signed" : ''})`
    : `${printable(shown)}: not verified: ${result.reason}`;
  const report =
    format === 'json'
      ? `${JSON.stringify({ schemaVersion: 1, tool, path: shown, ...result }, null, 2)}\n`
      : `${words}\n`;
  if (!flag(values, 'quiet') || output !== undefined) await emit(io, report, output);
  return result.verified ? exitCodes.ok : exitCodes.findings;
}

function keyFile(values: OptionValues, io: Io, kind: 'private' | 'public'): string {
  const key = file(values, 'key', io.cwd);
  if (key === undefined) throw new WeighbridgeError('bad-usage', `name the ${kind} key: --key FILE.pem`);
  return key;
}
