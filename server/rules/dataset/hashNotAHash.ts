import { digestLengths } from '../../datasets/hashing/algorithms.ts';
import type { RecordedDigest } from '../../datasets/registers/facts.ts';
import { bareDigest, isDigest } from '../../datasets/registers/source.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { provenanceMappings } from './mappings.ts';
import { registerIn } from './registersIn.ts';

export const hashNotAHash = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/hash-not-a-hash',
    title: 'What stands where a hash belongs is none',
    severity: 'error',
    description:
      'The field of a register that holds the hash of data holds something else: a word, an address, or a hash of another length than its algorithm has. Croissant, data packages, DVC files, `dataset_infos.json` and `provenance.json` are looked at.',
    why: 'A field that looks filled in protects nobody: no tool can compare it with the data, and most do not even try. More than half of the `sha256` values in published Croissant examples are no SHA-256.',
    howToFix:
      'Compute the hash of the data (`sha256sum FILE`, or `weighbridge dataset register PATH`) and write that. If the data changes by design, say so (`isLiveDataset` in Croissant) and leave the field out.',
    avoid: [
      {
        file: 'croissant.json',
        text: '{\n  "@type": "sc:Dataset",\n  "conformsTo": "http://mlcommons.org/croissant/1.0",\n  "name": "reviews",\n  "license": "MIT",\n  "distribution": [\n    { "@type": "cr:FileObject", "name": "train", "contentUrl": "train.csv", "sha256": "https://github.com/mlcommons/croissant/issues/80" }\n  ]\n}\n',
      },
      {
        file: 'datapackage.json',
        text: '{ "name": "gdp", "resources": [{ "path": "gdp.csv", "hash": "sha256:abc" }] }\n',
      },
    ],
    prefer: [
      {
        file: 'datapackage.json',
        text: '{\n  "name": "reviews",\n  "resources": [\n    { "path": "train.csv", "hash": "sha256:602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630" }\n  ]\n}\n',
      },
    ],
    references: [
      {
        title: 'Croissant specification: FileObject',
        url: 'https://docs.mlcommons.org/croissant/docs/croissant-spec.html#fileobject',
      },
      {
        title: 'mlcommons/croissant issue 80: checksums of converted data',
        url: 'https://github.com/mlcommons/croissant/issues/80',
      },
    ],
    ...provenanceMappings,
  },
  check(text, report) {
    for (const { digests } of registerIn(text)?.data ?? []) {
      for (const digest of digests) {
        // MLflow's digest is a label by design, which is a rule of its own.
        if (digest.named === 'mlflow' || isDigest(digest)) continue;
        report({
          message: `${quoted(digest.written)} is no ${digest.named === '' ? 'hash of a known algorithm' : digest.named.toUpperCase()}${hint(digest)}. Nothing can be compared with it: write the hash of the data, as sha256sum or weighbridge dataset register computes it.`,
          location: placeOf(digest.range),
          evidence: { written: digest.written.slice(0, 200), algorithm: digest.named },
        });
      }
    }
  },
});

function hint({ algorithm, written }: RecordedDigest): string {
  const bare = bareDigest(written);
  if (algorithm === null || !/^[\da-f]+$/.test(bare)) return '';
  const others: Record<number, string> = {
    32: 'as long as an MD5',
    40: 'as long as a SHA-1',
    64: 'as long as a SHA-256',
  };
  const like = others[bare.length];
  return like ? `: it is ${like}` : `: it has ${bare.length} digits, not ${digestLengths[algorithm]}`;
}
