import type { Example } from '../rule.ts';

/** A model of one shard, and the index that names it. */
export const wholeShards: Example = {
  file: 'm/model-00001-of-00001.safetensors',
  safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
  beside: [
    {
      file: 'm/model.safetensors.index.json',
      text: '{ "weight_map": { "a": "model-00001-of-00001.safetensors" } }\n',
    },
  ],
};

/** What describes such models. */
export const shardReference = {
  title: 'Transformers documentation: sharded checkpoints',
  url: 'https://huggingface.co/docs/transformers/big_models',
};
