// Packages the extension as a VSIX: `npm run package [-- --out FILE] [-- --no-build] [-- --target PLATFORM]`.
//
// With a target (linux-x64, linux-arm64, win32-x64, win32-arm64, darwin-arm64) ONNX Runtime goes along, with the native code of
// that platform alone; without one the package runs everywhere, and scans that run a model say what is missing.
//
// The same sources give the same bytes: vsce sorts nothing and stamps nothing when it is told the time, and the files
// are those of .vscodeignore. SOURCE_DATE_EPOCH, when set, is that time; otherwise it is the last commit's.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { stage } from './packaged.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Where the README's relative links lead once it stands in a marketplace. */
const home = 'https://github.com/weighbridge-dev/weighbridge';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
    target: { type: 'string' },
  },
});
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const out = path.resolve(values.out ?? path.join(root, `${manifest.name}-${manifest.version}.vsix`));

if (!values['no-build']) execFileSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' });
process.env.SOURCE_DATE_EPOCH ??= lastCommitTime();
rmSync(out, { force: true });
const staged = mkdtempSync(path.join(tmpdir(), 'weighbridge-package-'));
try {
  stage(root, staged);
  if (values.target !== undefined) copyRuntime(values.target, path.join(staged, 'dist', 'node_modules'));
  await createVSIX({
    cwd: staged,
    ...(values.target !== undefined && { target: values.target }),
    packagePath: out,
    dependencies: false,
    skipLicense: !existsSync(path.join(root, 'LICENSE')),
    allowMissingRepository: true,
    // Where the README's relative links lead for someone who has only the extension.
    baseContentUrl: `${home}/blob/main`,
    baseImagesUrl: `${home}/raw/main`,
  });
} finally {
  rmSync(staged, { recursive: true, force: true });
}
console.log(
  `${path.relative(process.cwd(), out)}  sha256 ${createHash('sha256').update(readFileSync(out)).digest('hex')}`,
);

/** @returns {string} seconds since 1970. */
function lastCommitTime() {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim() || '0';
  } catch {
    return '0';
  }
}

/** @param {string} target @param {string} runtime the folder that it is copied into. */
function copyRuntime(target, runtime) {
  const native = path.join('bin', 'napi-v6', ...target.split('-'));
  const from = path.join(root, 'node_modules');
  if (!existsSync(path.join(from, 'onnxruntime-node', native))) {
    throw new Error(`ONNX Runtime has no native code for ${target}, or it is not installed`);
  }
  for (const part of ['package.json', 'dist', native]) {
    cpSync(path.join(from, 'onnxruntime-node', part), path.join(runtime, 'onnxruntime-node', part), {
      recursive: true,
      // The two libraries for macOS are the same; the native code asks for the shorter name.
      filter: (file) => !/libonnxruntime\.\d+\.\d+\.\d+\.dylib$|\.map$|\.d\.ts$/.test(file),
    });
  }
  for (const part of ['package.json', 'dist/cjs', '__commit.txt']) {
    const source = path.join(from, 'onnxruntime-common', part);
    if (existsSync(source)) cpSync(source, path.join(runtime, 'onnxruntime-common', part), { recursive: true });
  }
}
