import { defineRule } from '../rule.ts';
import { escapeOf, indexesIn } from './shardIndex.ts';
import { shardReference, wholeShards } from './shardExamples.ts';

export const escapingShard = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/escaping-shard',
    title: 'A shard index names a file outside of the model',
    severity: 'error',
    description:
      'The index of a sharded model (`*.index.json`) names a shard by an absolute path, by a path with `..`, or by an address on the network.',
    why: 'A loader joins the name with the model’s folder and opens what it finds there: another user’s checkpoint, a pickle in a temporary folder, a device. What is reviewed and signed is then not what is loaded.',
    howToFix:
      'Do not load the model. Write the index anew with `save_pretrained`, which names files of its own folder.',
    avoid: [
      {
        file: 'm/model-00001-of-00001.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [
          {
            file: 'm/model.safetensors.index.json',
            text: '{ "weight_map": { "a": "model-00001-of-00001.safetensors", "b": "../../tmp/model.safetensors" } }\n',
          },
        ],
      },
    ],
    prefer: [wholeShards],
    references: [shardReference],
    cwe: [22, 73],
    atlas: ['AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    for (const { name, shards } of indexesIn(directory)) {
      for (const shard of new Set(shards?.values())) {
        const escape = escapeOf(shard);
        if (escape === null) continue;
        report({
          message: `${name} names the shard ${JSON.stringify(shard.slice(0, 200))}, which ${escape}: a loader opens a file that is no part of this model. Do not load it.`,
          evidence: { index: name, shard: shard.slice(0, 1000) },
        });
      }
    }
  },
});
