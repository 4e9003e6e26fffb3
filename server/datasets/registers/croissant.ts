import { entry, notValidated } from './entry.ts';
import { noParts, type DatasetRegister, type Located, type RegisteredData } from './facts.ts';
import type { ScalarTree } from './scalarTree.ts';
import { isLocalPath, type RegisterSource } from './source.ts';

/** Prefixes and addresses under which the same name stands; no remote context is ever fetched. */
const spaces = [
  '',
  'sc:',
  'cr:',
  'schema:',
  'ml:',
  'dct:',
  'rai:',
  'https://schema.org/',
  'http://schema.org/',
  'http://mlcommons.org/croissant/',
];

/**
 * A Croissant file, versions 0.8, 1.0 and 1.1, in its compact form.
 * Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
 */
export function readCroissant(source: RegisterSource): DatasetRegister | null {
  const { tree, text } = source;
  const type = of(tree, '@type')
    .items()
    .map((item) => item.text()?.value ?? '');
  if (!type.some((each) => /(?:^|[:/])Dataset$/.test(each)) || !/mlcommons\.org\/(?:croissant|schema)/.test(text))
    return null;
  const live = of(tree, 'isLiveDataset').scalar?.value === true;
  const objects = of(tree, 'distribution').items();
  const data = objects.map((object) => fileOf(source, object, live));
  const conforms = tree.either('conformsTo', 'dct:conformsTo', 'http://purl.org/dc/terms/conformsTo').text()?.value;
  const licence = of(tree, 'license');
  const hash = data.flatMap(({ digests }) => digests)[0];
  const creator = of(tree, 'creator').exists ? of(tree, 'creator') : tree.either('prov:wasAttributedTo');
  return {
    kind: 'croissant',
    version: /croissant\/(\d+\.\d+)/.exec(conforms ?? '')?.[1] ?? '0.8',
    name: of(tree, 'name').text()?.value ?? null,
    place: of(tree, 'name').scalar?.range ?? tree.place(),
    data,
    records: [
      {
        name: of(tree, 'name').text()?.value ?? source.name,
        place: of(tree, 'name').scalar?.range ?? tree.place(),
        parts: {
          ...noParts,
          source: of(tree, 'url').text() ?? tree.either('prov:wasDerivedFrom').first() ?? contentUrl(objects),
          ingestedBy: creator.first(),
          validatedAt: of(tree, 'dataAnnotationAnalysis').first() ?? activity(tree, /valid|check|test|quality/i),
          transforms: of(tree, 'dataPreprocessingProtocol').first() ?? activity(tree, null),
          hash: hash ? { value: hash.written, range: hash.range } : null,
        },
        validation: notValidated,
        ingestedAt: of(tree, 'dateCreated').text(),
      },
    ],
    licence: {
      found: licence.first() ?? tree.either('usageInfo').first(),
      place: of(tree, 'name').scalar?.range ?? tree.place(),
    },
  };
}

function of(node: ScalarTree, name: string): ScalarTree {
  return name.startsWith('@') ? node.at(name) : node.either(...spaces.map((space) => `${space}${name}`));
}

function fileOf(source: RegisterSource, object: ScalarTree, live: boolean): RegisteredData {
  const isSet = /FileSet$/.test(of(object, '@type').first()?.value ?? '');
  const url = of(object, 'contentUrl').text();
  const contained = of(object, 'containedIn').exists;
  const digests = (['sha256', 'md5'] as const).flatMap((name) => {
    const found = source.digest(of(object, name), name, name);
    return found ? [found] : [];
  });
  const label = of(object, 'name').text() ?? object.at('@id').text() ?? url;
  return entry(label?.value ?? 'a file', label?.range ?? object.place(), {
    // What lies in an archive is named by its path there.
    path: url && !contained && !isSet && isLocalPath(url.value) ? url.value : null,
    url: url && !isLocalPath(url.value) ? url : null,
    digests,
    size: exactSize(of(object, 'contentSize')),
    // A live dataset changes by design; what lies in an archive is covered by the archive's hash (specification 1.0, FileObject).
    wantsDigest: !isSet && !live && !contained && url !== null,
  });
}

/** `12345 B`, or a number: units of a thousand are rounded, and say nothing exact. */
function exactSize(node: ScalarTree): Located<number> | null {
  const number = node.number();
  if (number) return number;
  const text = node.text();
  const bytes = /^(\d{1,15})\s*(?:B|bytes)?$/i.exec(text?.value ?? '')?.[1];
  return text && bytes !== undefined ? { value: Number(bytes), range: text.range } : null;
}

function contentUrl(objects: readonly ScalarTree[]): Located<string> | null {
  for (const object of objects) {
    const url = of(object, 'contentUrl').text();
    if (url && !isLocalPath(url.value)) return url;
  }
  return null;
}

/** A PROV activity (Croissant 1.1) whose label speaks of it. */
function activity(tree: ScalarTree, words: RegExp | null): Located<string> | null {
  for (const each of tree.either('prov:wasGeneratedBy').items()) {
    const label = each.either('prov:label', 'rdfs:label', 'label', 'name', 'description').text() ?? each.first();
    if (label && (words === null || words.test(label.value))) return label;
  }
  return null;
}
