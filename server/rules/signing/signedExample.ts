import type { Example, ExampleSigning } from '../rule.ts';

/** A folder with a model and a signature over it, which stands as told. */
export function signedExample(signing: ExampleSigning, note: string): Example {
  return {
    file: 'models/a/model.safetensors',
    safetensors: { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
    beside: [{ file: 'models/a/model.sig', text: '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}\n' }],
    signing,
    note,
  };
}

/** What describes signatures of models. */
export const signingSpecification = {
  title: 'Model signing: the specification',
  url: 'https://github.com/ossf/model-signing-spec',
};
