// Starts a real VS Code with extensions on a folder, and stops it with everything that it started.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installCodeServer } from './installCodeServer.mjs';

/** Quiet, offline, and nothing is saved behind the user's back. */
const settings = {
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': 'Default Dark Modern',
  'security.workspace.trust.untrustedFiles': 'open',
  // What a terminal shows is then in the page, as text.
  'terminal.integrated.gpuAcceleration': 'off',
};

// Without this the page and the server ask a marketplace on the network.
const env = () => ({ ...process.env, EXTENSIONS_GALLERY: '{}' });

/**
 * Installs packaged extensions, as VS Code does it.
 * @param {string[]} packages their files.
 * @param {string} extensions the folder that they are put into.
 * @param {(line: string) => void} [log] what is told meanwhile.
 */
export async function installExtensions(packages, extensions, log = () => {}) {
  const { node, entry } = await installCodeServer({ log });
  const home = mkdtempSync(path.join(tmpdir(), 'weighbridge-install-'));
  try {
    const config = path.join(home, 'code-server.yaml');
    writeFileSync(config, 'auth: none\n');
    const where = ['--config', config, '--user-data-dir', path.join(home, 'data'), '--extensions-dir', extensions];
    const which = packages.flatMap((file) => ['--install-extension', file]);
    await finish(spawn(node, [entry, ...where, ...which], { env: env(), stdio: 'pipe' }), log);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/**
 * @param {object} options
 * @param {string} options.extensions the folder where they stand installed; several servers may share one.
 * @param {number} [options.port] default: a free one.
 * @param {boolean} [options.trusted] false: the folder opens in Restricted Mode. Default: true.
 * @param {Record<string, unknown>} [options.settings] user settings beside the ones above.
 * @param {(line: string) => void} [options.log] what the server prints, and what is being installed.
 * @returns {Promise<{ addressOf: (folder: string) => string, stop: () => Promise<void> }>} `addressOf` a folder or a
 *   `.code-workspace` file: where a browser finds VS Code on it.
 */
export async function startCodeServer(options) {
  const log = options.log ?? (() => {});
  const { node, entry } = await installCodeServer({ log });
  // What VS Code keeps of its user, which `stop` removes.
  const home = mkdtempSync(path.join(tmpdir(), 'weighbridge-vscode-'));
  const userData = path.join(home, 'data');
  const config = path.join(home, 'code-server.yaml');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  writeFileSync(config, 'auth: none\n');
  writeFileSync(
    path.join(userData, 'User', 'settings.json'),
    JSON.stringify({ ...settings, ...options.settings }, null, 2),
  );
  const port = options.port ?? (await freePort());
  const server = spawn(
    node,
    [
      entry,
      ...['--config', config, '--user-data-dir', userData, '--extensions-dir', options.extensions],
      ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check'],
      ...['--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened'],
      // Extension hosts otherwise live on for three hours after the page is closed.
      ...['--reconnection-grace-time', '5'],
      ...(options.trusted === false ? [] : ['--disable-workspace-trust']),
    ],
    // A group of its own, so that its children end with it.
    { env: env(), stdio: 'pipe', detached: true },
  );
  const exited = once(server, 'exit');
  const kill = (signal) => {
    try {
      process.kill(-server.pid, signal);
    } catch {
      // It is gone already.
    }
  };
  const killOnExit = () => kill('SIGKILL');
  process.once('exit', killOnExit);
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => text.split('\n').filter(Boolean).forEach(log));
  }
  const stop = async () => {
    process.removeListener('exit', killOnExit);
    if (server.exitCode === null && server.signalCode === null) {
      kill('SIGTERM');
      await Promise.race([exited, delay(5000, undefined, { ref: false })]);
    }
    kill('SIGKILL');
    await exited;
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await healthy(`http://127.0.0.1:${port}/healthz`, exited);
  } catch (error) {
    await stop();
    throw error;
  }
  const addressOf = (folder) => {
    const key = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
    return `http://127.0.0.1:${port}/?${key}=${encodeURIComponent(folder)}`;
  };
  return { addressOf, stop };
}

async function healthy(url, exited) {
  const deadline = Date.now() + 60_000;
  let gone = false;
  void exited.then(() => (gone = true));
  while (Date.now() < deadline) {
    if (gone) throw new Error('code-server ended before it answered.');
    try {
      const answer = await fetch(url);
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    await delay(100);
  }
  throw new Error('code-server did not answer within a minute.');
}

async function finish(child, log) {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data));
  const [code] = await once(child, 'exit');
  for (const line of printed.split('\n').filter(Boolean)) log(line);
  if (code !== 0) throw new Error(`The extension could not be installed:\n${printed}`);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}
