// Packages the extension as a VSIX: `npm run package [-- --out FILE] [-- --no-build]`.
//
// The same sources give the same bytes: vsce sorts nothing and stamps nothing when it is told the time, and the files
// are those of .vscodeignore. SOURCE_DATE_EPOCH, when set, is that time; otherwise it is the last commit's.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Where the README's relative links lead once it stands in a marketplace. */
const home = 'https://github.com/weighbridge-dev/weighbridge';

const { values } = parseArgs({
  options: { out: { type: 'string' }, 'no-build': { type: 'boolean', default: false } },
});
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const out = path.resolve(values.out ?? path.join(root, `${manifest.name}-${manifest.version}.vsix`));

if (!values['no-build']) execFileSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' });
process.env.SOURCE_DATE_EPOCH ??= lastCommitTime();
rmSync(out, { force: true });
await createVSIX({
  cwd: root,
  packagePath: out,
  dependencies: false,
  skipLicense: !existsSync(path.join(root, 'LICENSE')),
  allowMissingRepository: true,
  // Where the README's relative links lead for someone who has only the extension.
  baseContentUrl: `${home}/blob/main`,
  baseImagesUrl: `${home}/raw/main`,
});
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
