import { createHash } from 'node:crypto';
import { bundleToJSON } from '@sigstore/bundle';
import { HashAlgorithm } from '@sigstore/protobuf-specs';
import { DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness, type Witness } from '@sigstore/sign';
import { WeighbridgeError } from '../../errors.ts';
import type { BundleSigner } from '../contract.ts';
import { preAuthenticationEncoding } from '../envelope.ts';
import type { IdentityToken } from './identityToken.ts';
import type { SigstoreInstance } from './instance.ts';
import { reasonOf } from './secrets.ts';

export interface KeylessSigning {
  instance: SigstoreInstance;
  token: IdentityToken;
  signal?: AbortSignal | undefined;
}

export interface KeylessSignerOptions extends KeylessSigning {
  /** Signs in again when the token expired meanwhile: hashing a large model takes longer than tokens live. */
  renew?: () => Promise<IdentityToken>;
}

/** Per request to a service, in milliseconds. */
const timeout = 20_000;
const retry = { retries: 2 };
/** A token that ends sooner is renewed first, in milliseconds. */
const leastLifetime = 15_000;

/**
 * Signs with a key that is made for this one signature and forgotten: the certificate authority certifies it for the
 * token's identity, and the transparency log keeps an entry, for ever.
 * @returns the bundle as a JSON value, of version 0.3, with one log entry, as other clients want it.
 * @throws {WeighbridgeError} `refused`, `unreachable`: by or which service; `bad-input`: the token; `cancelled`. The token is in no message.
 */
export async function signKeyless(payload: Buffer, payloadType: string, options: KeylessSigning): Promise<unknown> {
  const { instance, token, signal } = options;
  if (token.expiresAt <= Date.now()) {
    throw new WeighbridgeError(
      'bad-input',
      'The identity token has expired: sign in again, as tokens live for minutes only.',
    );
  }
  signal?.throwIfAborted();
  const witnesses: Witness[] = [logOf(instance)];
  if (instance.timestampAuthority !== null) {
    witnesses.push(new TSAWitness({ tsaBaseURL: instance.timestampAuthority, timeout, retry }));
  }
  const builder = new DSSEBundleBuilder({
    signer: new FulcioSigner({
      fulcioBaseURL: instance.certificateAuthority,
      identityProvider: { getToken: () => Promise.resolve(token.reveal()) },
      timeout,
      retry,
    }),
    witnesses,
  });
  try {
    const bundle = await unlessAborted(builder.create({ data: payload, type: payloadType }), signal);
    return bundleToJSON(bundle);
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    throw explained(error, options);
  }
}

/**
 * Since May 2026 logs of version 2 take a signed envelope as the hash of what its signature is over, and other clients
 * refuse what @sigstore/sign 5.1 would send: the envelope. https://github.com/sigstore/rekor-tiles
 */
function logOf({ transparencyLog: rekorBaseURL, logVersion }: SigstoreInstance): Witness {
  const log = new RekorWitness({ rekorBaseURL, majorApiVersion: logVersion, timeout, retry });
  if (logVersion === 1) return log;
  return {
    testify(content, publicKey) {
      if (content.$case !== 'dsseEnvelope') return log.testify(content, publicKey);
      const { payloadType, payload, signatures } = content.dsseEnvelope;
      const digest = createHash('sha256').update(preAuthenticationEncoding(payloadType, payload)).digest();
      const messageDigest = { algorithm: HashAlgorithm.SHA2_256, digest };
      const messageSignature = { messageDigest, signature: signatures[0]?.sig ?? Buffer.alloc(0) };
      return log.testify({ $case: 'messageSignature', messageSignature }, publicKey);
    },
  };
}

/** For signing a model and its provenance alike; one token serves both while it lives. */
export function keylessSigner({ renew, ...options }: KeylessSignerOptions): BundleSigner {
  let { token } = options;
  return {
    method: 'sigstore',
    signer: options.token.identity,
    warnings: [],
    async sign(payload, payloadType) {
      if (renew && token.expiresAt < Date.now() + leastLifetime) token = sameSigner(options.token, await renew());
      return signKeyless(payload, payloadType, { ...options, token });
    },
  };
}

/** What the person agreed to see in the log is what goes there. */
function sameSigner(agreed: IdentityToken, renewed: IdentityToken): IdentityToken {
  if (renewed.identity === agreed.identity && renewed.issuer === agreed.issuer) return renewed;
  throw new WeighbridgeError(
    'refused',
    `The second sign-in was as ${renewed.identity}, and the first as ${agreed.identity}: sign again as one of them.`,
  );
}

/** The library cannot be interrupted: it is left to end by itself, within its timeouts, and what it gives is dropped. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function cancelled(): WeighbridgeError {
  return new WeighbridgeError('cancelled', 'Signing was cancelled; if the log was asked already, its entry stays.');
}

/** Without the cause: the library's errors can hold the token. */
function explained(error: unknown, { instance, token }: KeylessSigning): WeighbridgeError {
  const { code = '', cause } = error as Error & { code?: string };
  const status = (cause as { statusCode?: number } | undefined)?.statusCode;
  const [service, url] = code.startsWith('CA_')
    ? ['certificate authority', instance.certificateAuthority]
    : code.startsWith('TLOG_')
      ? ['transparency log', instance.transparencyLog]
      : code.startsWith('TSA_')
        ? ['timestamp authority', instance.timestampAuthority]
        : ['keyless signing', null];
  const where = url === null ? '' : ` ${new URL(url).host}`;
  const reason = reasonOf(error, [token.reveal()]);
  return status !== undefined && status < 500
    ? new WeighbridgeError('refused', `The ${service}${where} refused to take part: ${reason}.`)
    : new WeighbridgeError(
        'unreachable',
        `The ${service}${where} did not answer properly, so nothing was signed: ${reason}.`,
      );
}
