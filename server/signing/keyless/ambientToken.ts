import { WeighbridgeError } from '../../errors.ts';
import { IdentityToken } from './identityToken.ts';
import { requestJson, secureUrl } from './jsonRequest.ts';

export interface AmbientOptions {
  environment: NodeJS.ProcessEnv;
  audience: string;
  signal?: AbortSignal | undefined;
}

/**
 * The token that continuous integration gives without asking anybody: `SIGSTORE_ID_TOKEN`, or GitHub Actions'.
 * @returns null where there is none.
 * @throws {WeighbridgeError} where there is one that cannot be used.
 */
export async function ambientToken({ environment, audience, signal }: AmbientOptions): Promise<IdentityToken | null> {
  const given = environment['SIGSTORE_ID_TOKEN'];
  if (given) return IdentityToken.parse(given, 'SIGSTORE_ID_TOKEN', { audience });
  const url = environment['ACTIONS_ID_TOKEN_REQUEST_URL'];
  const bearer = environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
  if (!url || !bearer) return null;
  const target = secureUrl(url, 'GitHub Actions');
  target.searchParams.set('audience', audience);
  const { status, body } = await requestJson(target.href, { bearer, service: 'GitHub Actions', signal });
  if (status !== 200 || typeof body['value'] !== 'string') {
    throw new WeighbridgeError('refused', `GitHub Actions gave no identity token (HTTP ${status}).`);
  }
  return IdentityToken.parse(body['value'], 'of GitHub Actions', { audience });
}

/** What to do where nobody can be asked and the environment holds no token. */
export function howToGetToken(environment: NodeJS.ProcessEnv): string {
  if (environment['GITHUB_ACTIONS'] === 'true') {
    return 'give the job the permission "id-token: write", so that it can get an identity token';
  }
  if (environment['GITLAB_CI'] === 'true') {
    return 'let the job request one: "id_tokens: { SIGSTORE_ID_TOKEN: { aud: sigstore } }"';
  }
  return 'set SIGSTORE_ID_TOKEN, or give one with --identity-token';
}
