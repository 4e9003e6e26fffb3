// Builds policies/compiler (Go) for WASI. The result is kept under .tools, keyed by the content of the sources and the
// version of Go, so that a build in which they have not changed takes no time.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { noticesOfModules } from './notices.mjs';

/** What policies/compiler/go.mod asks for. */
const oldestGo = '1.26';

/** WebAssembly pages of 64 KiB that the compiler may use: 1 GiB. Beyond, it ends, and its process starts anew. */
const mostPages = 16_384;

/**
 * @param {string} root the repository.
 * @returns {{ file: string, notices: import('./notices.mjs').Notice[] } | { problem: string }} the WebAssembly module with the licences of what is linked into it, or one sentence
 *   that says what to do.
 */
export function buildPolicyCompiler(root) {
  const sources = path.join(root, 'policies', 'compiler');
  const go = goVersion();
  if (go === null || isOlder(go, oldestGo)) {
    const found = go === null ? 'Go was not found' : `Go ${go} is too old`;
    return {
      problem: `The policy compiler was not built: ${found}. Install Go ${oldestGo} or later (https://go.dev/dl) and build again; without it "weighbridge gate" and "weighbridge policy" cannot work.`,
    };
  }
  const folder = path.join(root, '.tools', 'policy-compiler');
  const file = path.join(folder, 'policy-compiler.wasm');
  const notices = path.join(folder, 'notices.json');
  const stamp = path.join(folder, 'made-of.txt');
  const digest = digestOf(sources, go);
  const made = () => ({ file, notices: JSON.parse(readFileSync(notices, 'utf8')) });
  if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return made();

  mkdirSync(folder, { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  console.log('Building the policy compiler (Go; some minutes the first time) ...');
  try {
    const failure = compileGo(sources, temporary);
    if (failure !== null) return { problem: `The policy compiler was not built: go build failed.\n${failure}` };
    writeFileSync(temporary, withMemoryLimit(readFileSync(temporary), mostPages));
    rmSync(stamp, { force: true });
    renameSync(temporary, file);
    writeFileSync(notices, JSON.stringify(noticesOfModules(root)));
    writeFileSync(stamp, digest);
    return made();
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** @param {string} sources @param {string} output @returns {string | null} what Go said, or null when it went well. */
function compileGo(sources, output) {
  const environment = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GOWORK: 'off', CGO_ENABLED: '0', GOFLAGS: '' };
  const command = [
    'build',
    '-mod=readonly',
    '-buildvcs=false',
    '-trimpath',
    '-ldflags=-s -w -buildid=',
    '-o',
    output,
    '.',
  ];
  for (let attempt = 1; ; attempt++) {
    const { status, stderr, error } = spawnSync('go', command, { cwd: sources, env: environment, encoding: 'utf8' });
    if (status === 0) return null;
    const said = (stderr ?? String(error)).trim();
    // Modules come over the network the first time; what is wrong in the sources is wrong again.
    if (attempt === 3 || !/dial tcp|timeout|TLS|connection|unexpected EOF|50[234] /.test(said)) return said;
  }
}

/** @returns {string | null} such as 1.26.8. */
function goVersion() {
  try {
    const said = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /^go(\d+\.\d+(?:\.\d+)?)/.exec(said.trim())?.[1] ?? null;
  } catch {
    return null;
  }
}

/** @param {string} version @param {string} than */
function isOlder(version, than) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

/** @param {string} sources @param {string} go */
function digestOf(sources, go) {
  const hash = createHash('sha256').update(`${go} ${mostPages}`);
  for (const name of readdirSync(sources).sort()) {
    if (name.endsWith('.go') || name.startsWith('go.'))
      hash.update(name).update(readFileSync(path.join(sources, name)));
  }
  hash.update(readFileSync(new URL(import.meta.url)));
  return hash.digest('hex').slice(0, 20);
}

/**
 * Gives the module's memory a maximum, so that no policy can make the compiler take more. Go sets none.
 * WebAssembly core specification, 5.5.8 (memory section) and 5.3.8 (limits).
 * @param {Buffer} module @param {number} pages @returns {Buffer}
 */
function withMemoryLimit(module, pages) {
  for (let at = 8; at < module.length;) {
    const id = module[at];
    const [size, body] = leb128(module, at + 1);
    if (id !== 5) {
      at = body + size;
      continue;
    }
    const [count, limits] = leb128(module, body);
    if (count !== 1 || module[limits] !== 0) throw new Error('the memory section is not as Go writes it');
    const [least] = leb128(module, limits + 1);
    const section = [1, 1, ...toLeb128(least), ...toLeb128(pages)];
    const head = [5, ...toLeb128(section.length)];
    return Buffer.concat([module.subarray(0, at), Buffer.from([...head, ...section]), module.subarray(body + size)]);
  }
  throw new Error('the module has no memory');
}

/** @param {Buffer} bytes @param {number} at @returns {[value: number, next: number]} */
function leb128(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** @param {number} value @returns {number[]} */
function toLeb128(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...toLeb128(Math.floor(value / 0x80))];
}
