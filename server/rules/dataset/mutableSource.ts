import type { Located, RegisteredData } from '../../datasets/registers/facts.ts';
import { isDigest } from '../../datasets/registers/source.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { provenanceMappings } from './mappings.ts';
import { registerIn } from './registersIn.ts';

export const mutableSource = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/mutable-source',
    title: 'The source of data can show other data tomorrow',
    severity: 'warning',
    description:
      'A register names a source that others can change without anybody noticing here: a branch of a repository (`resolve/main`, `refs/convert/parquet`, `raw/master`), something called "latest", or an address without encryption. It is a warning where nothing pins the data, and information where a real hash of the data stands beside it: a change would then be noticed.',
    why: 'Whoever controls the source, or the network before it, replaces the data after it was reviewed. Buying one expired domain was enough to poison published web-scale datasets.',
    howToFix:
      'Name a commit, a tag that is protected, or a version (`resolve/<40 digits>/...`), use https, and record the SHA-256 of what was fetched. For `dvc import`, keep `rev_lock`.',
    avoid: [
      {
        file: 'croissant.json',
        text: '{\n  "@type": "sc:Dataset",\n  "conformsTo": "http://mlcommons.org/croissant/1.0",\n  "name": "reviews",\n  "license": "MIT",\n  "isLiveDataset": true,\n  "distribution": [\n    { "@type": "cr:FileObject", "name": "repo", "contentUrl": "https://huggingface.co/datasets/acme/reviews/tree/refs%2Fconvert%2Fparquet" }\n  ]\n}\n',
      },
    ],
    prefer: [
      {
        file: 'croissant.json',
        text: '{\n  "@type": "sc:Dataset",\n  "conformsTo": "http://mlcommons.org/croissant/1.0",\n  "name": "reviews",\n  "license": "MIT",\n  "isLiveDataset": true,\n  "distribution": [\n    { "@type": "cr:FileObject", "name": "repo", "contentUrl": "https://huggingface.co/datasets/acme/reviews/resolve/0123456789abcdef0123456789abcdef01234567/train.csv" }\n  ]\n}\n',
      },
    ],
    references: [
      { title: 'Poisoning Web-Scale Training Datasets is Practical', url: 'https://arxiv.org/abs/2302.10149' },
    ],
    ...provenanceMappings,
    cwe: [494, 345],
  },
  check(text, report) {
    const said = new Set<string>();
    for (const entry of registerIn(text)?.data ?? []) {
      const { url } = entry;
      const why = url ? mutability(url, entry) : null;
      if (!url || why === null) continue;
      const place = JSON.stringify(url.range);
      if (said.has(place)) continue;
      said.add(place);
      const pinned = entry.digests.some(isDigest);
      report({
        message: `${quoted(url.value)} ${why}. ${pinned ? 'The hash beside it would show a change; name a fixed version all the same.' : 'Name a commit or a version, and record the hash of what was fetched.'}`,
        ...(pinned && { severity: 'info' as const }),
        location: placeOf(url.range),
        evidence: { url: url.value.slice(0, 500), pinned },
      });
    }
  },
});

/** Why an address may show other data later; null where nothing says so. */
function mutability(url: Located<string>, { pin }: RegisteredData): string | null {
  const { value } = url;
  if (/^http:\/\//i.test(value) && !/^http:\/\/(?:localhost|127\.|\[::1\])/i.test(value)) {
    return 'is fetched without encryption, so that anybody on the way can change it';
  }
  if (/\b[0-9a-f]{40}\b/i.test(value) || /[?&]versionId=/i.test(value)) return null;
  if (pin && /^[0-9a-f]{40}$/i.test(pin.value)) return null;
  if (/huggingface\.co\/.*(?:refs(?:%2F|\/)convert|\/(?:resolve|tree|blob|raw)\/(?:main|master))/i.test(value))
    return 'is a branch on the hub, which changes';
  if (
    /(?:github\.com\/[^/]+\/[^/]+\/(?:raw|blob|tree|archive)|raw\.githubusercontent\.com\/[^/]+\/[^/]+)\/(?:refs\/heads\/|(?:main|master|develop|HEAD)\b)/i.test(
      value,
    )
  ) {
    return 'is a branch, which changes';
  }
  if (/(?:^|[/_.-])latest(?:$|[/_.-])/i.test(value)) return 'is whatever is the latest';
  return null;
}
