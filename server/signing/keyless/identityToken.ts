import { inspect } from 'node:util';
import { WeighbridgeError } from '../../errors.ts';

/** What a token must be. */
export interface TokenExpectations {
  /** The client id that the certificate authority takes tokens of. */
  audience: string;
  /** When the token was asked for by us: the provider that was asked. */
  issuer?: string;
  /** When the token was asked for by us: proves that it was made for this sign-in. */
  nonce?: string;
  /** In milliseconds since 1970; now unless told. */
  now?: number;
}

const githubIssuer = 'https://token.actions.githubusercontent.com';

/**
 * An OpenID token that says who signs. The text is kept in memory only, and nothing that prints the object shows it.
 * Its signature is the certificate authority's to check: for us the claims only serve to say early and clearly what would
 * be refused there, and to tell the person who the log will name.
 */
export class IdentityToken {
  readonly #text: string;
  /** E-mail address or URI that the certificate will hold, as far as the token tells. */
  readonly identity: string;
  /** The provider that the certificate will name. */
  readonly issuer: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;

  private constructor(text: string, identity: string, issuer: string, expiresAt: number) {
    this.#text = text;
    this.identity = identity;
    this.issuer = issuer;
    this.expiresAt = expiresAt;
  }

  /**
   * @param origin where the token comes from, for messages: `SIGSTORE_ID_TOKEN`.
   * @throws {WeighbridgeError} `bad-input`: no token, expired, for somebody else; the message does not hold the token.
   */
  static parse(text: string, origin: string, expected: TokenExpectations): IdentityToken {
    const token = text.trim();
    const claims = claimsOf(token);
    const refuse = (why: string): never => {
      throw new WeighbridgeError('bad-input', `The identity token (${origin}) ${why}.`);
    };
    if (claims === null) return refuse('is not a JSON Web Token: give the token itself, three parts with dots between');
    const now = expected.now ?? Date.now();
    const { iss, exp, nonce } = claims;
    if (typeof iss !== 'string' || iss === '') return refuse('names no issuer');
    if (typeof exp !== 'number' || !Number.isFinite(exp)) return refuse('has no time of expiry');
    if (exp * 1000 <= now) {
      const minutes = Math.max(1, Math.round((now / 1000 - exp) / 60));
      return refuse(`expired ${minutes} min ago: get a new one, as tokens live for minutes only`);
    }
    const audiences = [claims.aud].flat().filter((audience) => typeof audience === 'string');
    if (!audiences.includes(expected.audience)) {
      const found = audiences.length > 0 ? `is for "${printable(audiences.join('", "'))}"` : 'is for no audience';
      return refuse(`${found}: request it for the audience "${expected.audience}"`);
    }
    if (expected.issuer !== undefined && iss !== expected.issuer) {
      return refuse(`was issued by ${printable(iss)} and not by ${expected.issuer}`);
    }
    if (expected.nonce !== undefined && nonce !== expected.nonce)
      return refuse('was not made for this sign-in: try again');
    if (typeof claims.email === 'string' && claims.email_verified !== true && claims.email_verified !== 'true') {
      return refuse('holds an e-mail address that its provider has not verified: confirm the address there first');
    }
    const identity = identityOf(claims, iss);
    if (identity === null) return refuse('names neither an e-mail address nor a subject');
    return new IdentityToken(token, printable(identity), printable(issuerOf(claims, iss)), exp * 1000);
  }

  /** For the certificate authority alone. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return `[identity token of ${this.identity}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

interface Claims {
  iss?: unknown;
  aud?: unknown;
  exp?: unknown;
  sub?: unknown;
  nonce?: unknown;
  email?: unknown;
  email_verified?: unknown;
  job_workflow_ref?: unknown;
  ci_config_ref_uri?: unknown;
  federated_claims?: unknown;
}

function claimsOf(token: string): Claims | null {
  if (token.length > 65_536 || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? claims : null;
  } catch {
    return null;
  }
}

/** What Fulcio writes into the certificate: https://github.com/sigstore/fulcio/blob/main/docs/oidc.md */
function identityOf(claims: Claims, issuer: string): string | null {
  if (issuer === githubIssuer && typeof claims.job_workflow_ref === 'string') {
    return `https://github.com/${claims.job_workflow_ref}`;
  }
  if (typeof claims.email === 'string' && claims.email !== '') return claims.email;
  // GitLab
  if (typeof claims.ci_config_ref_uri === 'string') return `https://${claims.ci_config_ref_uri}`;
  return typeof claims.sub === 'string' && claims.sub !== '' ? claims.sub : null;
}

/** A provider that stands before others (Dex) tells which one it was, and the certificate names that one. */
function issuerOf(claims: Claims, issuer: string): string {
  const federated = claims.federated_claims as { connector_id?: unknown } | null | undefined;
  const connector = typeof federated === 'object' ? federated?.connector_id : undefined;
  return typeof connector === 'string' && connector !== '' ? connector : issuer;
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '').slice(0, 500);
}
