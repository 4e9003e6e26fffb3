// The language server's program: `--stdio` for any editor, `--node-ipc` for VS Code.
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './server.ts';

serve(createConnection(ProposedFeatures.all));
