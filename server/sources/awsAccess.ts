import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';
import { WeighbridgeError } from '../errors.ts';
import { keysOfContainer, keysOfProfile, keysOfWebIdentity, type KeySource, type ProfileFiles } from './awsKeys.ts';

/** Where an S3-compatible store is, and who asks. */
export interface AwsAccess {
  /** Null for AWS itself. */
  endpoint: string | null;
  region: string;
  /** Null: requests are anonymous, as for public buckets. */
  keys: KeySource | null;
}

type Section = Record<string, string | undefined>;

/**
 * From the variables and files that AWS's own tools read: `AWS_ACCESS_KEY_ID` and so on, then the profile, which may name a single
 * sign-on, a role or a program, then what a platform gives its containers. The metadata service of machines is asked only where a
 * profile names it (`credential_source`): everybody else would wait for it.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files" and "Standardized credential providers".
 * @throws {WeighbridgeError} `refused` where a profile is named from which nothing can be taken.
 */
export async function awsAccess(environment: NodeJS.ProcessEnv): Promise<AwsAccess> {
  const profile = environment['AWS_PROFILE'] || 'default';
  const folder = join(environment['HOME'] || homedir(), '.aws');
  const filepath = environment['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials');
  const configFilepath = environment['AWS_CONFIG_FILE'] || join(folder, 'config');
  const { credentialsFile, configFile } = await loadSharedConfigFiles({
    ...{ filepath, configFilepath },
    // This thread may have read other files before, and the environment is that of the caller.
    ignoreCache: true,
  });
  const settings: Section = { ...configFile[profile], ...credentialsFile[profile] };
  const isIgnored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const endpoint = isIgnored
    ? null
    : environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL'] || settings['endpoint_url'] || null;
  if (endpoint !== null && !/^https?:\/\/[^/]/.test(endpoint))
    throw new WeighbridgeError('bad-usage', 'the endpoint of the store is no address: write https://HOST');
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || settings['region'] || 'us-east-1';
  if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new WeighbridgeError('bad-usage', 'the AWS region has no usable name');
  return { endpoint, region, keys: keySource(environment, settings, { profile, filepath, configFilepath, region }) };
}

/** In the order of AWS's own tools. @throws {WeighbridgeError} `refused` where a profile is named from which nothing can be taken. */
function keySource(environment: NodeJS.ProcessEnv, settings: Section, files: ProfileFiles): KeySource | null {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: session } = settings;
  const found =
    pair(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) ??
    keysOfProfile(settings, files) ??
    pair(id, secret, session) ??
    keysOfWebIdentity(environment, files.region) ??
    keysOfContainer(environment);
  if (found || !environment['AWS_PROFILE']) return found;
  throw new WeighbridgeError('refused', `the AWS profile ${files.profile.slice(0, 64)} holds no credentials`);
}

function pair(id: string | undefined, secret: string | undefined, token: string | undefined): KeySource | null {
  if (!id || !secret) return null;
  const keys = { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
  return () => Promise.resolve(keys);
}
