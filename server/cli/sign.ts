import { jsonText, tool } from '../report/json.ts';
import { count, printable } from '../report/printable.ts';
import type { BundleSigner, SignResult } from '../signing/contract.ts';
import { refuseKeyInModel } from '../signing/keyPlace.ts';
import type { SignedProvenance } from '../signing/provenance/signProvenance.ts';
import { modelRoot, pathIn } from '../signing/modelFiles.ts';
import { signModel } from '../signing/signModel.ts';
import { complain, emit, exitCodes, type Command, type Io } from './io.ts';
import {
  hashingOptions,
  isThere,
  modelHelp,
  modelOf,
  modelOptions,
  reportFile,
  shownFrom,
  spreadValues,
} from './modelArguments.ts';
import { choice, commonHelp, file, flag, readArguments } from './options.ts';
import { progressOn } from './progress.ts';
import { signerOf, signerOptions } from './signer.ts';

const help = `Usage: weighbridge sign MODEL --key PEM [OPTION...]
       weighbridge sign MODEL --certificate PEM --key PEM --chain PEM... [OPTION...]
       weighbridge sign MODEL --sigstore [OPTION...]

Signs a model, a folder or one file, by OpenSSF Model Signing: every file is hashed, and the list of hashes signed. Whoever
verifies notices each file that is changed, missing or new. The reference client (model-signing of PyPI) verifies it, too.

Who signs:
  --key PEM           A private key: P-256, P-384 or P-521; RSA and Ed25519 as an extension that other clients refuse.
                      The passphrase of an encrypted key is asked for, or taken from WEIGHBRIDGE_KEY_PASSPHRASE
  --certificate PEM   The signing certificate of that key, with --chain PEM... the certificates between it and its root
  --pkcs11 URI        A key in hardware instead of --key (RFC 7512: pkcs11:token=T;object=LABEL?module-path=/LIBRARY.so),
                      with the optional package pkcs11js. PIN: asked for, pin-source=file:..., or WEIGHBRIDGE_PKCS11_PIN
  --sigstore          Keyless: you sign in, and a public log keeps your identity and the hash for ever. In CI the token
                      of GitHub Actions or SIGSTORE_ID_TOKEN is taken
    --identity-token TOKEN  This token instead
    --device-code     Sign in with a code in a browser on another machine
    --trust-config F  A private Sigstore instance (ClientTrustConfig); --client-id ID its OpenID client
    --staging         The public instance for trying out
    -y, --yes         Do not ask before the log is written

Options:
  --signature FILE    Where to write; default: MODEL/model.sig, or FILE.sig beside a model that is one file
${modelHelp}  --provenance        Also write MODEL/model.intoto.sigstore.json, signed alike: SLSA provenance with the base models,
                      datasets, configs, lock files and commit that the files of the model and its repository name
  --compat WHO        portable (default: what the specification and the reference both verify), spec or python
  --format FORMAT     text (default) or json

${commonHelp}
Examples:
  weighbridge sign models/sentiment --key signing-key.pem
  weighbridge sign models/sentiment --certificate cert.pem --key key.pem --chain intermediate.pem
  weighbridge sign models/sentiment --sigstore --ignore models/sentiment/notes
`;

export const sign: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('sign', spreadValues(args, ['--chain']), {
      ...signerOptions,
      ...modelOptions,
      signature: { type: 'string' },
      compat: { type: 'string' },
      provenance: { type: 'boolean' },
    });
    const format = choice(values, 'format', ['text', 'json'], 'text');
    const dialect = choice(values, 'compat', ['portable', 'spec', 'python'], 'portable');
    const model = modelOf('sign', positionals, io.cwd);
    const signature = file(values, 'signature', io.cwd);
    const output = await reportFile(values, io, model, signature);
    const quiet = flag(values, 'quiet');
    const progress = progressOn(io, quiet);
    const hashing = hashingOptions(values, io, model, progress, false);
    const signer = await signerOf(values, io);
    try {
      const key = file(values, 'key', io.cwd);
      if (key !== undefined) refuseKeyInModel(model, key);
      for (const path of hashing.ignorePaths ?? []) {
        const isInside = pathIn(modelRoot(model).root, path) !== null;
        if (isInside && !isThere(path)) await complain(io, `warning: there is no ${path} to leave out`);
      }
      for (const warning of signer.warnings) await complain(io, `warning: ${warning}`);
      const result = await signModel({
        model,
        signer,
        dialect,
        provenance: flag(values, 'provenance'),
        ...hashing,
        ...(signature === undefined ? {} : { signature }),
      });
      progress.clear();
      const provenance = flag(values, 'provenance') ? await provenanceOf(model, result, signer, io) : null;
      const shown = shownFrom(io.cwd);
      const report = format === 'json' ? jsonOf(result, provenance, shown) : textOf(result, provenance, shown);
      if (!quiet || output !== undefined || format !== 'text') await emit(io, report, output);
      return exitCodes.ok;
    } finally {
      progress.clear();
      await signer.dispose?.();
    }
  },
};

/** The provenance is written last: it names the digest that was just signed. */
async function provenanceOf(
  model: string,
  signed: SignResult,
  signer: BundleSigner,
  io: Io,
): Promise<SignedProvenance> {
  const { signProvenance } = await import('../signing/provenance/signProvenance.ts');
  return signProvenance({ model, signed, signer, environment: io.environment, version: tool.version });
}

function textOf(
  { signature, signer, rootDigest, files, ignored }: SignResult,
  provenance: SignedProvenance | null,
  shown: (path: string) => string,
): string {
  return [
    `signed ${count(files.length, 'file')}: ${printable(shown(signature))}`,
    ...(signer === null ? [] : [`  by       ${printable(signer)}`]),
    `  digest   sha256:${rootDigest}`,
    ...(ignored.length > 0 ? [`  left out ${ignored.map(printable).join(', ')}`] : []),
    ...(provenance === null ? [] : provenanceLines(provenance, shown)),
    '',
  ].join('\n');
}

function provenanceLines({ path, dependencies }: SignedProvenance, shown: (path: string) => string): string[] {
  if (dependencies.length === 0) {
    return [
      `  provenance ${printable(shown(path))}: no file tells of base models, datasets, configs, lock files or a commit`,
    ];
  }
  return [
    `  provenance ${printable(shown(path))}, of what the files tell; read it before you publish it:`,
    ...dependencies.map(
      ({ annotations, name, uri }) => `    ${annotations.role.padEnd(10)} ${printable(uri ?? name ?? '')}`,
    ),
  ];
}

function jsonOf(result: SignResult, provenance: SignedProvenance | null, shown: (path: string) => string): string {
  const { signature, method, signer, rootDigest, files, ignored, warnings } = result;
  const document = {
    schemaVersion: 1,
    tool,
    signature: shown(signature),
    method,
    signer,
    digest: `sha256:${rootDigest}`,
    files: files.map(({ path }) => path),
    ignored,
    warnings,
    ...(provenance === null ? {} : { provenance: { ...provenance, path: shown(provenance.path) } }),
  };
  return jsonText(document);
}
