import { X509Certificate } from 'node:crypto';
import { oneLine, readCertificate, signingUsage, type CertificateFields } from './certificateFields.ts';
import { Rejection } from './rejection.ts';

interface Link {
  certificate: X509Certificate;
  fields: CertificateFields;
}

/** Certificates between leaf and root at most; real chains have one or two. */
const longestPath = 8;
/** Signatures that may be checked while looking for a path: certificates that all issue one another would take for ever. */
const mostChecks = 200;

/** Signatures that can be forged (MD2, MD5, SHA-1), by the identifiers of RFC 3279. */
const brokenAlgorithms = new Set([
  '1.2.840.113549.1.1.2',
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.2.840.10045.4.1',
]);

/**
 * Finds the way from the signing certificate to one of the roots.
 * @param certificates DER, the signing certificate first; the others are hints that nobody trusts.
 * @param at when every certificate on the way must be valid, in milliseconds since 1970; the start of the leaf's validity
 * unless told, as the reference does: an expired certificate does not undo a signature.
 * @returns the signing certificate, and the root that vouches for it.
 * @throws {Rejection} `malformed` or `untrusted`.
 */
export function verifyChain(
  certificates: readonly Buffer[],
  roots: readonly X509Certificate[],
  at?: number,
): { leaf: X509Certificate; root: X509Certificate } {
  const links = certificates.map((der) => linkOf(der));
  const [leaf, ...intermediates] = links;
  if (!leaf) throw new Rejection('malformed', 'The signature holds no certificate.');
  const anchors = roots.map((certificate) => linkOf(certificate.raw));
  const search = new PathSearch(anchors, intermediates, at ?? leaf.fields.notBefore);
  const root = search.from(leaf, 0);
  if (!root) throw new Rejection('untrusted', `The signing certificate ${search.obstacle}.`);
  if (!signingUsage(leaf.fields)) {
    throw new Rejection(
      'untrusted',
      'The certificate that signed is not for signing (no usage digitalSignature or codeSigning).',
    );
  }
  return { leaf: leaf.certificate, root: root.certificate };
}

/** Looks for issuers by checking signatures: names alone prove nothing, and may be equal. */
class PathSearch {
  /** What stood in the way, by the last way that was tried. */
  obstacle = 'was issued by none of the certificates that are trusted';
  readonly #anchors: readonly Link[];
  readonly #intermediates: readonly Link[];
  readonly #at: number;
  #checks = 0;

  constructor(anchors: readonly Link[], intermediates: readonly Link[], at: number) {
    this.#anchors = anchors;
    this.#intermediates = intermediates;
    this.#at = at;
  }

  /** @param below authorities that were passed on the way up to here. @returns the root, or null. */
  from(link: Link, below: number): Link | null {
    if (!this.#usable(link)) return null;
    const itself = this.#anchors.find(({ certificate }) => certificate.raw.equals(link.certificate.raw));
    if (itself) return itself;
    if (below > longestPath) return null;
    if (brokenAlgorithms.has(link.fields.signatureAlgorithm)) {
      this.obstacle = 'or one above it is signed with MD5 or SHA-1, which can be forged';
      return null;
    }
    for (const issuer of [...this.#anchors, ...this.#intermediates]) {
      if (issuer === link || !this.#issued(issuer, link) || !this.#mayIssue(issuer, below)) continue;
      const root = this.from(issuer, below + 1);
      if (root) return root;
    }
    return null;
  }

  #usable({ fields, certificate }: Link): boolean {
    if (fields.unknownCritical.length > 0) {
      this.obstacle = `or one above it has a critical extension that is not understood (${fields.unknownCritical[0]})`;
    } else if (this.#at < fields.notBefore || this.#at > fields.notAfter) {
      const name = oneLine(certificate.subject).slice(0, 200) || 'a certificate without a name';
      this.obstacle = `or one above it was not valid at the time that counts, ${day(this.#at)}: ${name} is valid from ${day(fields.notBefore)} to ${day(fields.notAfter)}`;
    } else {
      return true;
    }
    return false;
  }

  #issued(issuer: Link, link: Link): boolean {
    if (!issuer.fields.subject.equals(link.fields.issuer) || ++this.#checks > mostChecks) return false;
    try {
      return link.certificate.verify(issuer.certificate.publicKey);
    } catch {
      return false; // A kind of key that cannot have signed it.
    }
  }

  #mayIssue({ fields }: Link, below: number): boolean {
    const isAuthority = fields.isAuthority && fields.keyUsage?.certificateSign !== false;
    if (!isAuthority) this.obstacle = 'was issued by a certificate that is no authority';
    else if (fields.pathLength !== null && below > fields.pathLength) {
      this.obstacle = 'stands further below an authority than that authority allows';
    } else return true;
    return false;
  }
}

/** @param time milliseconds since 1970. */
const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

function linkOf(der: Buffer): Link {
  try {
    const certificate = new X509Certificate(der);
    // Node also takes PEM, and passes over what follows: bytes that somebody else might read in another way.
    if (!certificate.raw.equals(der)) throw new RangeError('more or less than a certificate in DER');
    return { certificate, fields: readCertificate(certificate.raw) };
  } catch {
    throw new Rejection('malformed', 'A certificate in the signature, or a trusted one, cannot be read.');
  }
}
