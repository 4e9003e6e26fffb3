import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

/** Where a Kitfile says which files are packed. */
const parts = new Set(['model', 'datasets', 'code', 'docs', 'prompts']);

export const kitfilePath = defineRule({
  subject: 'text',
  meta: {
    id: 'model/kitfile-path',
    title: 'A Kitfile packs files from outside its folder',
    severity: 'warning',
    description:
      'A `path` of the model, its parts, the datasets, the code, the documents or the prompts in a Kitfile is absolute, names a drive, or goes up by `..`.',
    why: 'Who packs the ModelKit packs a file of their own machine with it, and who unpacks it may write outside the folder: such paths are what tools have been fooled with again and again.',
    howToFix: 'Put the file below the folder of the Kitfile, and name it from there.',
    avoid: [
      {
        file: 'Kitfile',
        text: 'manifestVersion: 1.0.0\nmodel:\n  name: classifier\n  path: ../../home/user/.ssh/id_rsa\n',
      },
    ],
    prefer: [{ file: 'Kitfile', text: 'manifestVersion: 1.0.0\nmodel:\n  name: classifier\n  path: ./model\n' }],
    references: [{ title: 'KitOps: the Kitfile', url: 'https://kitops.org/docs/kitfile/format/' }],
    cwe: [22, 73],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'yaml' || !/(?:^|\/)kitfile$/i.test(text.path)) return;
    for (const { path, value, range } of text.scalars) {
      if (typeof value !== 'string' || path.at(-1) !== 'path' || !parts.has(String(path[0]))) continue;
      // A Kitfile may name what stands in a registry or a bucket.
      const how = value.includes('://') ? null : leadsOutside(value);
      if (how === null) continue;
      report({
        message: `Packs ${quoted(value)}, which ${how}. Name a file below the folder of the Kitfile.`,
        location: placeOf(range),
        evidence: { path: value.slice(0, 1000) },
      });
    }
  },
});
