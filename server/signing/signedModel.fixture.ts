// Models in folders of their own, and signatures over statements that no signer of ours would write.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { newKeys } from './certificates.fixture.ts';
import type { Trust, VerificationResult } from './contract.ts';
import { keySigner, signingKey } from './signers.ts';
import { verifyModel } from './verifyModel.ts';

/** One key for all tests of a file: making one takes a while. */
export const testKeys = newKeys();
export const testSigner = keySigner(signingKey(testKeys.privateKey));
export const testTrust: Trust = {
  method: 'key',
  publicKey: testKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  name: 'test key',
};

/** A folder with files, which goes away with the test. @param files contents by path. */
export function folderOf(context: Pick<TestContext, 'after'>, files: Record<string, string | Buffer> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFiles(folder, files);
  return folder;
}

export function writeFiles(folder: string, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

interface Resource {
  name: string;
  algorithm: string;
  digest: string;
}

/** A proper statement about files, to be spoiled. */
export function statementAbout(files: Record<string, string>, serialization: Record<string, unknown> = {}) {
  const resources: Resource[] = Object.entries(files).map(([name, content]) => ({
    name,
    algorithm: 'sha256',
    digest: sha256(content),
  }));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'model', digest: { sha256: rootOf(resources) } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ...serialization },
      resources,
    },
  };
}

export function rootOf(resources: Resource[]): string {
  return sha256(Buffer.concat(resources.map(({ digest }) => Buffer.from(digest, 'hex'))));
}

/** Signs a statement validly, whatever it says, and verifies the folder by it. */
export async function verifyStatement(
  folder: string,
  statement: unknown,
  payloadType = 'application/vnd.in-toto+json',
): Promise<VerificationResult> {
  const payload = Buffer.from(typeof statement === 'string' ? statement : JSON.stringify(statement));
  writeFileSync(join(folder, 'model.sig'), JSON.stringify(await testSigner.sign(payload, payloadType)));
  return verifyModel({ model: folder, trust: testTrust });
}
