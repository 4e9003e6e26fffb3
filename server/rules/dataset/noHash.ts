import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { provenanceMappings } from './mappings.ts';
import { dataOf, hasOwnRecord, registerIn } from './registersIn.ts';

export const noHash = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/no-hash',
    title: 'Data is listed without a hash',
    severity: 'warning',
    description:
      'A file of a Croissant description has neither `sha256` nor `md5`, although its format asks for one: the dataset is not live, and the file does not lie in an archive that has a hash. In a `provenance.json` it is the same. For resources of a data package, which may do without, it is information, once a file.',
    why: 'Without a hash nobody can tell whether the data is still what was described, validated and licensed.',
    howToFix:
      'Compute the hash (`sha256sum FILE`) and write it; or register the data: `weighbridge dataset register PATH`.',
    avoid: [
      {
        file: 'croissant.json',
        text: '{\n  "@type": "sc:Dataset",\n  "conformsTo": "http://mlcommons.org/croissant/1.0",\n  "name": "reviews",\n  "license": "MIT",\n  "distribution": [\n    { "@type": "cr:FileObject", "name": "train", "contentUrl": "train.csv" }\n  ]\n}\n',
      },
    ],
    prefer: [
      {
        file: 'croissant.json',
        text: '{\n  "@type": "sc:Dataset",\n  "conformsTo": "http://mlcommons.org/croissant/1.0",\n  "name": "reviews",\n  "license": "MIT",\n  "isLiveDataset": true,\n  "distribution": [\n    { "@type": "cr:FileObject", "name": "train", "contentUrl": "https://example.org/today.csv" }\n  ]\n}\n',
        note: 'It changes by design, and says so.',
      },
    ],
    references: [
      {
        title: 'Croissant specification: FileObject',
        url: 'https://docs.mlcommons.org/croissant/docs/croissant-spec.html#fileobject',
      },
    ],
    ...provenanceMappings,
  },
  check(text, report) {
    const register = registerIn(text);
    if (!register) return;
    const { datasets } = text.workspace;
    const without = register.data.filter((entry) => {
      if (entry.digests.length > 0) return false;
      const data = dataOf(entry, text.path, datasets);
      return !(data && register.kind !== 'provenance' && hasOwnRecord(data, datasets));
    });
    const optional = register.kind === 'frictionless';
    const open = optional ? without.slice(0, 1) : without.filter(({ wantsDigest }) => wantsDigest);
    for (const entry of open) {
      const data = dataOf(entry, text.path, datasets);
      const others = optional && without.length > 1 ? ` (and ${without.length - 1} more)` : '';
      report({
        message: `${entry.name}${others} has no hash: nobody can tell whether it is still what is described here. Write its SHA-256, or register it: weighbridge dataset register PATH.`,
        ...(optional && { severity: 'info' as const }),
        location: placeOf(entry.place),
        evidence: { entry: entry.name, ...(data && { data: data.path }) },
        fixes: !data || register.kind === 'provenance' ? [] : ['import-record'],
      });
    }
  },
});
