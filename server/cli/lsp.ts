import { WeighbridgeError } from '../errors.ts';
import { exitCodes, type Command } from './io.ts';
import { flag, readArguments } from './options.ts';

export const lsp: Command = {
  help: `Usage: weighbridge lsp --stdio

Runs the language server on standard input and output. Editors start it by themselves.

Example (Neovim):
  vim.lsp.start({ name = 'weighbridge', cmd = { 'weighbridge', 'lsp', '--stdio' }, root_dir = vim.fn.getcwd() })
`,
  async run(args, io) {
    const { values } = readArguments('lsp', args, {
      stdio: { type: 'boolean' },
      // Clients of Microsoft's library pass it, so that a server can end with its client.
      clientProcessId: { type: 'string' },
    });
    if (!flag(values, 'stdio'))
      throw new WeighbridgeError(
        'bad-usage',
        'the language server speaks on standard input and output: run "weighbridge lsp --stdio"',
      );
    io.signal.addEventListener('abort', () => process.exit(exitCodes.ok));
    await import('../lsp/main.ts');
    // The server ends the process itself, when its client tells it to or goes.
    return new Promise<never>(() => undefined);
  },
};
