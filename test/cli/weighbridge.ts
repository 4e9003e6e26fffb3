import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built command. */
export const program = fileURLToPath(new URL('../../dist/weighbridge.mjs', import.meta.url));

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command in a folder, without a cache of the person who tests, and not as in CI. */
export function weighbridge(cwd: string, args: string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const env: NodeJS.ProcessEnv = { ...process.env, XDG_CACHE_HOME: `${cwd}/.cache-of-test` };
  delete env['CI'];
  Object.assign(env, environment);
  return new Promise((resolve) => {
    const options = { cwd, env, maxBuffer: 64 << 20 };
    const child = execFile(process.execPath, [program, ...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}
