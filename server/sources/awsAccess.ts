import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';
import { WeighbridgeError } from '../errors.ts';

/** Where an S3-compatible store is, and who asks. */
export interface AwsAccess {
  /** Null for AWS itself. */
  endpoint: string | null;
  region: string;
  /** Null: requests are anonymous, as for public buckets. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null;
}

type Section = Record<string, string | undefined>;

/**
 * From the variables and files that AWS's own tools read: `AWS_ACCESS_KEY_ID` and so on, then the profile. Nothing is asked of a
 * metadata service or a single sign-on, and no program is run: `aws configure export-credentials` gives what those give.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 * @throws {WeighbridgeError} `refused` where a profile is named from which nothing can be taken.
 */
export async function awsAccess(environment: NodeJS.ProcessEnv): Promise<AwsAccess> {
  const profile = environment['AWS_PROFILE'] || 'default';
  const folder = join(environment['HOME'] || homedir(), '.aws');
  const { credentialsFile, configFile } = await loadSharedConfigFiles({
    filepath: environment['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials'),
    configFilepath: environment['AWS_CONFIG_FILE'] || join(folder, 'config'),
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
  return { endpoint, region, credentials: credentialsOf(environment, settings, profile) };
}

function credentialsOf(environment: NodeJS.ProcessEnv, settings: Section, profile: string): AwsAccess['credentials'] {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  const fromEnvironment = pair(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN);
  if (fromEnvironment) return fromEnvironment;
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: session } = settings;
  const fromProfile = pair(id, secret, session);
  if (fromProfile) return fromProfile;
  const other = ['sso_session', 'sso_start_url', 'role_arn', 'credential_process', 'login_session'].find(
    (name) => settings[name] !== undefined,
  );
  const isNamed = Boolean(environment['AWS_PROFILE']);
  if (other === undefined && !isNamed) return null;
  const why = other === undefined ? 'holds no credentials' : `takes its credentials from ${other}`;
  throw new WeighbridgeError(
    'refused',
    `the AWS profile ${profile.slice(0, 64)} ${why}: run eval "$(aws configure export-credentials --profile ${profile.slice(0, 64)} --format env)" first`,
  );
}

function pair(id: string | undefined, secret: string | undefined, token: string | undefined): AwsAccess['credentials'] {
  if (!id || !secret) return null;
  return { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
}
