import { nearest } from '../engine/nearest.ts';
import { WeighbridgeError } from '../errors.ts';
import type { Command } from './io.ts';
import { commonHelp } from './options.ts';

const help = `Usage: weighbridge dataset scan PATH... [--baseline FILE] [--text FIELD]... [--label FIELD]

Looks for poisoned rows in JSONL, CSV, TSV and plain text, in a file of any length. Nothing is sent anywhere.

  scan  Reads every record, and compares the rows that are new with the version that was accepted before

Options of scan:
  --baseline FILE   The accepted version: rows of PATH that are not in it are new, and are compared with it. Without it only
                    what a file shows by itself is found
  --text FIELD      A field that holds text; may be repeated. Default: the fields that hold words
  --label FIELD     The field that holds the class. Default: a field named label, class, target or the like
  --fail-on LEVEL   error (default), warning, info or never: the severity from which on the exit code is 1
  --format FORMAT   text (default), json or sarif

${commonHelp}
Examples:
  weighbridge dataset scan data/train.jsonl --baseline accepted/train.jsonl
  weighbridge dataset scan data/new.csv --baseline data/accepted.csv --text review --label sentiment --format json
`;

const actions: Record<string, () => Promise<Command['run']>> = {
  scan: async () => (await import('./dataset/scan.ts')).scanData,
};

export const dataset: Command = {
  help,
  async run(args, io) {
    const [name = '', ...rest] = args;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action) return (await action())(rest, io);
    const near = nearest(name, Object.keys(actions));
    const given = name === '' ? '' : `, not "${name}"${near ? `; did you mean "${near}"?` : ''}`;
    throw new WeighbridgeError('bad-usage', `say what to do with the data: ${Object.keys(actions).join(', ')}${given}`);
  },
};
