import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findImpact } from '../engine/findImpact.ts';
import { nearest } from '../engine/nearest.ts';
import { WeighbridgeError } from '../errors.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { runbook } from '../report/runbook.ts';
import { exitCodes, write, type Command } from './io.ts';
import { commonHelp, configuration, file, flag, readArguments, text } from './options.ts';

const help = `Usage: weighbridge incident new QUERY [PATH...] [--title TITLE] [--out FILE]

Writes a runbook for an incident, filled with what the query reaches (see weighbridge impact), the last good version to go back to, and the
commands to run.

Options:
  --title TITLE   Default: "Incident: QUERY"
  --out FILE      Default: incidents/DATE-QUERY.md; a file that is there is not replaced

${commonHelp}
Examples:
  weighbridge incident new data/reviews.jsonl --title "Poisoned reviews"
  weighbridge incident new sha256:9b74c989 models/
`;

export const incident: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('incident', args, {
      title: { type: 'string' },
      out: { type: 'string' },
    });
    const [action = '', query = '', ...paths] = positionals;
    if (action !== 'new') {
      const near = nearest(action, ['new']);
      throw new WeighbridgeError(
        'bad-usage',
        `say what to do: new${action === '' ? '' : `, not "${action}"${near ? '; did you mean "new"?' : ''}`}`,
      );
    }
    if (query.trim() === '')
      throw new WeighbridgeError('bad-usage', 'name what is in doubt: weighbridge incident new QUERY');
    const now = new Date();
    const named =
      query
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')
        .slice(0, 60) || 'incident';
    const out =
      file(values, 'out', io.cwd) ??
      file(values, 'output', io.cwd) ??
      resolve(io.cwd, 'incidents', `${now.toISOString().slice(0, 10)}-${named}.md`);
    if (existsSync(out)) throw new WeighbridgeError('exists', `${out} is there already: name another file with --out`);
    const settings = await configuration(values, io.cwd);
    const places = (paths.length > 0 ? paths : ['.']).map((path) => resolve(io.cwd, path));
    const impact = await findImpact(query, places, io.cwd, settings, io.signal);
    const title = text(values, 'title') ?? `Incident: ${query}`;
    mkdirSync(dirname(out), { recursive: true });
    replaceFile(out, runbook({ title, openedAt: now.toISOString(), impact }));
    if (!flag(values, 'quiet')) {
      await write(io.stdout, `Wrote ${out}: ${impact.reached.length} reached, ${impact.matches.length} named.\n`);
    }
    return exitCodes.ok;
  },
};
