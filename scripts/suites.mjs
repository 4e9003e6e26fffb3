// The suites of `npm test`, in the order in which they run: what is quick and tells the most comes first.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { repository } from './processes.mjs';

/**
 * @typedef {object} Suite
 * @property {string} name for `--only`.
 * @property {string} what one clause for the reader of the log.
 * @property {import('./systemNeeds.mjs').Need[]} needs
 * @property {string[]} folders where its tests stand.
 * @property {(file: string) => boolean} [takes] narrows the files of those folders.
 * @property {number} minutes after which it counts as hung.
 * @property {boolean} [fullOnly] all its tests are long ones.
 * @property {number} [concurrency] test files at a time; 2 unless told.
 */

/** @type {Suite[]} */
export const suites = [
  { name: 'unit', what: 'beside the code', needs: [], folders: ['server', 'client'], minutes: 30 },
  {
    name: 'cli',
    what: 'the command line, as a process',
    needs: [],
    folders: ['test/cli', 'test/release'],
    minutes: 40,
  },
  {
    name: 'protocol',
    what: 'the language server, by its protocol',
    needs: [],
    folders: ['test/protocol', 'test/lsp'],
    minutes: 20,
  },
  {
    name: 'interop',
    what: 'what real libraries write: PyTorch, scikit-learn, transformers, Keras, ONNX and others',
    needs: ['python'],
    folders: ['test/interop'],
    takes: (file) => !file.endsWith('peers.test.ts'),
    minutes: 40,
  },
  {
    name: 'pipelines',
    what: 'actions, components and hooks, with the package that npm pack makes',
    needs: ['python'],
    folders: ['test/pipelines'],
    takes: (file) => !file.endsWith('container.test.ts'),
    minutes: 15,
  },
  {
    name: 'container',
    what: 'the image, built by Buildah, on a read-only file system',
    needs: ['python', 'containers'],
    folders: ['test/pipelines'],
    takes: (file) => file.endsWith('container.test.ts'),
    minutes: 10,
  },
  {
    name: 'peers',
    what: 'picklescan, modelscan, fickling and modelaudit on the same files; bandit, checkov, gixy-ng and pip-audit on the same texts',
    needs: ['python'],
    folders: ['test/interop'],
    takes: (file) => file.endsWith('peers.test.ts'),
    minutes: 30,
  },
  {
    name: 'gpu',
    what: 'gradients and scans on WebGPU, by SwiftShader where there is no GPU',
    needs: ['softwareGpu'],
    folders: ['test/gpu'],
    minutes: 20,
  },
  { name: 'hostile', what: 'mutated and hostile files', needs: [], folders: ['test/hostile'], minutes: 30 },
  {
    name: 'monitoring',
    what: 'metrics and alerts in a real Prometheus',
    needs: ['prometheus'],
    folders: ['test/monitoring'],
    minutes: 10,
  },
  {
    name: 'servers',
    what: 'configurations that a real nginx tests',
    needs: ['nginx'],
    folders: ['test/servers'],
    minutes: 5,
  },
  {
    name: 'sources',
    what: 'models in real stores: an OCI registry, an MLflow server, an S3-compatible store',
    needs: ['python', 'registry'],
    folders: ['test/sources'],
    minutes: 15,
  },
  {
    name: 'fleet',
    what: 'queues in a real Redis, results in SQLite and a real PostgreSQL, models in real stores, and the service of admission',
    needs: ['redis', 'postgres', 'registry'],
    folders: ['test/fleet'],
    takes: (file) => !file.endsWith('outages.full.test.ts'),
    minutes: 15,
  },
  {
    name: 'outages',
    what: 'fleets in network namespaces: workers killed, Redis restarted, the network cut',
    needs: ['redis', 'postgres', 'namespaces'],
    folders: ['test/fleet'],
    takes: (file) => file.endsWith('outages.full.test.ts'),
    minutes: 30,
    fullOnly: true,
  },
  {
    name: 'hardware',
    what: 'keys in a PKCS #11 device: SoftHSM',
    needs: ['softhsm'],
    folders: ['test/hardware'],
    minutes: 5,
    fullOnly: true,
  },
  {
    name: 'neovim',
    what: 'a second language client: Neovim',
    needs: ['neovim'],
    folders: ['test/neovim'],
    minutes: 5,
    concurrency: 1,
  },
  {
    name: 'editor',
    what: 'a real VS Code in a real browser',
    needs: ['browser', 'python'],
    folders: ['test/editor'],
    minutes: 40,
    concurrency: 1,
  },
];

/** Test files that only `npm run test:full` runs. */
const longTest = /\.full\.test\.ts$/;

/**
 * @param {Suite} suite
 * @param {boolean} full
 * @returns {string[]} paths relative to the repository, sorted.
 */
export function filesOf(suite, full) {
  return suite.folders
    .flatMap((folder) => testFiles(folder))
    .filter((file) => suite.takes?.(file) ?? true)
    .filter((file) => full || !longTest.test(file));
}

/** Test files that no suite takes: a new folder under test/ must be given to one. */
export function orphanedFiles() {
  const taken = new Set(suites.flatMap((suite) => filesOf(suite, true)));
  return ['server', 'client', 'test', 'scripts']
    .flatMap((folder) => testFiles(folder))
    .filter((file) => !taken.has(file));
}

/** @param {string} folder @returns {string[]} */
function testFiles(folder) {
  const absolute = path.join(repository, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const relative = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(relative);
      return entry.name.endsWith('.test.ts') ? [relative] : [];
    });
}
