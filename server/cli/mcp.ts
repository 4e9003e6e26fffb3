import { resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { exitCodes, type Command } from './io.ts';
import { readArguments, texts } from './options.ts';

export const mcp: Command = {
  help: `Usage: weighbridge mcp [--root DIR...]

Serves assistants by the Model Context Protocol on standard input and output: they may scan and inspect models, ask what a
rule means, verify signatures and evaluate gates. Everything is read-only: no file is written, no audit log is appended to,
nothing is executed, and no server is asked.

Options:
  --root DIR        A folder that may be looked into; may be repeated. Default: the working directory
  -h, --help        This help

Example (a client's configuration):
  { "mcpServers": { "weighbridge": { "command": "weighbridge", "args": ["mcp", "--root", "/srv/models"] } } }
`,
  async run(args, io) {
    const { values, positionals } = readArguments('mcp', args, { root: { type: 'string', multiple: true } });
    if (positionals.length > 0)
      throw new WeighbridgeError('bad-usage', 'mcp takes no arguments: name folders by --root DIR');
    const given = texts(values, 'root');
    const { Roots } = await import('./mcp/roots.ts');
    const roots = Roots.of((given.length > 0 ? given : ['.']).map((root) => resolve(io.cwd, root)));
    const { serve } = await import('./mcp/serve.ts');
    await serve(roots, io);
    return exitCodes.ok;
  },
};
