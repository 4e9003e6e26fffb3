// What a release consists of, and how large each part may become.

const megabyte = 1024 * 1024;

/**
 * The extension by platform: with a target ONNX Runtime goes along, without one it runs everywhere. Budgets are a little above what each is
 * today: a dependency that doubles a package is to be decided on, not found out.
 * @type {{ target: string | null, mostBytes: number }[]}
 */
export const extensions = [
  { target: null, mostBytes: 16 * megabyte },
  { target: 'linux-x64', mostBytes: 30 * megabyte },
  { target: 'linux-arm64', mostBytes: 30 * megabyte },
  { target: 'darwin-arm64', mostBytes: 30 * megabyte },
  { target: 'win32-x64', mostBytes: 40 * megabyte },
  { target: 'win32-arm64', mostBytes: 40 * megabyte },
];

/** The command line, as npm gets it. */
export const commandBudget = 16 * megabyte;

/** @param {string} version @param {string | null} target */
export const extensionName = (version, target) => `weighbridge-${version}${target === null ? '' : `-${target}`}.vsix`;

/** @param {string} version */
export const commandName = (version) => `weighbridge-${version}.tgz`;

/** Licences under which something may go along. */
export const allowedLicences = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);
