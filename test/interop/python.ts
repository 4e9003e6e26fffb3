import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const tools = path.resolve(here, '..', '..', '.tools');
const run = promisify(execFile);

/** The system's own Python, which sees Debian's PyTorch; another one earlier on PATH would not. */
const systemPython = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/**
 * A Python with the packages of requirements.txt and the system's PyTorch: a virtual environment in `.tools/venv`, made
 * on the first call and again when the requirements change.
 * @returns the path of its interpreter.
 * @throws {Error} when the packages cannot be installed.
 */
export async function pythonWithPackages(): Promise<string> {
  const requirements = path.join(here, 'requirements.txt');
  const folder = path.join(tools, 'venv');
  const python = path.join(folder, 'bin', 'python');
  const stamp = path.join(folder, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  const ready = (): boolean => existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (ready()) return python;
  return alone(path.join(tools, 'venv.lock'), async () => {
    if (ready()) return python;
    rmSync(folder, { recursive: true, force: true });
    await run(systemPython, ['-m', 'venv', '--system-site-packages', folder]);
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--retries',
      '5',
      '-r',
      requirements,
    ];
    await run(python, install).catch(() => run(python, install));
    writeFileSync(stamp, wanted);
    return python;
  });
}

/**
 * Runs a script of this folder with that Python.
 * @param input given on standard input.
 * @returns what it printed.
 * @throws {Error} with what it said on standard error, when it fails.
 */
export async function runPython(script: string, args: string[], input = ''): Promise<string> {
  const python = await pythonWithPackages();
  return new Promise((resolve, reject) => {
    // The packages import one another for half a second; Python's own switch keeps their warnings out of the answer.
    const child = spawn(python, ['-W', 'ignore', path.join(here, script), ...args]);
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${script} ended with exit code ${code}: ${complaint.slice(-4000)}`));
    });
    child.stdin.end(input);
  });
}

/** One process at a time: test files run side by side, and each may be the first. */
async function alone<T>(lock: string, action: () => Promise<T>): Promise<T> {
  mkdirSync(path.dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // Left by a run that was killed: installing takes a minute, not ten.
      if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 600_000)
        rmSync(lock, { recursive: true, force: true });
      await pause(250);
    }
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}
