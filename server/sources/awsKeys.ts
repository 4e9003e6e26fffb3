import type { WeighbridgeError } from '../errors.ts';
import { FetchError } from './http/fetchError.ts';

/** What signs requests. */
export interface AwsKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Asked before each request: some keys hold for an hour. @throws {WeighbridgeError} `refused`, `unreachable`. */
export type KeySource = () => Promise<AwsKeys>;

/** The settings by which a profile says where its keys come from, besides naming them. */
const otherWays = [
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
  'role_arn',
  'credential_process',
  'login_session',
] as const;

export interface ProfileFiles {
  profile: string;
  /** Where credentials and settings stand. */
  filepath: string;
  configFilepath: string;
  region: string;
}

/** How a profile gets its keys, by AWS's own library; null where its settings name none of the ways. */
export function keysOfProfile(settings: Record<string, string | undefined>, files: ProfileFiles): KeySource | null {
  const way = otherWays.find((name) => settings[name] !== undefined);
  if (way === undefined) return null;
  const { profile, region, ...paths } = files;
  const name = profile.slice(0, 64);
  return once(`profile ${JSON.stringify([files, settings])}`, `the AWS profile ${name} (${way})`, async () => {
    const { fromIni } = await import('@aws-sdk/credential-providers');
    return fromIni({ profile, ...paths, ignoreCache: true, clientConfig: { region } });
  });
}

/** A role that a token of the platform stands for, as Kubernetes gives one to pods (IRSA); null where none is named. */
export function keysOfWebIdentity(environment: NodeJS.ProcessEnv, region: string): KeySource | null {
  const {
    AWS_WEB_IDENTITY_TOKEN_FILE: webIdentityTokenFile,
    AWS_ROLE_ARN: roleArn,
    AWS_ROLE_SESSION_NAME: session,
  } = environment;
  if (!webIdentityTokenFile || !roleArn) return null;
  const roleSessionName = session || 'weighbridge';
  return once(`token ${webIdentityTokenFile} ${roleArn}`, 'AWS_WEB_IDENTITY_TOKEN_FILE', async () => {
    const { fromTokenFile } = await import('@aws-sdk/credential-providers');
    return fromTokenFile({ webIdentityTokenFile, roleArn, roleSessionName, clientConfig: { region } });
  });
}

/** The endpoint that a container is given (ECS, EKS Pod Identity); null where none is named. */
export function keysOfContainer(environment: NodeJS.ProcessEnv): KeySource | null {
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const full = environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (!relative && !full) return null;
  const token = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  const tokenFile = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  return once(`container ${relative ?? full}`, "the container's AWS credentials endpoint", async () => {
    const { fromHttp } = await import('@aws-sdk/credential-providers');
    return fromHttp({
      ...(relative ? { awsContainerCredentialsRelativeUri: relative } : { awsContainerCredentialsFullUri: full ?? '' }),
      ...(token ? { awsContainerAuthorizationToken: token } : {}),
      ...(tokenFile ? { awsContainerAuthorizationTokenFile: tokenFile } : {}),
    });
  });
}

type Provider = () => Promise<AwsKeys & { expiration?: Date }>;

/** Keys are asked for again so many milliseconds before they end. */
const early = 5 * 60_000;
const sources = new Map<string, KeySource>();

/** One source for the same settings, which keeps its keys until they end. */
function once(key: string, shown: string, open: () => Promise<Provider>): KeySource {
  const known = sources.get(key);
  if (known) return known;
  let asked: Promise<AwsKeys & { expiration?: Date }> | null = null;
  let until = Infinity;
  const source: KeySource = async () => {
    if (asked === null || Date.now() > until) {
      until = Infinity;
      asked = open().then((provider) => provider());
    }
    try {
      const keys = await asked;
      until = keys.expiration ? keys.expiration.getTime() - early : Infinity;
      return keys;
    } catch (cause) {
      asked = null;
      throw told(shown, cause);
    }
  };
  sources.set(key, source);
  return source;
}

/** What the library says may hold what a program printed, or a token: only what kind of error it was is told. */
function told(shown: string, cause: unknown): WeighbridgeError {
  const { name, $fault: fault } = cause as Error & { $fault?: string };
  const isTransient = fault === 'server' || /Timeout|Network|ECONN/i.test(name);
  const kind = /^\w{1,60}$/.test(name) ? name : 'Error';
  return new FetchError(
    'refused',
    `${shown} gives no credentials (${kind}): see what "aws sts get-caller-identity" says, such as to run "aws sso login"`,
    isTransient,
  );
}
