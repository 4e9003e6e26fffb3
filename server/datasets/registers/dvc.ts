import { entry, notValidated } from './entry.ts';
import { posix } from 'node:path';
import type { DatasetAlgorithm } from '../hashing/algorithms.ts';
import { noParts, type DatasetRegister, type Located, type RegisteredData, type RegisterRecord } from './facts.ts';
import type { ScalarTree } from './scalarTree.ts';
import type { RegisterSource } from './source.ts';

/**
 * A `.dvc` file: data that `dvc add`, `dvc import` or `dvc import-url` took in.
 * Source: https://dvc.org/doc/user-guide/project-structure/dvc-files
 */
export function readDvcFile(source: RegisterSource): DatasetRegister | null {
  const { tree } = source;
  const outs = tree.at('outs').items();
  if (outs.length === 0) return null;
  const folder = tree.at('wdir').text()?.value ?? '';
  const [origin] = tree.at('deps').items();
  const repository = origin?.at('repo');
  const url = repository?.at('url').text() ?? (repository?.exists ? null : origin?.at('path').text()) ?? null;
  const pin =
    repository?.at('rev_lock').text() ?? textOrNumber(source, origin?.either('etag', 'version_id', 'md5', 'checksum'));
  const data = outs.map((out) => ({ ...entryOf(source, out, folder, 'output'), url, pin }));
  const hash = data[0]?.digests[0];
  const record: RegisterRecord = {
    name: data[0]?.name ?? source.name,
    place: tree.place(),
    parts: {
      ...noParts,
      source: url,
      hash: hash ? { value: hash.written, range: hash.range } : null,
      transforms: origin?.exists === true && hash ? { value: 'imported as it is', range: hash.range } : null,
    },
    validation: notValidated,
    ingestedAt: null,
  };
  return {
    kind: 'dvc',
    version: null,
    name: data[0]?.name ?? null,
    place: tree.place(),
    data,
    records: [record],
    licence: null,
  };
}

/** A `dvc.lock`, in both of its schemas: what each stage read and wrote. */
export function readDvcLock(source: RegisterSource): DatasetRegister | null {
  const stages = stagesIn(source.tree);
  const data = stages.flatMap((stage) =>
    (['deps', 'outs'] as const).flatMap((kind) =>
      stage
        .at(kind)
        .items()
        .map((item) => ({
          ...entryOf(source, item, '', kind === 'outs' ? 'output' : 'input'),
          madeBy: kind === 'outs' ? makerOf(stage) : null,
        })),
    ),
  );
  if (data.length === 0) return null;
  return {
    kind: 'dvc-lock',
    version: source.tree.at('schema').text()?.value ?? null,
    name: null,
    place: source.tree.place(),
    data,
    records: [],
    licence: null,
  };
}

/** The stages of a lock: below `stages` in schema 2.0, at the top in 1.0. */
export function stagesIn(lock: ScalarTree): ScalarTree[] {
  const current = lock.at('stages');
  return (current.exists ? current : lock)
    .children()
    .filter((stage) => stage.at('cmd').exists || stage.at('outs').exists || stage.at('deps').exists);
}

function entryOf(
  source: RegisterSource,
  node: ScalarTree,
  folder: string,
  role: RegisteredData['role'],
): RegisteredData {
  const path = node.at('path').text()?.value ?? null;
  const md5 = node.at('md5');
  const plain = node.at('hash').text()?.value === 'md5';
  const isFolder = md5.scalar !== null && source.written(md5.scalar).toLowerCase().endsWith('.dir');
  const digest = source.digest(md5, algorithmOf(plain, isFolder), 'md5');
  return entry(path ?? source.name, node.at('path').scalar?.innerRange ?? node.place(), {
    path: path === null || /^[a-z][a-z\d+.-]+:\/\//i.test(path) ? null : posix.join(folder, path),
    digests: digest ? [digest] : [],
    size: node.at('size').number(),
    files: node.at('nfiles').number(),
    role,
  });
}

/** Before DVC 3.0, which writes `hash: md5`, text was hashed with its line ends turned into LF, in folders, too. */
function algorithmOf(plain: boolean, isFolder: boolean): DatasetAlgorithm {
  if (isFolder) return plain ? 'md5-dir' : 'md5-dos2unix-dir';
  return plain ? 'md5' : 'md5-dos2unix';
}

function textOrNumber(source: RegisterSource, node: ScalarTree | undefined): Located<string> | null {
  const scalar = node?.scalar;
  return scalar && scalar.value !== null ? { value: source.written(scalar), range: scalar.innerRange } : null;
}

/** The command of a stage, and the first of its dependencies that looks like code. */
function makerOf(stage: ScalarTree): RegisteredData['madeBy'] {
  const step = stage.at('cmd').first();
  if (!step) return null;
  const code = stage
    .at('deps')
    .items()
    .find((item) => /\.(?:py|ipynb|sh|r|jl|sql)$/i.test(item.at('path').text()?.value ?? ''));
  const path = code?.at('path').text()?.value;
  const md5 = code?.at('md5').scalar?.value;
  return {
    step: step.value,
    code: path === undefined ? null : md5 === undefined ? path : `${path}@md5:${String(md5)}`,
  };
}
