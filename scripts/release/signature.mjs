// Signs a release as Weighbridge signs models, and verifies it as whoever fetches it would.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Unfit } from './checklist.mjs';

/** @typedef {import('../../server/signing/contract.ts').BundleSigner} Signer @typedef {import('../../server/signing/contract.ts').Trust} Trust */

/** @param {Record<string, unknown>} given options. */
export const isKeyless = (given) => given.sigstore === true || given['identity-token'] !== undefined;

/** @param {Record<string, unknown>} given options. */
export const signs = (given) => given.key !== undefined || given.pkcs11 !== undefined || isKeyless(given);

/**
 * How the signature is verified, which nobody can be asked for at the end of an hour.
 * @param {Record<string, any>} given options. @returns {Trust} @throws {Error} for a person.
 */
export function trustOf(given) {
  const text = (file) => readFileSync(path.resolve(file), 'utf8');
  if (given['public-key'] !== undefined) return { method: 'key', publicKey: text(given['public-key']) };
  if (given.root !== undefined) return { method: 'certificate', roots: given.root.map(text) };
  if (given.identity !== undefined && given.issuer !== undefined) {
    return { method: 'sigstore', identity: given.identity, issuer: given.issuer };
  }
  throw new Error('say by what it is verified: --public-key PEM, --root PEM, or --identity ID --issuer URL');
}

/** @param {Record<string, any>} given options. @returns {Promise<Signer>} */
export async function signerBy(given) {
  const { signerOf } = await import('../../server/cli/signer.ts');
  return signerOf(given, {
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    environment: process.env,
    signal: new AbortController().signal,
  });
}

/** Signs something that is of no use, to see whether it verifies. @param {Signer} signer @param {Trust} trust @throws {Unfit} */
export async function requireFittingTrust(signer, trust) {
  await requireSignature(await signed(signer, Buffer.from('{}')), trust, 'what this key signs');
  return signer.signer ?? signer.method;
}

/**
 * Signs the provenance of the packages, and then the folder as a model is signed; verifies both.
 * @param {{ folder: string, name: string, statement: Buffer, signer: Signer, trust: Trust }} release `name` is that of the file of the provenance.
 * @throws {Unfit}
 */
export async function signRelease({ folder, name, statement, signer, trust }) {
  const { signModel } = await import('../../server/signing/signModel.ts');
  const { verifyModel } = await import('../../server/signing/verifyModel.ts');
  const file = path.join(folder, name);
  writeFileSync(file, await signed(signer, statement));
  await signModel({ model: folder, signer });
  const { verified, reason } = await verifyModel({ model: folder, trust });
  if (!verified) throw new Unfit(`the signature does not verify: ${reason}`);
  await requireSignature(readFileSync(file, 'utf8'), trust, 'the provenance');
}

/** @param {Signer} signer @param {Buffer} statement */
async function signed(signer, statement) {
  const { bundleText } = await import('../../server/signing/bundle.ts');
  const { inTotoPayloadType } = await import('../../server/signing/envelope.ts');
  return bundleText(await signer.sign(statement, inTotoPayloadType));
}

/** @param {string} text @param {Trust} trust @param {string} what @throws {Unfit} */
async function requireSignature(text, trust, what) {
  const { parseBundle } = await import('../../server/signing/bundle.ts');
  const { Rejection } = await import('../../server/signing/rejection.ts');
  const { verifySignature } = await import('../../server/signing/trustedSignature.ts');
  try {
    await verifySignature(parseBundle(text), [trust]);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    throw new Unfit(`${what} does not verify: ${error.message}`);
  }
}
