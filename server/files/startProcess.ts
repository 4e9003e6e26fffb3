import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Starts a program in a process of its own. Bundled, it stands beside the chunk that starts it; unbundled, it is TypeScript.
 * @param from `import.meta.url` of the caller.
 */
export function startProcess(
  from: string,
  program: { source: string; bundle: string },
  options: ForkOptions = {},
): ChildProcess {
  const isSource = from.endsWith('.ts');
  const target = new URL(isSource ? program.source : program.bundle, from);
  const file = isSource ? new URL('./unbundledProcess.mjs', import.meta.url) : target;
  return fork(fileURLToPath(file), isSource ? [target.href] : [], { execArgv: [], ...options });
}
