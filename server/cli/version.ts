import { version } from '../engine/build.ts';
import { exitCodes, write, type Command } from './io.ts';

export const versionCommand: Command = {
  help: `Usage: weighbridge version

Prints the version.

Example:
  weighbridge version
`,
  async run(_args, io) {
    await write(io.stdout, `weighbridge ${version}\n`);
    return exitCodes.ok;
  },
};
