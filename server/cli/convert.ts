import { relative, resolve } from 'node:path';
import type { ConvertOptions, ConvertResult } from '../convert/convertCheckpoint.ts';
import { isCheckpointIndex } from '../convert/convertIndexFile.ts';
import { defaultOutput } from '../convert/outputPath.ts';
import { slashes } from '../engine/gitignore.ts';
import { WorkspaceScanner } from '../engine/workspaceScanner.ts';
import { WeighbridgeError } from '../errors.ts';
import { tool } from '../report/json.ts';
import { bytesInWords, count, printable } from '../report/printable.ts';
import { complain, emit, exitCodes, messageOf, type Command } from './io.ts';
import { choice, commonHelp, configuration, file, flag, jobs, readArguments, text } from './options.ts';
import { outputFile } from './outputFile.ts';
import { progressOn } from './progress.ts';

const help = `Usage: weighbridge convert FILE... [OPTION...]

Turns PyTorch checkpoints into safetensors. Nothing in them is executed, every tensor is read back and compared, and the
original stays. What holds more than tensors is refused, with the reason. For an index (pytorch_model.bin.index.json)
all its shards are converted.

Options:
  --out FILE          Where to write (one FILE only); default: beside the original
  --overwrite         Replace an output that is already there
  --select KEY        Take the dictionary under this dotted key, such as state_dict
  --tensors-only      Leave out what is not a tensor, and say what it was
  --flatten           Join the names of nested dictionaries with dots
  --duplicate-aliases Write tied tensors under each of their names
  --format FORMAT     text (default) or json

${commonHelp}
Examples:
  weighbridge convert pytorch_model.bin
  weighbridge convert last.ckpt --select state_dict --out model.safetensors
  weighbridge convert checkpoints/*.pt --tensors-only
`;

/** What became of one input. */
interface Outcome {
  input: string;
  results: ConvertResult[];
  output: string | null;
  error: { code: string; message: string } | null;
}

export const convert: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('convert', args, {
      out: { type: 'string' },
      overwrite: { type: 'boolean' },
      select: { type: 'string' },
      'tensors-only': { type: 'boolean' },
      flatten: { type: 'boolean' },
      'duplicate-aliases': { type: 'boolean' },
    });
    const format = choice(values, 'format', ['text', 'json'], 'text');
    const out = file(values, 'out', io.cwd);
    if (positionals.length === 0 || positionals.includes(''))
      throw new WeighbridgeError('bad-usage', 'name the checkpoint to convert: weighbridge convert FILE');
    if (out !== undefined && positionals.length > 1) {
      throw new WeighbridgeError('bad-usage', '--out names one file, so it goes with one FILE');
    }
    const inputs = positionals.map((name) => resolve(io.cwd, name));
    const written = inputs.map((input) => out ?? defaultOutput(input));
    const output = await outputFile(values, io.cwd, [...inputs, ...written]);
    const select = text(values, 'select');
    const options: ConvertOptions = {
      ...(out === undefined ? {} : { out }),
      ...(select === undefined ? {} : { select }),
      overwrite: flag(values, 'overwrite'),
      tensorsOnly: flag(values, 'tensors-only'),
      flatten: flag(values, 'flatten'),
      duplicateAliases: flag(values, 'duplicate-aliases'),
      signal: io.signal,
    };
    const quiet = flag(values, 'quiet');
    const workers = jobs(values);
    const scanner = new WorkspaceScanner({
      base: io.cwd,
      configuration: await configuration(values, io.cwd),
      cache: false,
      ...(workers === undefined ? {} : { jobs: workers }),
    });
    const progress = progressOn(io, quiet);
    const shown = (path: string) => slashes(relative(io.cwd, path));
    try {
      const outcomes: Outcome[] = [];
      for (const input of inputs) {
        const onProgress = (done: number, total: number) => progress.show({ done, total, path: shown(input) });
        const outcome = await convertOne(scanner, input, { ...options, onProgress });
        if (io.signal.aborted) return exitCodes.interrupted;
        progress.clear();
        if (outcome.error) await complain(io, outcome.error.message);
        outcomes.push(outcome);
      }
      await outputFile(
        values,
        io.cwd,
        outcomes.map((outcome) => outcome.output),
      );
      const report = format === 'json' ? jsonOf(outcomes, shown) : outcomes.map((each) => textOf(each, shown)).join('');
      if (!quiet || output !== undefined || format !== 'text') await emit(io, report, output);
      return outcomes.some(({ error }) => error) ? exitCodes.failed : exitCodes.ok;
    } finally {
      progress.clear();
      await scanner.dispose();
    }
  },
};

async function convertOne(scanner: WorkspaceScanner, input: string, options: ConvertOptions): Promise<Outcome> {
  try {
    if (isCheckpointIndex(input)) {
      const { shards, output } = await scanner.files.convertIndex(input, options);
      return { input, results: shards, output, error: null };
    }
    const result = await scanner.files.convert(input, options);
    return { input, results: [result], output: result.output, error: null };
  } catch (error) {
    const code = error instanceof WeighbridgeError ? error.code : 'internal';
    return { input, results: [], output: null, error: { code, message: messageOf(error) } };
  }
}

function textOf({ results }: Outcome, shown: (path: string) => string): string {
  return results
    .map(({ input, output, tensors, bytes, dropped, aliases, notices }) => {
      const tied = Object.keys(aliases).length;
      return [
        `${printable(shown(input))} -> ${printable(shown(output))}: ${count(tensors, 'tensor')}, ${bytesInWords(bytes)}, each compared with the original`,
        ...notices.map((notice) => `  note: ${printable(notice)}`),
        ...(tied > 0 ? [`  ${count(tied, 'tied name')} left out; safetensors loaders tie them again`] : []),
        ...dropped.map(({ key, what }) => `  left out: ${printable(key)} (${printable(what)})`),
        '',
      ].join('\n');
    })
    .join('');
}

function jsonOf(outcomes: readonly Outcome[], shown: (path: string) => string): string {
  const conversions = outcomes.map(({ input, output, results, error }) => ({
    input: shown(input),
    output: output === null ? null : shown(output),
    error,
    results: results.map((result) => ({ ...result, input: shown(result.input), output: shown(result.output) })),
  }));
  return `${JSON.stringify({ schemaVersion: 1, tool, conversions }, null, 2)}\n`;
}
