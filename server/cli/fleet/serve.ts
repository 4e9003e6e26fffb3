import { readFileSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { givenKeys, publishedKeys, type Authentication } from '../../fleet/admission/authentication.ts';
import { serve } from '../../fleet/admission/service.ts';
import { ruleSetOf } from '../../fleet/ruleSet.ts';
import { inputJson, inputText } from '../inputFile.ts';
import { complain, exitCodes, write, type Io } from '../io.ts';
import {
  choice,
  configuration,
  file,
  flag,
  readArguments,
  requireNoMore,
  requireOwner,
  text,
  texts,
  type OptionValues,
} from '../options.ts';
import { examineSettings, openStore, wholeNumber } from './fleetArguments.ts';

/** `weighbridge serve`. */
export async function serveAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('serve', args, {
    listen: { type: 'string' },
    store: { type: 'string' },
    'tls-certificate': { type: 'string' },
    'tls-key': { type: 'string' },
    'client-authority': { type: 'string' },
    'client-name': { type: 'string', multiple: true },
    'oidc-issuer': { type: 'string' },
    'oidc-audience': { type: 'string' },
    'oidc-subject': { type: 'string', multiple: true },
    'oidc-keys': { type: 'string' },
    'no-authentication': { type: 'boolean' },
    'plain-http': { type: 'boolean' },
    rate: { type: 'string' },
    'deny-load': { type: 'string' },
    'deny-promote': { type: 'string' },
    map: { type: 'string', multiple: true },
  });
  requireNoMore(positionals);
  const { host, port } = placeOf(values);
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(host);
  const tls = tlsOf(values, io, isLocal);
  const authentication = await authenticationOf(values, io, { isLocal, isSecure: tls !== null });
  const settings = await configuration(values, io.cwd);
  const levels = ['error', 'warning', 'info'] as const;
  const policy = {
    denyFrom: {
      load: choice(values, 'deny-load', levels, 'error'),
      promote: choice(values, 'deny-promote', levels, 'warning'),
    },
    configuration: settings,
    rules: ruleSetOf(examineSettings(settings)),
    mappings: texts(values, 'map').map(mappingOf),
  };
  const perSecond = wholeNumber(values, 'rate', 100, 1_000_000);
  const store = await openStore(values, io);
  try {
    await serve({
      ...{ host, port, tls, authentication, perSecond, store, policy, signal: io.signal },
      onListening: (address) => void complain(io, `answers at ${address}`),
      log: (line) => void write(io.stdout, `${line}\n`),
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
      throw new WeighbridgeError('unreachable', `cannot listen at ${host}:${port}: ${message}`, { cause });
    }
    throw cause;
  } finally {
    await store.close();
  }
  return exitCodes.ok;
}

/** @throws {WeighbridgeError} `bad-usage`. */
function placeOf(values: OptionValues): { host: string; port: number } {
  const given = text(values, 'listen') ?? '127.0.0.1:8443';
  const [, name, digits] = /^(\[[0-9a-f:]+\]|[^:]+):(\d{1,5})$/i.exec(given) ?? [];
  const port = Number(digits);
  if (name === undefined || port > 65_535) {
    throw new WeighbridgeError('bad-usage', `--listen must be HOST:PORT, not "${given}"`);
  }
  return { host: name.replace(/^\[|\]$/g, ''), port };
}

/** @throws {WeighbridgeError} */
function tlsOf(values: OptionValues, io: Io, isLocal: boolean) {
  const certificate = file(values, 'tls-certificate', io.cwd);
  const key = file(values, 'tls-key', io.cwd);
  const authority = file(values, 'client-authority', io.cwd);
  if (flag(values, 'plain-http')) {
    if (certificate !== undefined || authority !== undefined) {
      throw new WeighbridgeError('bad-usage', '--plain-http has no certificates');
    }
    if (!isLocal && text(values, 'oidc-issuer') === undefined) {
      throw new WeighbridgeError('bad-usage', '--plain-http elsewhere than on this machine needs --oidc-issuer');
    }
    return null;
  }
  if (certificate === undefined || key === undefined) {
    throw new WeighbridgeError('bad-usage', 'give --tls-certificate and --tls-key, or --plain-http on this machine');
  }
  // Read once now, so that what is wrong is told at the start.
  for (const path of [certificate, key, ...(authority === undefined ? [] : [authority])]) inputText(path);
  return () => ({
    cert: readFileSync(certificate),
    key: readFileSync(key),
    minVersion: 'TLSv1.2' as const,
    // Who shows none may have a token, and asks for health without either: each request is judged by itself.
    ...(authority === undefined ? {} : { ca: readFileSync(authority), requestCert: true, rejectUnauthorized: false }),
  });
}

/** @throws {WeighbridgeError} */
async function authenticationOf(
  values: OptionValues,
  io: Io,
  { isLocal, isSecure }: { isLocal: boolean; isSecure: boolean },
): Promise<Authentication | null> {
  requireOwner(values, ['client-name'], 'client-authority');
  requireOwner(values, ['oidc-audience', 'oidc-subject', 'oidc-keys'], 'oidc-issuer');
  const issuer = text(values, 'oidc-issuer');
  const hasCertificates = isSecure && text(values, 'client-authority') !== undefined;
  if (flag(values, 'no-authentication')) {
    if (issuer !== undefined || hasCertificates) {
      throw new WeighbridgeError('bad-usage', '--no-authentication stands beside what clients are to show');
    }
    if (!isLocal) throw new WeighbridgeError('bad-usage', '--no-authentication is only for 127.0.0.1');
    return null;
  }
  if (issuer === undefined && !hasCertificates) {
    throw new WeighbridgeError(
      'bad-usage',
      'say who may ask: --client-authority, --oidc-issuer, or --no-authentication',
    );
  }
  const names = texts(values, 'client-name');
  return {
    certificates: hasCertificates,
    certificateNames: names.length > 0 ? new Set(names) : null,
    tokens: issuer === undefined ? null : await tokensOf(issuer, values, io),
  };
}

async function tokensOf(issuer: string, values: OptionValues, io: Io) {
  const audience = text(values, 'oidc-audience');
  if (audience === undefined || audience === '') {
    throw new WeighbridgeError(
      'bad-usage',
      '--oidc-issuer needs --oidc-audience: tokens for others must not count here',
    );
  }
  const keysFile = file(values, 'oidc-keys', io.cwd);
  const keys = keysFile === undefined ? await publishedKeys(issuer, io.signal) : givenKeys(inputJson(keysFile));
  const subjects = texts(values, 'oidc-subject');
  return { issuer, audience, subjects: subjects.length > 0 ? new Set(subjects) : null, keys };
}

/** @throws {WeighbridgeError} `bad-usage`. */
function mappingOf(given: string): [string, string] {
  const at = given.indexOf('=');
  if (at > 0 && at < given.length - 1)
    return [given.slice(0, at).replace(/\/+$/, ''), given.slice(at + 1).replace(/\/+$/, '')];
  throw new WeighbridgeError('bad-usage', `--map must be FROM=TO, not "${given}"`);
}
