import { canonicalJson } from '../canonicalJson.ts';
import { statementType } from '../statement.ts';
import type { Builder } from './builder.ts';
import type { Resource } from './resource.ts';

export const provenanceType = 'https://slsa.dev/provenance/v1';

/** A model is built from data and models; what the parameters mean is in docs/provenance.md. */
const buildType = 'urn:weighbridge:model-build:v1';

/** What a model consists of, as its signature has it. */
export interface ProvenanceSubject {
  name: string;
  rootDigest: string;
  files: readonly { path: string; digest: string | null }[];
}

/** Files that hold the weights: what other tools hash one by one. */
const weights =
  /\.(?:safetensors|gguf|ggml|onnx|onnx_data|pt|pth|ckpt|bin|h5|hdf5|keras|tflite|pb|mlmodel|pte|nemo|msgpack|pdparams|npz|npy|pkl|pickle|joblib|engine)$/i;

/** SLSA provenance, version 1: the same model and surroundings give the same bytes. */
export function provenanceStatement(
  { name, rootDigest, files }: ProvenanceSubject,
  dependencies: readonly Resource[],
  builder: Builder,
  version: string,
): Buffer {
  const { id, invocationId, externalParameters, internalParameters } = builder;
  return Buffer.from(
    canonicalJson({
      _type: statementType,
      subject: [
        {
          name,
          digest: { sha256: rootDigest },
          annotations: { digestOf: 'the OpenSSF Model Signing root digest of the model, which is no hash of a file' },
        },
        ...files
          .filter(({ path, digest }) => digest !== null && (path === '.' || weights.test(path)))
          .map(({ path, digest }) => ({ name: path === '.' ? name : path, digest: { sha256: digest } })),
      ],
      predicateType: provenanceType,
      predicate: {
        buildDefinition: {
          buildType,
          externalParameters: { model: name, ...externalParameters },
          internalParameters: {
            ...internalParameters,
            basis:
              'read from the files of the model and its repository when it was signed; the training itself was not observed',
          },
          resolvedDependencies: dependencies,
        },
        runDetails: {
          builder: { id, version: { weighbridge: version } },
          ...(invocationId === undefined ? {} : { metadata: { invocationId } }),
        },
      },
    }),
  );
}
