import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { slashes } from '../../engine/gitignore.ts';
import type { DatasetState } from '../../engine/datasetStates.ts';
import { repositoryOf, verifyDatasets } from '../../engine/verifyDatasets.ts';
import { registerNames } from '../../datasets/registers/facts.ts';
import { WeighbridgeError } from '../../errors.ts';
import type { Colours } from '../../report/colour.ts';
import { jsonText, tool } from '../../report/json.ts';
import { count, printable } from '../../report/printable.ts';
import { coloursFor, emit, exitCodes, type Io } from '../io.ts';
import { spreadValues } from '../modelArguments.ts';
import { choice, configuration, flag, readArguments, type OptionTable } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { progressOn } from '../progress.ts';
import { signatureOfRecord, type RecordSignature } from './recordSignature.ts';

/** Whom to trust over records, as `weighbridge verify` takes it. */
const trustOptions: OptionTable = {
  key: { type: 'string' },
  'certificate-chain': { type: 'string', multiple: true },
  identity: { type: 'string' },
  'identity-provider': { type: 'string' },
  'trusted-root': { type: 'string' },
};

/** `weighbridge dataset verify`. */
export async function verifyData(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('dataset', spreadValues(args, ['--certificate-chain']), {
    ...trustOptions,
    signed: { type: 'boolean' },
  });
  if (positionals.includes(''))
    throw new WeighbridgeError('bad-usage', 'name the data to verify: weighbridge dataset verify PATH');
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const settings = await configuration(values, io.cwd);
  const paths = (positionals.length > 0 ? positionals : ['.']).map((path) => resolve(io.cwd, path));
  const output = await outputFile(values, io.cwd, [...paths, settings.file]);
  const quiet = flag(values, 'quiet');
  const progress = progressOn(io, quiet);
  const [first = io.cwd] = paths;
  const base = repositoryOf(first);
  let states: DatasetState[];
  const signatures = new Map<string, RecordSignature>();
  try {
    states = await verifyDatasets({
      paths,
      base,
      configuration: settings,
      mayUseCache: !flag(values, 'no-cache') && !io.environment['CI'],
      signal: io.signal,
      onProgress: (done, total, path) =>
        progress.show({ done: Math.round(done / 1e6), total: Math.round(total / 1e6), path: `MB  ${path}` }),
    });
    const own = states.flatMap(({ records }) => records.filter(({ kind }) => kind === 'provenance'));
    for (const record of new Set(own.map(({ path }) => path))) {
      const file = join(base, record);
      if (!existsSync(`${file}.sig`) && !flag(values, 'signed')) continue;
      signatures.set(record, await signatureOfRecord(file, values, io));
    }
  } finally {
    progress.clear();
  }
  const shown = (path: string) => slashes(relative(io.cwd, join(base, path))) || '.';
  if (!quiet || output !== undefined || format !== 'text') {
    const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
    await emit(
      io,
      format === 'json' ? jsonOf(states, signatures, shown) : textOf(states, signatures, shown, colours),
      output,
    );
  }
  const holds = states.every(({ state }) => state === 'verified' || state === 'no-digest' || state === 'not-fetched');
  const isSigned = [...signatures.values()].every(({ verified }) => verified);
  const something = states.some(({ state }) => state === 'verified');
  // Nothing that was compared proves nothing.
  return holds && isSigned && something ? exitCodes.ok : exitCodes.findings;
}

const words: Record<DatasetState['state'], string> = {
  verified: 'verified',
  mismatch: 'MISMATCH',
  'no-digest': 'no hash',
  'not-fetched': 'not fetched',
  missing: 'missing',
  unknown: 'not verified',
  unregistered: 'UNREGISTERED',
};

function textOf(
  states: readonly DatasetState[],
  signatures: ReadonlyMap<string, RecordSignature>,
  shown: (path: string) => string,
  colours: Colours,
): string {
  if (states.length === 0) return 'There are no registers of datasets here, and no data that one speaks of.\n';
  const lines = states.flatMap((state) => {
    const good = state.state === 'verified';
    const bad = state.state === 'mismatch' || state.state === 'unregistered';
    const word = words[state.state].padEnd(12);
    return [
      `${good ? colours.strong(word) : bad ? colours.severity('error', word) : word} ${printable(shown(state.path))}${aboutOf(state)}`,
      ...state.records.flatMap((record) =>
        record.digests
          .filter(({ matches }) => matches === false)
          .map(
            ({ algorithm, recorded, actual }) =>
              `             ${printable(shown(record.path))}:${record.line} says ${algorithm} ${printable(recorded)}, and it is ${actual ?? 'of another kind'}`,
          ),
      ),
      ...(state.state === 'unregistered'
        ? [`             Register it: weighbridge dataset register ${printable(shown(state.path))}`]
        : []),
      ...(state.validation?.problem ? [`             the validation ${state.validation.problem}`] : []),
    ];
  });
  const signed = [...signatures].map(
    ([record, { verified, text }]) =>
      `${verified ? colours.strong('signed      ') : colours.severity('error', 'NOT SIGNED  ')} ${printable(shown(record))}: ${printable(text)}`,
  );
  const verified = states.filter(({ state }) => state === 'verified').length;
  const wrong = states.filter(
    ({ state }) => state === 'mismatch' || state === 'unregistered' || state === 'missing',
  ).length;
  return `${[...lines, ...signed].join('\n')}\n\n${count(states.length, 'dataset')}: ${verified} verified, ${wrong} not.\n`;
}

function aboutOf({ records, ingestedBy, validation }: DatasetState): string {
  const kinds = [...new Set(records.map(({ kind }) => registerNames[kind]))].join(', ');
  const parts = [
    kinds,
    ingestedBy ? `by ${printable(ingestedBy)}` : '',
    validation ? `validated ${validation.at.slice(0, 10)}` : '',
  ];
  const about = parts.filter((part) => part !== '').join('; ');
  return about === '' ? '' : ` (${about})`;
}

function jsonOf(
  states: readonly DatasetState[],
  signatures: ReadonlyMap<string, RecordSignature>,
  shown: (path: string) => string,
): string {
  return jsonText({
    schemaVersion: 1,
    tool,
    datasets: states.map((state) => ({
      ...state,
      path: shown(state.path),
      records: state.records.map((record) => ({ ...record, path: shown(record.path) })),
    })),
    signatures: Object.fromEntries([...signatures].map(([record, signature]) => [shown(record), { ...signature }])),
  });
}
