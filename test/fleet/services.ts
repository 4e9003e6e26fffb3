// Real servers on a free port of this machine, each in a folder of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { program } from '../cli/weighbridge.ts';
import { postgresPrograms } from './postgresPrograms.mjs';

/** A server that was started, and can be ended and started again on the same data. */
export interface Service {
  readonly url: string;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its data. */
  dispose(): Promise<void>;
}

export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Redis that writes every command to the disk before it answers: what it has told is there after a restart. */
export async function startRedis(host = '127.0.0.1', more: readonly string[] = []): Promise<Service> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-redis-'));
  const port = await freePort(host);
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const open = ['--protected-mode', 'no', '--maxmemory-policy', 'noeviction'];
  const args = ['--port', `${port}`, '--bind', host, '--dir', folder, ...durable, ...open, ...more];
  return service(`redis://${host}:${port}`, folder, host, port, () => spawn('redis-server', args, { stdio: 'ignore' }));
}

/** PostgreSQL refuses to run as root: then it runs as `nobody`. */
export async function startPostgres(host = '127.0.0.1'): Promise<Service> {
  const programs = postgresPrograms();
  assert.ok(programs, 'PostgreSQL is not installed');
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-postgres-'));
  const data = path.join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if (nobody.uid !== undefined) for (const each of [folder, data]) chownSync(each, nobody.uid, nobody.gid);
  const made = spawnSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'weighbridge', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...nobody, cwd: folder, encoding: 'utf8' },
  );
  assert.equal(made.status, 0, made.stderr);
  if (host !== '127.0.0.1') {
    const rule = `host all all ${host.replace(/\d+$/, '0')}/24 trust`;
    const added = spawnSync('sh', ['-c', `echo '${rule}' >> '${data}/pg_hba.conf'`], { ...nobody, encoding: 'utf8' });
    assert.equal(added.status, 0, added.stderr);
  }
  const port = await freePort(host);
  const args = ['-D', data, '-p', `${port}`, '-k', folder, '-c', `listen_addresses=${host}`];
  const start = () => spawn(path.join(programs, 'postgres'), args, { ...nobody, cwd: folder, stdio: 'ignore' });
  return service(`postgres://weighbridge@${host}:${port}/postgres`, folder, host, port, start);
}

async function service(
  url: string,
  folder: string,
  host: string,
  port: number,
  spawnIt: () => ChildProcess,
): Promise<Service> {
  let child: ChildProcess | null = null;
  const kill = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const start = async () => {
    child = spawnIt();
    await listening(host, port, child);
  };
  await start();
  return {
    url,
    kill,
    start,
    async dispose() {
      await kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(host: string, port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const socket = connect(port, host);
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await pause(100);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`nothing listens at ${host}:${port}`);
}

/** Asks until the answer is what is awaited. */
export async function until<T>(what: string, ask: () => Promise<T>, awaited: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 300_000;
  let last: T | undefined;
  while (Date.now() < end) {
    last = await ask();
    if (awaited(last)) return last;
    await pause(100);
  }
  throw new Error(`${what} did not happen within five minutes; the last answer was ${JSON.stringify(last)}`);
}

/** A worker as a process of its own. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  /** What it told, one event a line. */
  readonly events: { kind: string; uri: string; reason?: string; time?: string }[];
  readonly errors: () => string;
  /** Waits for an event. */
  event(awaited: (event: WorkerProcess['events'][number]) => boolean): Promise<void>;
  exit(): Promise<number | null>;
}

/** @param before words before the command, such as what runs it in a network namespace. */
export function startWorker(
  cwd: string,
  environment: NodeJS.ProcessEnv,
  args: string[] = [],
  before: string[] = [],
): WorkerProcess {
  const [name = '', ...words] = [...before, process.execPath, program, 'fleet', 'work', '--format', 'json', ...args];
  const child = spawn(name, words, { cwd, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const told = new EventEmitter();
  child.once('exit', () => told.emit('told'));
  const events: WorkerProcess['events'] = [];
  let rest = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      events.push(JSON.parse(line) as WorkerProcess['events'][number]);
      told.emit('told');
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return {
    child,
    events,
    errors: () => errors,
    async event(awaited) {
      while (!events.some(awaited)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the worker ended: ${errors}`);
        await once(told, 'told');
      }
    },
    async exit() {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
}
