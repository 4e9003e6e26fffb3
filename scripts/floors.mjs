// The import-floor check: reads every import of the sources and compares it with docs/ARCHITECTURE.md's invariants,
// which stand here as tables. Prints each breach as file:line, and fails when there is one.
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Rooms from the ground up; the rooms of one line stand side by side. A room may import its own floor and those below. */
const floors = [
  ['server/errors.ts', 'server/formats', 'server/files', 'server/start', 'server/statistics'],
  [
    'server/convert',
    'server/signing',
    'server/datasets',
    'server/aibom',
    'server/scans',
    'server/runtime',
    'server/posture',
    'server/vulnerabilities',
    'server/sources',
  ],
  ['server/rules'],
  ['server/engine', 'server/policy'],
  ['server/report'],
  ['server/fleet'],
  ['server/lsp', 'server/cli'],
  ['client'],
];

/** What the client and the server share: the names of requests, and types. */
const isProtocol = (file) => /^server\/lsp\/(?:\w+\/)?protocol\.ts$/.test(file);

/** Rooms that do no I/O of their own, and the built-in modules that they may use all the same: they touch no file. */
const pureRooms = ['server/formats', 'server/posture', 'server/rules', 'server/statistics'];
const pureModules = ['node:buffer', 'node:path', 'node:zlib', 'node:util'];

/**
 * Packages that belong to one room.
 * @type {{ name: RegExp, rooms: string[], why: string }[]}
 */
const belongings = [
  {
    name: /^(?:bullmq|ioredis|jose|pg|@photostructure\/sqlite)$/,
    rooms: ['server/fleet'],
    why: 'only fleets have queues, databases and clients that show tokens',
  },
  { name: /^vscode$/, rooms: ['client'], why: 'only the client runs inside an editor' },
  { name: /^vscode-languageclient/, rooms: ['client'], why: 'only the client starts a server' },
  {
    name: /^vscode-(?:languageserver|jsonrpc|uri)/,
    rooms: ['server/lsp'],
    why: 'only the language server knows the protocol',
  },
];

/**
 * Breaches of the floors in one file.
 * @param {string} file path from the root, with `/`.
 * @param {string} text its source.
 * @returns {{ file: string, line: number, message: string }[]}
 */
export function breachesIn(file, text) {
  const breaches = [];
  const isTest = /\.(?:test|fixture)\.tsx?$/.test(file) || file.startsWith('test/');
  for (const { specifier, typeOnly, line } of importsOf(text)) {
    const message = specifier.startsWith('.')
      ? relativeBreach(file, path.posix.join(path.posix.dirname(file), specifier), typeOnly, isTest)
      : packageBreach(file, specifier, typeOnly, isTest);
    if (message) breaches.push({ file, line, message });
  }
  return breaches;
}

function relativeBreach(file, target, typeOnly, isTest) {
  if (!isTest && /\.(?:fixture|test)\.ts$/.test(target)) return `imports ${target}, which only tests may`;
  if (!isTest && target.startsWith('test/')) return `imports ${target}, which only tests may`;
  if (roomOf(file) === 'client') {
    if (roomOf(target) === 'client' || roomOf(target) === null) return null;
    return isProtocol(target) || isTest ? null : `imports ${target}: the client knows the server by its protocol only`;
  }
  if (isProtocol(file) && !typeOnly && !isProtocol(target)) {
    return `imports ${target}: the protocol is names and types, and brings no code along`;
  }
  const from = floorOf(file);
  const to = floorOf(target);
  if (from === null || to === null || to <= from || isTest) return null;
  return `imports ${target}, which stands on a higher floor`;
}

function packageBreach(file, specifier, typeOnly, isTest) {
  if (isTest) return null;
  const room = roomOf(file);
  const owner = belongings.find(({ name }) => name.test(specifier));
  if (owner && !owner.rooms.includes(room)) return `imports ${specifier}: ${owner.why}`;
  const impure = isBuiltin(specifier) && !pureModules.includes(specifier);
  return impure && pureRooms.includes(room) ? `imports ${specifier}: this room reads and writes nothing itself` : null;
}

function roomOf(file) {
  return floors.flat().find((room) => file === room || file.startsWith(`${room}/`)) ?? null;
}

function floorOf(file) {
  const room = roomOf(file);
  return room === null ? null : floors.findIndex((rooms) => rooms.includes(room));
}

/** Static imports, re-exports, dynamic imports and import types. The formatter keeps each `from` with its closing brace. */
function* importsOf(text) {
  const pattern =
    /^[ \t]*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?(['"])([^'"\n]+)\3|\bimport\(\s*(['"])([^'"\n]+)\5/gm;
  for (const match of text.matchAll(pattern)) {
    const specifier = match[4] ?? match[6];
    const line = text.slice(0, match.index).split('\n').length + match[0].split('\n').length - 1;
    yield { specifier, typeOnly: match[2] !== undefined, line };
  }
}

/** @returns every breach below the given folders of the root. */
export function breaches(root, folders = ['server', 'client', 'test']) {
  return folders.flatMap((folder) =>
    sourcesIn(root, folder).flatMap((file) => breachesIn(file, readFileSync(path.join(root, file), 'utf8'))),
  );
}

function sourcesIn(root, folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const inside = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(root, inside);
    return /\.tsx?$/.test(entry.name) ? [inside] : [];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const found = breaches(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
  for (const { file, line, message } of found) console.error(`${file}:${line} ${message}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
