import { jsonText, tool } from '../report/json.ts';
import { digestModel, type ModelDigest } from '../signing/signModel.ts';
import { emit, exitCodes, type Command } from './io.ts';
import { hashingOptions, modelHelp, modelOf, modelOptions, reportFile } from './modelArguments.ts';
import { choice, commonHelp, file, flag, readArguments } from './options.ts';
import { progressOn } from './progress.ts';

const help = `Usage: weighbridge digest MODEL [OPTION...]

Prints the digest by which signatures know a model: SHA-256 over the SHA-256 of each of its files. Where the reference client
orders the files in another way, its digest follows in a second line.

Options:
  --signature FILE    The signature to leave out; default: MODEL/model.sig
${modelHelp}  --compat WHO        spec or python: print only the digest of this order of files
  --format FORMAT     text (default) or json (with the digest of each file)

${commonHelp}
Examples:
  weighbridge digest models/sentiment
  weighbridge digest models/sentiment --compat python
`;

export const digest: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('digest', args, {
      ...modelOptions,
      signature: { type: 'string' },
      compat: { type: 'string' },
    });
    const format = choice(values, 'format', ['text', 'json'], 'text');
    const only = choice(values, 'compat', ['both', 'spec', 'python'], 'both');
    const model = modelOf('digest', positionals, io.cwd);
    const signature = file(values, 'signature', io.cwd);
    const output = await reportFile(values, io, model, signature);
    const quiet = flag(values, 'quiet');
    const progress = progressOn(io, quiet);
    try {
      const result = await digestModel(model, hashingOptions(values, io, model, progress, true), signature);
      progress.clear();
      const report = format === 'json' ? jsonOf(result) : textOf(result, only);
      if (!quiet || output !== undefined || format !== 'text') await emit(io, report, output);
      return exitCodes.ok;
    } finally {
      progress.clear();
    }
  },
};

function textOf({ rootDigest, pythonRootDigest }: ModelDigest, only: 'both' | 'spec' | 'python'): string {
  if (only === 'python') return `sha256:${pythonRootDigest}\n`;
  const other = only === 'both' && rootDigest !== pythonRootDigest;
  return `sha256:${rootDigest}\n${other ? `sha256:${pythonRootDigest} (in the order of the reference client)\n` : ''}`;
}

function jsonOf({ rootDigest, pythonRootDigest, files, ignored, hashedBy }: ModelDigest): string {
  const document = {
    schemaVersion: 1,
    tool,
    digest: `sha256:${rootDigest}`,
    pythonDigest: `sha256:${pythonRootDigest}`,
    files: Object.fromEntries(files.map(({ path, algorithm, digest }) => [path, `${algorithm}:${digest ?? ''}`])),
    ignored,
    hashedBy,
  };
  return jsonText(document);
}
