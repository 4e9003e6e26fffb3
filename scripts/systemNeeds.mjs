// What suites need from the operating system. On Debian as root a missing package is installed; elsewhere the suite is
// named as not run, with the reason.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { postgresPrograms } from '../test/fleet/postgresPrograms.mjs';
import { run } from './processes.mjs';

/**
 * @typedef {'python' | 'browser' | 'neovim' | 'softhsm' | 'prometheus' | 'nginx' | 'softwareGpu' | 'registry' | 'redis' | 'postgres' | 'namespaces' | 'containers' | 'wrk'} Need
 * @typedef {{ packages: string[], what: string, present: () => Promise<boolean> }} NeedFacts
 */

/** The Python that sees Debian's PyTorch: another one earlier on PATH would not. */
export const systemPython = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** @type {Record<Need, NeedFacts>} */
const needs = {
  python: {
    packages: ['python3', 'python3-venv', 'python3-torch'],
    what: 'Python 3.9 or later with venv and PyTorch',
    present: async () => (await run(systemPython, ['-c', 'import ensurepip, torch, venv'], { quiet: true })).code === 0,
  },
  browser: {
    packages: ['chromium', 'fonts-dejavu-core'],
    what: 'Chromium on Linux x64',
    present: async () => process.platform === 'linux' && process.arch === 'x64' && onPath('chromium'),
  },
  softhsm: {
    packages: ['softhsm2'],
    what: 'SoftHSM 2',
    present: async () => onPath('softhsm2-util'),
  },
  prometheus: {
    packages: ['prometheus'],
    what: 'Prometheus and its promtool',
    present: async () => onPath('prometheus') && onPath('promtool'),
  },
  nginx: {
    packages: ['nginx-light'],
    what: 'nginx',
    present: async () => onPath('nginx'),
  },
  softwareGpu: {
    // Mesa's own GPU in software is too old in Debian 12 for the WebGPU of ONNX Runtime; Chromium comes with another.
    packages: ['chromium', 'libvulkan1'],
    what: "Vulkan and the SwiftShader of Debian's Chromium, on Linux x64",
    present: async () =>
      process.platform === 'linux' &&
      process.arch === 'x64' &&
      existsSync('/usr/lib/chromium/vk_swiftshader_icd.json') &&
      existsSync('/usr/lib/x86_64-linux-gnu/libvulkan.so.1'),
  },
  registry: {
    packages: ['docker-registry', 'apache2-utils'],
    what: "Docker's registry and htpasswd",
    present: async () => onPath('docker-registry') && onPath('htpasswd'),
  },
  redis: {
    packages: ['redis-server'],
    what: 'Redis 6.2 or later',
    present: async () => onPath('redis-server'),
  },
  postgres: {
    packages: ['postgresql'],
    what: 'PostgreSQL',
    present: async () => postgresPrograms() !== null,
  },
  namespaces: {
    packages: ['iproute2'],
    what: 'network namespaces, which take root',
    present: async () => {
      const name = `weighbridge-${process.pid}`;
      if ((await run('ip', ['netns', 'add', name], { quiet: true })).code !== 0) return false;
      return (await run('ip', ['netns', 'delete', name], { quiet: true })).code === 0;
    },
  },
  containers: {
    packages: ['buildah'],
    what: 'Buildah, and mounts, which take root',
    present: async () => {
      if (!onPath('buildah')) return false;
      const probe = ['--mount', 'mount', '--bind', '/tmp', '/tmp'];
      return (await run('unshare', probe, { quiet: true })).code === 0;
    },
  },
  wrk: {
    packages: ['wrk'],
    what: 'wrk',
    present: async () => onPath('wrk'),
  },
  neovim: {
    packages: ['neovim'],
    what: 'Neovim 0.7 or later',
    present: async () => onPath('nvim'),
  },
};

/**
 * Makes the needs available where that is possible.
 * @param {Need[]} wanted
 * @returns {Promise<Map<Need, string>>} the needs that are missing, each with the reason in one clause.
 */
export async function provideNeeds(wanted) {
  const absent = [];
  for (const need of wanted) if (!(await needs[need].present())) absent.push(need);
  if (absent.length === 0) return new Map();

  const obstacle = whyNotInstall();
  if (obstacle === null) await installDebianPackages(absent.flatMap((need) => needs[need].packages));
  const missing = new Map();
  for (const need of absent) {
    if (await needs[need].present()) continue;
    missing.set(need, `needs ${needs[need].what}: ${obstacle ?? 'the packages could not be installed'}`);
  }
  return missing;
}

/** True where a missing package is our failure and not the machine's. */
export function canInstall() {
  return whyNotInstall() === null;
}

function whyNotInstall() {
  if (process.platform !== 'linux' || !isDebian()) return 'packages are only installed on Debian';
  if (process.getuid?.() !== 0) return 'installing packages needs root';
  return null;
}

function isDebian() {
  try {
    return /^ID=("?)debian\1$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** @param {string[]} packages */
async function installDebianPackages(packages) {
  console.log(`Installing ${packages.join(', ')} (apt-get) ...`);
  const apt = (...args) =>
    run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3', '-qq', ...args], {
      quiet: true,
      environment: { DEBIAN_FRONTEND: 'noninteractive' },
    });
  let output = '';
  for (let attempt = 1; attempt <= 3; attempt++) {
    // The lists may be absent (a container image) or old (a package that has been replaced since).
    const updated = await apt('update');
    const installed = await apt('install', '-y', '--no-install-recommends', ...packages);
    if (installed.code === 0) return;
    output = `${updated.code === 0 ? '' : updated.output}${installed.output}`;
  }
  console.error(output.trim());
}

/** @param {string} program */
function onPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
