// What a release consists of, and how large each part may become.

const megabyte = 1024 * 1024;

/** Machine code that a package may hold, which is all that it must hold: ONNX Runtime's. */
const onLinux = ['libonnxruntime.so.1', 'onnxruntime_binding.node'];
const onMac = ['libonnxruntime.1.dylib', 'onnxruntime_binding.node'];
const onWindows = ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'];

/**
 * The extension by platform: with a target ONNX Runtime goes along, without one it runs everywhere. Budgets are a tenth above what each was when
 * they were set (December 2026): a dependency that doubles a package is to be decided on, not found out.
 * @type {{ target: string | null, mostBytes: number, native: string[] }[]}
 */
export const extensions = [
  { target: null, mostBytes: 11.7 * megabyte, native: [] },
  { target: 'linux-x64', mostBytes: 30.7 * megabyte, native: onLinux },
  { target: 'linux-arm64', mostBytes: 22.8 * megabyte, native: onLinux },
  { target: 'darwin-arm64', mostBytes: 25.6 * megabyte, native: onMac },
  { target: 'win32-x64', mostBytes: 42.1 * megabyte, native: onWindows },
  { target: 'win32-arm64', mostBytes: 43.4 * megabyte, native: onWindows },
];

/** The command line, as npm gets it: without machine code, which npm fetches for itself. */
export const commandBudget = 11.9 * megabyte;

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
  // The names of exceptions that SPDX lists, which npm installs with the command.
  'CC-BY-3.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);
