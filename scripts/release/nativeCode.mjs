// The machine code in packages: that of the platform, all of it, and no other.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Unfit } from './checklist.mjs';

/** @typedef {{ name: string, digest: string, platform: string }} NativeFile `digest` is its SHA-256. */

/** The formats that systems load. */
const systems = { elf: 'linux', pe: 'win32', 'mach-o': 'darwin' };

/**
 * All machine code in a package, whatever its files are called.
 * @param {string} file a VSIX or a tgz. @returns {Promise<NativeFile[]>} in the order of names.
 */
export async function nativeFiles(file) {
  const { machineCode } = await import('../../server/formats/machineCode.ts');
  const { MemorySource } = await import('../../server/formats/source.ts');
  const found = [];
  for (const { name, content } of await (file.endsWith('.tgz') ? filesOfTgz(file) : filesOfZip(file))) {
    const code = machineCode(new MemorySource(content));
    if (code === null) continue;
    const digest = createHash('sha256').update(content).digest('hex');
    found.push({ name, digest, platform: `${systems[code.format]}-${code.architecture ?? 'other'}` });
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * @param {{ name: string, target: string | null, native: string[] }} expected `native` names files without folders.
 * @param {NativeFile[]} found @throws {Unfit}
 */
export function requireNativeCode({ name, target, native }, found) {
  const foreign = found.filter(({ platform }) => platform !== target);
  if (foreign.length > 0) {
    const shown = foreign.map((each) => `${each.name} is for ${each.platform}`).join('; ');
    throw new Unfit(
      `${name} is ${target === null ? 'without machine code' : `for ${target}`}, and ${shown}: leave it out`,
    );
  }
  const names = found.map((each) => path.posix.basename(each.name)).sort();
  const missing = native.filter((each) => !names.includes(each));
  const more = names.filter((each, index) => !native.includes(each) || names[index - 1] === each);
  if (missing.length + more.length > 0) {
    const said = [
      ...(missing.length > 0 ? [`${missing.join(', ')} is missing`] : []),
      ...(more.length > 0 ? [`${more.join(', ')} was not there before`] : []),
    ];
    throw new Unfit(`of the machine code of ${name} ${said.join(', and ')}: see scripts/release/targets.mjs`);
  }
}

async function filesOfZip(file) {
  const { Budget, defaultLimits } = await import('../../server/formats/limits.ts');
  const { MemorySource } = await import('../../server/formats/source.ts');
  const { readZipDirectory } = await import('../../server/formats/zip/directory.ts');
  const { openZipEntry } = await import('../../server/formats/zip/entry.ts');
  const source = new MemorySource(readFileSync(file));
  const budget = new Budget({ ...defaultLimits, timeMs: 600_000 });
  const { entries, problems } = readZipDirectory(source, budget);
  if (problems.length > 0) throw new Unfit(`${path.basename(file)} cannot be read: ${problems[0]?.message}`);
  return entries.map((entry) => {
    const { source: content, problem } = openZipEntry(source, entry, budget);
    if (content === null || problem !== null)
      throw new Unfit(`${entry.name} of ${path.basename(file)} cannot be read: ${problem?.message}`);
    return { name: entry.name, content: content.read(0, content.size) };
  });
}

async function filesOfTgz(file) {
  const { Budget, defaultLimits } = await import('../../server/formats/limits.ts');
  const { MemorySource } = await import('../../server/formats/source.ts');
  const { readTarEntries } = await import('../../server/formats/tar/entries.ts');
  const source = new MemorySource(gunzipSync(readFileSync(file)));
  const { entries, problems } = readTarEntries(source, new Budget(defaultLimits));
  if (problems.length > 0) throw new Unfit(`${path.basename(file)} cannot be read: ${problems[0]?.message}`);
  return entries.map(({ name, dataOffset, size }) => ({ name, content: source.read(dataOffset, size) }));
}
