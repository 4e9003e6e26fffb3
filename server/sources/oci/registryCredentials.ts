import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface RegistryCredentials {
  user: string;
  password: string;
}

interface DockerConfig {
  auths?: Record<string, { auth?: unknown; username?: unknown; password?: unknown }>;
  credHelpers?: Record<string, unknown>;
  credsStore?: unknown;
}

/** Milliseconds that a credential helper may take: it may ask a key ring. */
const patience = 20_000;

/**
 * What `docker login`, `podman login` or `oras login` left for a registry; null where there is nothing. Where they left it to a
 * credential helper, that is asked as they ask it.
 * Source: docker login, "Credential stores"; containers-auth.json(5).
 */
export async function registryCredentials(
  host: string,
  environment: NodeJS.ProcessEnv,
): Promise<RegistryCredentials | null> {
  // `notdocker.io` is somebody else's.
  const names = /(?:^|\.)docker\.io$/.test(host)
    ? ['https://index.docker.io/v1/', 'docker.io', host]
    : [host, `https://${host}`];
  for (const file of configFiles(environment)) {
    const config = read(file);
    if (!config) continue;
    for (const name of names) {
      const helper =
        config.credHelpers?.[name] ?? (config.auths?.[name] && !inFile(config, name) ? config.credsStore : null);
      const found = typeof helper === 'string' ? await fromHelper(helper, name, environment) : inFile(config, name);
      if (found) return found;
    }
  }
  return null;
}

function configFiles(environment: NodeJS.ProcessEnv): string[] {
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR, HOME } = environment;
  return [
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    join(DOCKER_CONFIG || join(HOME || homedir(), '.docker'), 'config.json'),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'containers', 'auth.json')] : []),
  ];
}

function read(file: string): DockerConfig | null {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function inFile({ auths }: DockerConfig, name: string): RegistryCredentials | null {
  const { auth, username, password } = auths?.[name] ?? {};
  if (typeof username === 'string' && typeof password === 'string') return { user: username, password };
  if (typeof auth !== 'string' || auth === '') return null;
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Protocol: docker-credential-helpers, `get`: the server on standard input, JSON on standard output. */
function fromHelper(
  helper: string,
  server: string,
  environment: NodeJS.ProcessEnv,
): Promise<RegistryCredentials | null> {
  if (!/^[\w.-]{1,64}$/.test(helper)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const options = { env: environment, timeout: patience, maxBuffer: 1 << 20 };
    const child = execFile(`docker-credential-${helper}`, ['get'], options, (error, stdout) => {
      if (error) return resolve(null);
      try {
        const { Username: user, Secret: password } = JSON.parse(stdout) as { Username?: unknown; Secret?: unknown };
        resolve(typeof user === 'string' && typeof password === 'string' ? { user, password } : null);
      } catch {
        resolve(null);
      }
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(server);
  });
}
