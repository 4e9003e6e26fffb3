import '../signing/explicitDigest.ts';
import { WeighbridgeError } from '../errors.ts';
import type { ScannedSource } from '../engine/report.ts';
import { jsonText, tool } from '../report/json.ts';
import { fetchedText } from '../report/text.ts';
import type { Trust, VerificationResult } from '../signing/contract.ts';
import { defaultSignature, modelRoot } from '../signing/modelFiles.ts';
import { verifyProvenance, type VerifiedProvenance } from '../signing/provenance/verifyProvenance.ts';
import { readPublicKey } from '../signing/keys.ts';
import { verifyModel } from '../signing/verifyModel.ts';
import { withModel, type HashedModel } from './hashedModel.ts';
import { certificateText, inputJson, inputText } from './inputFile.ts';
import { coloursFor, emit, exitCodes, type Command, type Io } from './io.ts';
import { hashingOptions, modelHelp, modelOptions, reportFile, shownFrom, spreadValues } from './modelArguments.ts';
import {
  choice,
  commonHelp,
  file,
  flag,
  readArguments,
  requireOwner,
  text,
  texts,
  type OptionValues,
} from './options.ts';
import { policyTrust } from './policyTrust.ts';
import { progressOn } from './progress.ts';
import { verificationText } from './verificationText.ts';

const help = `Usage: weighbridge verify MODEL --key PEM [OPTION...]
       weighbridge verify MODEL --certificate-chain PEM... [OPTION...]
       weighbridge verify MODEL --identity ID --identity-provider URL [OPTION...]

Verifies that a model is what somebody whom you trust has signed (OpenSSF Model Signing), and lists every file that is changed,
missing or not signed. MODEL is a folder, a file, or an address as "weighbridge scan" takes it: then all of it is fetched, to be
hashed, and none of it is kept. Nothing in the signature decides whom to trust, and no file is read before the signature holds.

Whom you trust; without any of these, whom signing.trust in weighbridge.yaml names for the model:
  --key PEM                 The signer's public key
  --certificate-chain PEM.. Root certificates that the signer's certificate must come from; never those of the public web
    --subject NAME          and the certificate must have exactly this subject
    --certificate-time WHEN leaf (default: it must have been valid when its validity began, as the reference has it) or now
  --identity ID             The e-mail address or URI that signed keyless, exactly,
  --identity-provider URL   as this OpenID provider vouched for
    --trusted-root FILE     by this Sigstore trusted root; default: the public instance, refreshed or shipped
    --trust-config FILE     or by that of a private instance (ClientTrustConfig)
    --refresh-trusted-root  fetch the public instance's current root first (network)

Options:
  --signature FILE          Default: MODEL/model.sig, or FILE.sig beside a model that is one file
  --ignore-unsigned-files   Files that the signature does not name are listed, and are no failure
${modelHelp}  --format FORMAT     text (default) or json

${commonHelp}
Exit codes: 0 verified, 1 not verified, 2 wrong usage or unreadable input.
Digests of files that look unchanged come from a cache (size, times, inode), but never where CI is set or with --no-cache.

Examples:
  weighbridge verify models/sentiment --key signing-key.pub.pem
  weighbridge verify models/sentiment --identity ci@example.com --identity-provider https://accounts.example.com
  weighbridge verify models/sentiment --key key.pub.pem --no-cache --format json
  weighbridge verify hf://organisation/model@v1 --key key.pub.pem
`;

export const verify: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('verify', spreadValues(args, ['--certificate-chain']), {
      ...modelOptions,
      key: { type: 'string' },
      'certificate-chain': { type: 'string', multiple: true },
      'certificate-time': { type: 'string' },
      subject: { type: 'string' },
      identity: { type: 'string' },
      'identity-provider': { type: 'string' },
      'trusted-root': { type: 'string' },
      'trust-config': { type: 'string' },
      'refresh-trusted-root': { type: 'boolean' },
      staging: { type: 'boolean' },
      signature: { type: 'string' },
      'ignore-unsigned-files': { type: 'boolean' },
    });
    const format = choice(values, 'format', ['text', 'json'], 'text');
    checkTrustOptions(values);
    return withModel('verify', positionals, io, (model) => verifyOne(model, values, io, format));
  },
};

async function verifyOne(model: HashedModel, values: OptionValues, io: Io, format: 'text' | 'json'): Promise<number> {
  const { path, base, shown, isRemote, told } = model;
  const signature = file(values, 'signature', io.cwd);
  const named = ['key', 'certificate-chain', 'identity', 'identity-provider'].some((name) => name in values);
  const trust = named ? await trustOf(values, io) : await policyTrust(values, io, path, base);
  const output = await reportFile(values, io, path, signature);
  const quiet = flag(values, 'quiet');
  const progress = progressOn(io, quiet);
  try {
    const found = await verifyModel({
      model: path,
      trust,
      ignoreUnsignedFiles: flag(values, 'ignore-unsigned-files'),
      ...hashingOptions(values, io, path, progress, !isRemote),
      ...(signature === undefined ? {} : { signature }),
    });
    progress.clear();
    const result = { ...found, reason: found.reason && told(found.reason), warnings: found.warnings.map(told) };
    if (signature !== undefined && result.failure === 'unsigned') {
      throw new WeighbridgeError('not-found', result.reason ?? 'There is no signature.');
    }
    const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
    const provenance = await verifyProvenance(signature ?? defaultSignatureOf(path), result, trust);
    const source = await model.source();
    const report =
      format === 'json'
        ? verificationJson(
            result,
            provenance && { ...provenance, path: told(shownFrom(base)(provenance.path)) },
            source,
          )
        : verificationText(result, shown, colours, provenance) + (source ? `${fetchedText(source)}\n` : '');
    if (!quiet || output !== undefined || format !== 'text') await emit(io, report, output);
    return result.verified ? exitCodes.ok : exitCodes.findings;
  } finally {
    progress.clear();
  }
}

function defaultSignatureOf(model: string): string {
  return defaultSignature(model, modelRoot(model).isFile);
}

/** @throws {WeighbridgeError} `bad-usage` where an option about trust would not count: nobody must think that it did. */
function checkTrustOptions(values: OptionValues): void {
  requireOwner(values, ['subject', 'certificate-time'], 'certificate-chain');
  const roots = ['trusted-root', 'trust-config', 'staging', 'refresh-trusted-root'];
  requireOwner(values, roots, 'identity');
  const [first, second] = roots.filter((name) => name in values);
  if (second !== undefined)
    throw new WeighbridgeError('bad-usage', `--${first} and --${second} contradict one another`);
}

/** Whom to trust, by the options. @throws {WeighbridgeError} `bad-usage`, and what reading keys throws. */
export async function trustOf(values: OptionValues, io: Io): Promise<Trust> {
  const key = file(values, 'key', io.cwd);
  const chain = texts(values, 'certificate-chain');
  const identity = text(values, 'identity');
  const issuer = text(values, 'identity-provider');
  const keyless = identity !== undefined || issuer !== undefined;
  if ([key !== undefined, chain.length > 0, keyless].filter(Boolean).length !== 1) {
    throw new WeighbridgeError(
      'bad-usage',
      'say whom you trust: --key PEM, --certificate-chain PEM, or --identity ID with --identity-provider URL',
    );
  }
  if (key !== undefined) {
    const name = text(values, 'key') ?? key;
    const publicKey = inputText(key);
    readPublicKey(publicKey, name); // Whatever becomes of the signature, a slip of the pen is told.
    return { method: 'key', publicKey, name };
  }
  if (chain.length > 0) {
    const roots = chain.map((name) => certificateText(file({ name }, 'name', io.cwd) ?? name, name));
    const subject = text(values, 'subject');
    const now = choice(values, 'certificate-time', ['leaf', 'now'], 'leaf') === 'now';
    return {
      method: 'certificate',
      roots,
      name: chain.join(', '),
      at: now ? 'now' : 'leafNotBefore',
      ...(subject === undefined ? {} : { pin: { subject } }),
    };
  }
  if (!identity || !issuer) {
    throw new WeighbridgeError(
      'bad-usage',
      '--identity and --identity-provider belong together: a name is worth what its provider is',
    );
  }
  if (flag(values, 'refresh-trusted-root')) {
    const { refreshTrustedRoot } = await import('../signing/keyless/refreshTrustedRoot.ts');
    await refreshTrustedRoot({ environment: io.environment });
  }
  const trustedRoot = file(values, 'trusted-root', io.cwd);
  const trustConfig = file(values, 'trust-config', io.cwd);
  return {
    method: 'sigstore',
    identity,
    issuer,
    signal: io.signal,
    ...(trustedRoot === undefined ? {} : { trustedRoot: inputJson(trustedRoot) }),
    ...(trustConfig === undefined ? {} : { trustConfig: inputJson(trustConfig) }),
    ...(flag(values, 'staging') ? { staging: true } : {}),
  };
}

/** The documented fields first, then all else that is known. */
function verificationJson(
  result: VerificationResult,
  provenance: VerifiedProvenance | null,
  source: ScannedSource | null,
): string {
  const { coverage, rootDigest } = result;
  const document = {
    schemaVersion: 1,
    tool,
    verified: result.verified,
    method: result.method,
    signer: result.signer,
    issuer: result.issuer,
    coverage: { ...coverage, files: coverage.files.map(({ path }) => path) },
    differences: result.differences,
    reason: result.reason,
    failure: result.failure,
    signatureHolds: result.signatureHolds,
    trust: result.trust,
    claimedSigner: result.claimedSigner,
    signedAt: result.signedAt,
    certificate: result.certificate,
    predicate: result.predicate,
    subject: result.subject,
    digest: rootDigest === null ? null : `sha256:${rootDigest}`,
    digests: Object.fromEntries(
      coverage.files.map(({ path, algorithm, digest }) => [path, digest && `${algorithm}:${digest}`]),
    ),
    hashedBy: result.hashedBy,
    warnings: result.warnings,
    provenance,
    ...(source ? { source } : {}),
  };
  return jsonText(document);
}
