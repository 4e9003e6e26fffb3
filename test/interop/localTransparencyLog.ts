// A Rekor log on this machine. @sigstore/mock has one, too, but that stores the proposal instead of the entry,
// and as the first of its tree, for which protobuf leaves out fields that other clients insist on.
import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { canonicalJson } from '../../server/signing/canonicalJson.ts';

export interface LocalTransparencyLog {
  /** DER, SubjectPublicKeyInfo. */
  publicKey: Buffer;
  /** @param proposal a `dsse` entry as clients send it. @returns what the log answers. */
  add(proposal: string): string;
  /** The same by the interface of version 2, which takes the hash of what is signed. */
  addHash(request: string): string;
}

const sha256 = (...parts: (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export function transparencyLog(url: string): LocalTransparencyLog {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = publicKey.export({ format: 'der', type: 'spki' });
  const logId = sha256(der);
  const { host } = new URL(url);
  const signed = (text: string): Buffer => sign('sha256', Buffer.from(text), privateKey);

  /** RFC 6962, section 2.1: the second leaf of a tree of two, and what the log says of that tree. */
  const provenIn = (body: Buffer): { first: Buffer; root: Buffer; checkpoint: string } => {
    const first = sha256(Buffer.of(0), randomBytes(16));
    const root = sha256(Buffer.of(1), first, sha256(Buffer.of(0), body));
    const note = `${host} - 1\n2\n${root.toString('base64')}\n`;
    const signature = Buffer.concat([logId.subarray(0, 4), signed(note)]).toString('base64');
    return { first, root, checkpoint: `${note}\n\u2014 ${host} ${signature}\n` };
  };

  return {
    publicKey: der,
    add(proposal) {
      const body = Buffer.from(canonicalJson(loggedEntry(proposal)));
      const entry = {
        body: body.toString('base64'),
        integratedTime: Math.floor(Date.now() / 1000),
        logID: logId.toString('hex'),
        logIndex: 1,
      };
      const { first, root, checkpoint } = provenIn(body);
      const verification = {
        signedEntryTimestamp: signed(canonicalJson(entry)).toString('base64'),
        inclusionProof: {
          logIndex: 1,
          treeSize: 2,
          rootHash: root.toString('hex'),
          hashes: [first.toString('hex')],
          checkpoint,
        },
      };
      return JSON.stringify({ [randomBytes(32).toString('hex')]: { ...entry, verification } });
    },
    addHash(request) {
      const { hashedRekordRequestV002: asked } = JSON.parse(request) as {
        hashedRekordRequestV002?: { digest: string; signature: object };
      };
      if (asked === undefined) throw new Error('this log takes hashes only');
      const hashedRekordV002 = { data: { algorithm: 'SHA2_256', digest: asked.digest }, signature: asked.signature };
      const entry = { apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002 } };
      const body = Buffer.from(canonicalJson(entry));
      const { first, root, checkpoint } = provenIn(body);
      return JSON.stringify({
        logIndex: '1',
        logId: { keyId: logId.toString('base64') },
        kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
        integratedTime: '0',
        inclusionProof: {
          logIndex: '1',
          rootHash: root.toString('base64'),
          treeSize: '2',
          hashes: [first.toString('base64')],
          checkpoint: { envelope: checkpoint },
        },
        canonicalizedBody: body.toString('base64'),
      });
    },
  };
}

/** What a real log keeps of a proposed entry: hashes and the signature. */
function loggedEntry(body: string): object {
  const proposal = JSON.parse(body) as { spec: { proposedContent: { envelope: string; verifiers: string[] } } };
  const { envelope, verifiers } = proposal.spec.proposedContent;
  const { payload, signatures } = JSON.parse(envelope) as { payload: string; signatures: { sig: string }[] };
  const hash = (data: string | Buffer): object => ({ algorithm: 'sha256', value: sha256(data).toString('hex') });
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: hash(envelope),
      payloadHash: hash(Buffer.from(payload, 'base64')),
      signatures: signatures.map(({ sig }) => ({ signature: sig, verifier: normal(verifiers[0] ?? '') })),
    },
  };
}

/** The certificate in the one form that a log writes, whatever the client's line breaks. */
function normal(verifier: string): string {
  return Buffer.from(new X509Certificate(Buffer.from(verifier, 'base64')).toString()).toString('base64');
}
