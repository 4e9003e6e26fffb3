/** Request: runs one of the tools for assistants, by the name that it has in `server/cli/mcp/tools.ts`. */
export const callTool = 'weighbridge/callTool';

export interface CallToolParams {
  tool: string;
  /** What the assistant gave. */
  given: Record<string, unknown>;
  /** Characters of the result at most. */
  longest?: number;
}

export interface CallToolResult {
  /** For the assistant: escaped and bounded. */
  text: string;
  failed: boolean;
}
