import { shortened } from './bounded.ts';
import { tools, type Tool } from './tools.ts';

const longestInput = 4096;

/** The JSON schema of what a tool is given. */
export function inputSchema({ inputs, required }: Pick<Tool, 'inputs' | 'required'>) {
  const properties = Object.fromEntries(
    Object.entries(inputs).map(([input, what]) => [
      input,
      { type: 'string', description: what, maxLength: longestInput },
    ]),
  );
  return { type: 'object' as const, properties, required: [...required], additionalProperties: false };
}

/** The first thing in which what was given is not what the schema asks for, in words; null where there is none. */
export function whatIsWrong({ inputs, required }: Tool, given: Record<string, unknown>): string | null {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(inputs, name))
      return `there is no argument ${shortened(name)}; there are ${Object.keys(inputs).join(', ')}`;
    if (typeof value !== 'string' || value.length > longestInput)
      return `the argument ${name} must be a text of at most ${longestInput} characters`;
  }
  const missing = required.find((name) => !Object.hasOwn(given, name));
  return missing === undefined ? null : `the argument ${missing} is missing`;
}

/** Whether a tool of that name looks into files, and not only into what Weighbridge itself knows. */
export function readsFiles(name: string): boolean {
  return tools.some((tool) => tool.name === name && Object.hasOwn(tool.inputs, 'path'));
}
