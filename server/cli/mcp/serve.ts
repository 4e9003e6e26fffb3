import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { version } from '../../engine/build.ts';
import type { Io } from '../io.ts';
import { shortened } from './bounded.ts';
import { Calls, warning } from './calls.ts';
import { inputSchema } from './inputs.ts';
import type { Roots } from './roots.ts';
import { tools, type Tool } from './tools.ts';

/** Serves until standard input ends. Source: Model Context Protocol, 2025-06-18, "Tools". */
export async function serve(roots: Roots, io: Io): Promise<void> {
  const instructions = `Weighbridge inspects machine-learning models without executing them. It is read-only, and looks into ${roots.all().map(shortened).join(', ')}. ${warning}`;
  const server = new Server({ name: 'weighbridge', version }, { capabilities: { tools: {} }, instructions });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(described) }));

  const calls = new Calls();
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const host = { roots, environment: io.environment, signal: AbortSignal.any([signal, io.signal]) };
    const { text, failed, result } = await calls.answer(params.name, params.arguments ?? {}, host);
    return {
      content: [{ type: 'text' as const, text }],
      ...(failed && { isError: true }),
      ...(result && { structuredContent: result }),
    };
  });

  const transport = new StdioServerTransport();
  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
    process.stdin.once('end', resolve);
    io.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.connect(transport);
  await ended;
  await server.close();
}

function described(tool: Tool) {
  const { name, title, description, readOnly } = tool;
  return {
    name,
    title,
    description,
    inputSchema: inputSchema(tool),
    annotations: { title, readOnlyHint: readOnly, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  };
}
