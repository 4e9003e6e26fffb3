import { weakAlgorithms } from '../../datasets/hashing/algorithms.ts';
import { isDigest } from '../../datasets/registers/source.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { provenanceMappings, recordReference } from './mappings.ts';
import { dataOf, hasOwnRecord, registerIn } from './registersIn.ts';

export const weakHash = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/weak-hash',
    title: 'Data is known by MD5 or SHA-1 alone',
    severity: 'info',
    description:
      'A register knows data by MD5 or SHA-1 only, which is how DVC works. Reported once a file, and not where a `provenance.json` beside the data holds its SHA-256.',
    why: 'Two files with the same MD5 are made in seconds on a laptop. Whoever prepares data can have one version reviewed and another one used, and no comparison of hashes will notice.',
    howToFix: 'Keep DVC, and write a record with SHA-256 beside the data: `weighbridge dataset register PATH`.',
    avoid: [
      {
        file: 'data/train.csv.dvc',
        text: 'outs:\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  size: 16\n  hash: md5\n  path: train.csv\n',
      },
    ],
    prefer: [
      {
        file: 'datapackage.json',
        text: '{\n  "name": "reviews",\n  "licenses": [{ "name": "CC0-1.0" }],\n  "resources": [\n    { "path": "train.csv", "hash": "sha256:602cc555926d663479f4bcaa6e7c97922858092bc19cc277dd89b02255775630" }\n  ]\n}\n',
      },
    ],
    references: [
      { title: 'RFC 6151: security considerations for MD5', url: 'https://www.rfc-editor.org/rfc/rfc6151' },
      recordReference,
    ],
    ...provenanceMappings,
    cwe: [328],
  },
  check(text, report) {
    const register = registerIn(text);
    const { datasets } = text.workspace;
    const weak = (register?.data ?? []).filter(({ digests }) => {
      const real = digests.filter(isDigest);
      return real.length > 0 && real.every(({ algorithm }) => algorithm !== null && weakAlgorithms.has(algorithm));
    });
    const open = weak.filter((entry) => {
      const data = dataOf(entry, text.path, datasets);
      return !(data && hasOwnRecord(data, datasets)) && entry.role === 'output';
    });
    const [first] = open;
    const [digest] = first?.digests ?? [];
    if (!first || !digest) return;
    const data = dataOf(first, text.path, datasets);
    const more = open.length > 1 ? ` (and ${open.length - 1} more)` : '';
    report({
      message: `${first.name}${more} is known by ${digest.named.toUpperCase()} alone, for which other data with the same hash can be made. Write its SHA-256 beside it: weighbridge dataset register PATH.`,
      location: placeOf(digest.range),
      evidence: { algorithm: digest.named, entries: open.length, ...(data && { data: data.path }) },
      fixes: data ? ['import-record'] : [],
    });
  },
});
