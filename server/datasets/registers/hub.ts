import { entry, notValidated } from './entry.ts';
import { noParts, type DatasetRegister, type RegisteredData } from './facts.ts';
import type { RegisterSource } from './source.ts';

/** Keys of a card's front matter that only cards of datasets have, and those that only cards of models have. */
const ofDatasets = [
  'dataset_info',
  'configs',
  'task_categories',
  'size_categories',
  'annotations_creators',
  'language_creators',
  'source_datasets',
  'pretty_name',
];
const ofModels = ['pipeline_tag', 'library_name', 'base_model', 'model-index', 'datasets'];

/** A dataset card: the YAML at the top of a `README.md`. Source: https://huggingface.co/docs/hub/datasets-cards */
export function readDatasetCard(source: RegisterSource): DatasetRegister | null {
  const { tree } = source;
  const has = (key: string) => tree.at(key).exists;
  if (!ofDatasets.some(has) || ofModels.some(has)) return null;
  const name = tree.at('pretty_name').text();
  const place = name?.range ?? tree.place();
  const files = tree
    .at('configs')
    .items()
    .flatMap((config) => config.at('data_files').items())
    .flatMap((each) => (each.at('path').exists ? each.at('path').items() : [each]))
    .flatMap((each) => {
      const path = each.text();
      return path && !/[*?[\]{}]/.test(path.value) ? [path] : [];
    });
  const { license, source_datasets } = { license: tree.at('license'), source_datasets: tree.at('source_datasets') };
  return {
    kind: 'hub-card',
    version: null,
    name: name?.value ?? null,
    place,
    data: files.map(({ value, range }): RegisteredData =>
      entry(value, range, {
        path: value,
      }),
    ),
    records: [
      {
        name: name?.value ?? source.name,
        place,
        parts: { ...noParts, source: source_datasets.first() },
        validation: notValidated,
        ingestedAt: null,
      },
    ],
    licence: { found: license.first(), place },
  };
}

/** `dataset_infos.json` of older datasets on the hub: addresses with sizes and, sometimes, SHA-256. */
export function readDatasetInfos(source: RegisterSource): DatasetRegister | null {
  const configs = source.tree.children();
  const data = configs.flatMap((config) =>
    config
      .at('download_checksums')
      .children()
      .map((download): RegisteredData => {
        const checksum = download.at('checksum');
        const digest = source.digest(checksum, 'sha256', 'sha256');
        const address = String(download.key);
        const place = checksum.scalar?.innerRange ?? download.place();
        return entry(address, place, {
          url: { value: address, range: place },
          digests: digest ? [digest] : [],
          size: download.at('num_bytes').number(),
        });
      }),
  );
  const place = source.tree.place();
  const licence = configs.map((config) => config.at('license').text()).find((each) => each !== null) ?? null;
  return configs.some(
    (config) => config.at('features').exists || config.at('splits').exists || config.at('download_checksums').exists,
  )
    ? { kind: 'hub-infos', version: null, name: null, place, data, records: [], licence: { found: licence, place } }
    : null;
}
