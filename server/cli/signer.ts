import { WeighbridgeError } from '../errors.ts';
import type { BundleSigner } from '../signing/contract.ts';
import { isEncrypted, readPrivateKey } from '../signing/keys.ts';
import { certificateSigner, keySigner, signingKey, type SigningKey } from '../signing/signers.ts';
import { certificateText, inputText } from './inputFile.ts';
import type { Io } from './io.ts';
import { file, flag, requireOwner, text, texts, type OptionTable, type OptionValues } from './options.ts';
import { askSecret, canAsk } from './secretPrompt.ts';

/** Options that say who signs. */
export const signerOptions: OptionTable = {
  key: { type: 'string' },
  certificate: { type: 'string' },
  chain: { type: 'string', multiple: true },
  pkcs11: { type: 'string' },
  sigstore: { type: 'boolean' },
  'identity-token': { type: 'string' },
  'trust-config': { type: 'string' },
  'client-id': { type: 'string' },
  staging: { type: 'boolean' },
  'device-code': { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
};

/**
 * Who signs, by the options.
 * @throws {WeighbridgeError} `bad-usage` where they name nobody, or several; what reading keys and signing in throw.
 */
export async function signerOf(values: OptionValues, io: Io): Promise<BundleSigner> {
  const key = file(values, 'key', io.cwd);
  const pkcs11 = text(values, 'pkcs11');
  const certificate = file(values, 'certificate', io.cwd);
  const chain = texts(values, 'chain');
  const keyless = flag(values, 'sigstore') || text(values, 'identity-token') !== undefined;
  if ([key, pkcs11, keyless || undefined].filter((each) => each !== undefined).length !== 1) {
    throw new WeighbridgeError(
      'bad-usage',
      'say who signs: --key PEM, --certificate PEM --key PEM, --pkcs11 URI, or --sigstore',
    );
  }
  if (!keyless) requireOwner(values, ['trust-config', 'client-id', 'staging', 'device-code'], 'sigstore');
  if (keyless) {
    if (certificate !== undefined)
      throw new WeighbridgeError('bad-usage', '--sigstore makes a certificate of its own; leave --certificate out');
    const { keylessSignerOf } = await import('./keylessSigner.ts');
    return keylessSignerOf(values, io);
  }
  if (certificate === undefined && chain.length > 0) {
    throw new WeighbridgeError('bad-usage', '--chain belongs to --certificate');
  }
  const signs = key === undefined ? await hardwareKey(pkcs11 ?? '', io) : signingKey(await privateKey(key, io));
  try {
    if (certificate === undefined) return keySigner(signs);
    const paths = chain.map((name) => file({ chain: name }, 'chain', io.cwd) ?? name);
    return certificateSigner(
      signs,
      certificateText(certificate),
      paths.map((path) => certificateText(path)),
    );
  } catch (error) {
    await signs.dispose?.();
    throw error;
  }
}

async function privateKey(path: string, io: Io): Promise<ReturnType<typeof readPrivateKey>> {
  const pem = inputText(path);
  if (!isEncrypted(pem)) return readPrivateKey(pem, path);
  return readPrivateKey(pem, path, await secret(io, 'WEIGHBRIDGE_KEY_PASSPHRASE', `Passphrase of ${path}: `));
}

async function hardwareKey(uriText: string, io: Io): Promise<SigningKey> {
  const [{ parsePkcs11Uri }, { loadPkcs11 }, { openPkcs11Key }] = await Promise.all([
    import('../signing/pkcs11/pkcs11Uri.ts'),
    import('../signing/pkcs11/pkcs11Library.ts'),
    import('../signing/pkcs11/pkcs11Key.ts'),
  ]);
  const uri = parsePkcs11Uri(uriText);
  const pin = (): Promise<string> =>
    uri.pinSource === null
      ? secret(io, 'WEIGHBRIDGE_PKCS11_PIN', 'PIN of the device: ')
      : Promise.resolve(inputText(uri.pinSource).replace(/\r?\n$/, ''));
  return openPkcs11Key(loadPkcs11(), uri, pin);
}

/** From the environment, or from the person; never from an argument, which every process of the machine can see. */
async function secret(io: Io, variable: string, question: string): Promise<string> {
  const given = io.environment[variable];
  if (given !== undefined) return given;
  if (canAsk(io)) return askSecret(io, question);
  throw new WeighbridgeError(
    'bad-usage',
    `a passphrase is needed: set ${variable}, or run this on a terminal to be asked`,
  );
}
