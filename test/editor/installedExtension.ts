import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageDigest } from '../../scripts/packaged.mjs';
import { installExtensions } from './codeServer.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const kept = path.join(repository, 'artifacts', 'installed');

/** How many installed packages stay: those of the build before, too, whose suites may still be running. */
const mostKept = 4;

/** Weighbridge as people get it: packed, and unpacked again by VS Code. */
export interface InstalledExtension {
  /** The package. */
  vsix: string;
  /** The folder of extensions that it is installed in. Servers share it, so nothing may be changed there. */
  extensions: string;
}

/**
 * Packs what is built, and installs it, unless the very same has been installed already: what is kept has the digest of all
 * that packing reads as its name. Two suites may ask at once; then both pack, and use what the quicker one made.
 * @param native with ONNX Runtime of this platform, for scans that run a model.
 */
export async function installedExtension(native = false): Promise<InstalledExtension> {
  const target = native ? `${process.platform}-${process.arch}` : null;
  const digest = packageDigest(repository, [target ?? 'any platform', 'test/editor/installCodeServer.mjs']);
  const place = path.join(kept, digest.slice(0, 24));
  if (!existsSync(place)) {
    const making = `${place}.${process.pid}`;
    try {
      await packAndInstall(target, making);
      renameSync(making, place);
    } catch (error) {
      // The other one was quicker.
      if (!existsSync(place)) throw error;
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  const now = new Date();
  utimesSync(place, now, now);
  forgetOldest();
  return { vsix: path.join(place, 'weighbridge.vsix'), extensions: path.join(place, 'extensions') };
}

async function packAndInstall(target: string | null, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const vsix = path.join(folder, 'weighbridge.vsix');
  const arguments_ = ['scripts/package.mjs', '--no-build', ...(target ? ['--target', target] : []), '--out', vsix];
  await promisify(execFile)(process.execPath, arguments_, { cwd: repository });
  await installExtensions([vsix], path.join(folder, 'extensions'));
}

function forgetOldest(): void {
  const used = (name: string): number => statSync(path.join(kept, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const byUse = readdirSync(kept).sort((one, other) => used(other) - used(one));
  for (const name of byUse.slice(mostKept)) rmSync(path.join(kept, name), { recursive: true, force: true });
}
