import type { DirectorySubject } from '../directory.ts';
import { defineRule } from '../rule.ts';
import { escapeOf, indexesIn, tensorsOf } from './shardIndex.ts';
import { shardReference, wholeShards } from './shardExamples.ts';

/** `model-00001-of-00003.safetensors`: which model, which part, of how many. */
const shardName = /^(.+?)-(\d{5})-of-(\d{5})(?:\.\w+)?\.(\w+)$/;
const shardsCompared = 256;

export const shardMismatch = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/shard-mismatch',
    title: 'The shards of a model are not those that its index names',
    severity: 'warning',
    description:
      'The index of a sharded model names a file that is not there, a file of the same series stands beside that no index names, an index for safetensors names a pickle, or a shard does not hold the tensors that the index puts in it. Part numbers are compared only where an index stands beside.',
    why: 'The parts of a model come from one save. A part that is missing, left over or exchanged means that somebody put the model together anew: from another run, another revision, or on purpose.',
    howToFix:
      'Fetch the model again, whole, from its source, and compare the checksums; or save it anew. Delete parts that no index names.',
    avoid: [
      {
        file: 'm/model-00001-of-00002.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [
          {
            file: 'm/model.safetensors.index.json',
            text: '{ "weight_map": { "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors" } }\n',
          },
        ],
        note: 'The second part is missing.',
      },
      {
        file: 'm/model-00001-of-00001.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [
          {
            file: 'm/model.safetensors.index.json',
            text: '{ "weight_map": { "b": "model-00001-of-00001.safetensors" } }\n',
          },
        ],
        note: 'The part holds the tensor `a`, and the index says `b`.',
      },
    ],
    prefer: [wholeShards],
    references: [shardReference],
    cwe: [345, 353],
    atlas: ['AML.T0010.003', 'AML.T0018.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    const indexes = indexesIn(directory);
    const named = new Set<string>();
    for (const { name, shards } of indexes) {
      if (shards === null) {
        report({
          message: `${name} is no shard index that can be read, so its shards were not compared. Save the model anew.`,
        });
        continue;
      }
      const inside = [...new Set(shards.values())].filter((shard) => escapeOf(shard) === null);
      for (const shard of inside) named.add(shard);
      const missing = inside.filter((shard) => directory.read(shard, () => true) === null);
      if (missing.length > 0) {
        report({
          message: `${name} names ${count(missing)} not there: ${list(missing)}. Fetch the model again, whole.`,
          evidence: { index: name, missing: missing.slice(0, 20), count: missing.length },
        });
      }
      const foreign = /\.safetensors\./i.test(name) ? inside.filter((shard) => !/\.safetensors$/i.test(shard)) : [];
      if (foreign.length > 0) {
        report({
          message: `${name} is an index for safetensors and names files of another kind: ${list(foreign)}. Save the model anew as safetensors.`,
          evidence: { index: name, foreign: foreign.slice(0, 20), count: foreign.length },
        });
      }
      for (const shard of inside.slice(0, shardsCompared)) {
        const difference = differenceOf(directory, shard, shards);
        if (difference === null) continue;
        report({
          message: `${shard} ${difference}, which is not what ${name} says. Compare the checksums of both with their source.`,
          evidence: { index: name, shard },
        });
      }
    }
    const series = new Set([...named].flatMap((shard) => seriesOf(shard) ?? []));
    const unnamed = directory.files.filter((file) => !named.has(file) && series.has(seriesOf(file) ?? ''));
    if (unnamed.length > 0) {
      report({
        message: `No index names ${list(unnamed)}, beside the shards of the same model. Delete what no index names, or fetch the model again.`,
        evidence: { unnamed: unnamed.slice(0, 20), count: unnamed.length },
      });
    }
  },
});

/** How the tensors of a shard differ from what the index puts in it; null when they do not, or it is no safetensors. */
function differenceOf(directory: DirectorySubject, shard: string, index: ReadonlyMap<string, string>): string | null {
  if (!/\.safetensors$/i.test(shard)) return null;
  const held = tensorsOf(directory, shard);
  if (held === null) return null;
  const promised = new Set([...index].filter(([, place]) => place === shard).map(([tensor]) => tensor));
  const lacks = [...promised].filter((tensor) => !held.has(tensor));
  if (lacks.length > 0) return `lacks ${lacks.length} of its tensors (${list(lacks)})`;
  const more = [...held].filter((tensor) => !promised.has(tensor));
  return more.length > 0 ? `holds ${more.length} more tensors (${list(more)})` : null;
}

function seriesOf(file: string): string | null {
  const match = shardName.exec(file);
  return match && `${match[1]} ${match[4]}`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => name.slice(0, 100));
  return shown.join(', ') + (names.length > 3 ? `, and ${names.length - 3} more` : '');
}

function count(names: readonly string[]): string {
  return names.length === 1 ? 'a shard that is' : `${names.length} shards that are`;
}
