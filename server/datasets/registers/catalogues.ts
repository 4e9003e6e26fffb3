import { entry, notValidated } from './entry.ts';
import { noParts, type DatasetRegister, type RecordedDigest, type RegisteredData } from './facts.ts';
import type { ScalarTree } from './scalarTree.ts';
import { isLocalPath, type RegisterSource } from './source.ts';

/** A data package (Frictionless), versions 1 and 2. Source: https://datapackage.org/standard/data-resource/ */
export function readDataPackage(source: RegisterSource): DatasetRegister | null {
  const { tree } = source;
  const resources = tree.at('resources').items();
  if (resources.length === 0) return null;
  const data = resources.map((resource): RegisteredData => {
    const paths = resource.at('path').items();
    const [path] = paths.length === 1 ? [paths[0]?.text() ?? null] : [null];
    const label = resource.at('name').text() ?? path;
    const digest = frictionlessDigest(source, resource.at('hash'));
    return entry(label?.value ?? 'a resource', label?.range ?? resource.place(), {
      path: path && isLocalPath(path.value) ? path.value : null,
      url: path && !isLocalPath(path.value) ? path : (resource.at('sources', 0, 'path').text() ?? null),
      digests: digest ? [digest] : [],
      size: resource.at('bytes').number(),
    });
  });
  const name = tree.at('name').text();
  const hash = data.flatMap(({ digests }) => digests)[0];
  const sourceOf =
    tree.at('sources').first() ?? resources.map((each) => each.at('sources').first()).find((each) => each !== null);
  return {
    kind: 'frictionless',
    version: /\/(\d(?:\.\d)?)\//.exec(tree.at('$schema').text()?.value ?? '')?.[1] ?? null,
    name: name?.value ?? null,
    place: name?.range ?? tree.place(),
    data,
    records: [
      {
        name: name?.value ?? source.name,
        place: name?.range ?? tree.place(),
        parts: {
          ...noParts,
          source: sourceOf ?? null,
          ingestedBy: tree.at('contributors').first(),
          hash: hash ? { value: hash.written, range: hash.range } : null,
        },
        validation: notValidated,
        ingestedAt: tree.at('created').text(),
      },
    ],
    licence: {
      found:
        tree.at('licenses').first() ??
        resources.map((each) => each.at('licenses').first()).find((each) => each !== null) ??
        null,
      place: name?.range ?? tree.place(),
    },
  };
}

/** `sha256:<hex>`, or MD5 without a word before it. */
function frictionlessDigest(source: RegisterSource, node: ScalarTree): RecordedDigest | null {
  const { scalar } = node;
  if (!scalar || scalar.value === null || scalar.value === '') return null;
  const written = source.written(scalar);
  const named = /^([\w-]+):/.exec(written)?.[1]?.toLowerCase() ?? 'md5';
  const algorithm = (['md5', 'sha1', 'sha256', 'sha512'] as const).find((each) => each === named) ?? null;
  return { algorithm, named, written, range: scalar.innerRange };
}

/** Kaggle's `dataset-metadata.json`, which holds no hashes. Source: https://github.com/Kaggle/kaggle-api/wiki/Dataset-Metadata */
export function readKaggle(source: RegisterSource): DatasetRegister | null {
  const { tree } = source;
  const id = tree.at('id').text();
  if (!id && !tree.at('title').exists) return null;
  return {
    kind: 'kaggle',
    version: null,
    name: id?.value ?? tree.at('title').text()?.value ?? null,
    place: id?.range ?? tree.place(),
    data: tree
      .at('resources')
      .items()
      .map((resource): RegisteredData => {
        const path = resource.at('path').text();
        return entry(path?.value ?? 'a file', path?.range ?? resource.place(), {
          path: path?.value ?? null,
        });
      }),
    records: [
      {
        name: id?.value ?? source.name,
        place: id?.range ?? tree.place(),
        parts: { ...noParts, source: id, ingestedBy: tree.at('collaborators').first() },
        validation: notValidated,
        ingestedAt: null,
      },
    ],
    licence: { found: tree.at('licenses').first(), place: id?.range ?? tree.place() },
  };
}

/** An MLflow dataset (`mlruns/<experiment>/datasets/<id>/meta.yaml`). */
export function readMlflowDataset(source: RegisterSource): DatasetRegister | null {
  const { tree } = source;
  const digest = source.digest(tree.at('digest'), null, 'mlflow');
  const sourceType = tree.at('source_type').text();
  const where = tree.at('source').text();
  if (!digest || !sourceType || !where) return null;
  const uri = addressIn(where.value);
  const name = tree.at('name').text();
  return {
    kind: 'mlflow',
    version: null,
    name: name?.value ?? null,
    place: name?.range ?? tree.place(),
    data: [
      entry(name?.value ?? 'a dataset', where.range, {
        path: uri !== null && isLocalPath(uri.replace(/^file:\/\//, '')) ? uri.replace(/^file:\/\//, '') : null,
        url: uri !== null && !isLocalPath(uri) ? { value: uri, range: where.range } : null,
        digests: [digest],
      }),
    ],
    records: [],
    licence: null,
  };
}

/** MLflow keeps the source as JSON in a string; which key holds the address depends on its kind. */
function addressIn(text: string): string | null {
  if (text.length > 100_000) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'string') return parsed;
    for (const key of ['uri', 'url', 'path', 'table_name', 'tags']) {
      const value = (parsed as Record<string, unknown> | null)?.[key];
      if (typeof value === 'string') return value;
    }
  } catch {
    return text;
  }
  return null;
}
