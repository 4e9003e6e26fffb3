import { basename, resolve } from 'node:path';
import { findImpact } from '../engine/findImpact.ts';
import { WeighbridgeError } from '../errors.ts';
import { readPapers } from '../policy/impact/readPapers.ts';
import { impactJson, impactText } from '../report/impactText.ts';
import { emit, exitCodes, type Command } from './io.ts';
import { choice, commonHelp, configuration, flag, readArguments } from './options.ts';
import { outputFile, refuseUsed } from './outputFile.ts';

const help = `Usage: weighbridge impact QUERY [PATH...]

Says which models and data something reaches, and where they were promoted: from all bills of materials, signatures, provenance and records
of data below the paths (default: the working directory), and from the log of decisions. Papers are taken at their word; verify them with
weighbridge verify, aibom --check and dataset verify.

QUERY is a name, name@version, a package URL, an address, a signer, or a digest of at least eight digits.

Options:
  --format FORMAT   text (default) or json

${commonHelp}
Exit codes: 0 nothing is reached, 1 something is, 2 an error.

Examples:
  weighbridge impact bert-base-uncased
  weighbridge impact pkg:pypi/torch@2.3.0 models/
  weighbridge impact sha256:9b74c989 --format json
`;

export const impact: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('impact', args, {});
    const [query = '', ...paths] = positionals;
    if (query.trim() === '') throw new WeighbridgeError('bad-usage', 'name what to look for: weighbridge impact QUERY');
    const format = choice(values, 'format', ['text', 'json'], 'text');
    const output = await outputFile(values, io.cwd, []);
    // A bill of materials is JSON as a report is, and is what this command reads.
    if (output !== undefined && readPapers(output, basename(output)).papers.length > 0)
      refuseUsed('output', output, [output]);
    const settings = await configuration(values, io.cwd);
    const places = (paths.length > 0 ? paths : ['.']).map((path) => resolve(io.cwd, path));
    const found = await findImpact(query, places, io.cwd, settings, io.signal);
    if (!flag(values, 'quiet') || output !== undefined || format !== 'text') {
      await emit(io, format === 'json' ? impactJson(found) : impactText(found), output);
    }
    return found.reached.length > 0 ? exitCodes.findings : exitCodes.ok;
  },
};
