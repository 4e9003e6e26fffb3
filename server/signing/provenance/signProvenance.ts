import { basename, dirname, resolve } from 'node:path';
import { writeAtomically } from '../../files/atomicWrite.ts';
import { bundleText, parseBundle } from '../bundle.ts';
import type { BundleSigner, SignedFile, SignResult } from '../contract.ts';
import { inTotoPayloadType } from '../envelope.ts';
import { modelRoot } from '../modelFiles.ts';
import { builderOf } from './builder.ts';
import { repositoryAbove } from './gitCommit.ts';
import { lineage } from './lineage.ts';
import { lockFiles } from './lockFiles.ts';
import { provenanceFile } from './provenanceFile.ts';
import { provenanceStatement } from './provenanceStatement.ts';
import type { Resource } from './resource.ts';

export interface SignProvenanceOptions {
  /** Absolute path of the model. */
  model: string;
  /** What signing the model gave. */
  signed: Pick<SignResult, 'signature' | 'rootDigest' | 'files'>;
  /** The same that signed the model. */
  signer: BundleSigner;
  environment: NodeJS.ProcessEnv;
  /** Of this tool. */
  version: string;
}

export interface SignedProvenance {
  /** Absolute path of what was written. */
  path: string;
  builder: string;
  dependencies: Resource[];
}

/**
 * Says what a model was made of, as far as files tell: base models, datasets, configuration, lock files, commit. Written
 * beside the signature, whole or not at all, and signed in the same way.
 * @throws {WeighbridgeError} `unwritable`; and whatever the signer throws.
 */
export async function signProvenance(options: SignProvenanceOptions): Promise<SignedProvenance> {
  const { model, signed, signer, environment, version } = options;
  const { root, isFile } = modelRoot(model);
  const folder = isFile ? dirname(root) : root;
  const repository = repositoryAbove(folder);
  const dependencies = [
    ...lineage(root),
    ...configs(signed.files),
    ...lockFiles(folder, repository?.root ?? folder),
    ...(repository?.commit ? [repository.commit] : []),
  ];
  const builder = builderOf(environment);
  const subject = { name: basename(resolve(model)), rootDigest: signed.rootDigest, files: signed.files };
  const statement = provenanceStatement(subject, dependencies, builder, version);
  const text = bundleText(await signer.sign(statement, inTotoPayloadType));
  parseBundle(text);
  const path = provenanceFile(signed.signature);
  await writeAtomically(path, { overwrite: true }, (file) => file.writeFile(text));
  return { path, builder: builder.id, dependencies };
}

const configNames =
  /(?:^|\/)(?:config|adapter_config|training_args|training_config|trainer_config|hparams)\.(?:json|ya?ml|toml)$/;

function configs(files: readonly SignedFile[]): Resource[] {
  return files.flatMap(({ path, digest }) =>
    digest !== null && configNames.test(path)
      ? [{ name: path, digest: { sha256: digest }, annotations: { role: 'config', readFrom: path } } as const]
      : [],
  );
}
