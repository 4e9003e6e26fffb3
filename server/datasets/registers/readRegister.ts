import type { ConfigScalar } from '../../formats/text/facts.ts';
import { readDataPackage, readKaggle, readMlflowDataset } from './catalogues.ts';
import { readCroissant } from './croissant.ts';
import { readDvcFile, readDvcLock } from './dvc.ts';
import type { DatasetRegister } from './facts.ts';
import { readDatasetCard, readDatasetInfos } from './hub.ts';
import { readOpenLineage } from './openLineage.ts';
import { readProvenance } from './provenance.ts';
import { RegisterSource, type RegisterText } from './source.ts';

/** Several rules ask about the same text. */
const known = new WeakMap<readonly ConfigScalar[], DatasetRegister | null>();

/** What a text says as a register of datasets; null for a text that is none. */
export function registerOf(text: RegisterText): DatasetRegister | null {
  const found = known.get(text.scalars);
  if (found !== undefined) return found;
  const register = read(text);
  known.set(text.scalars, register);
  return register;
}

function read(text: RegisterText): DatasetRegister | null {
  const name = text.path.slice(text.path.lastIndexOf('/') + 1).toLowerCase();
  const source = () => new RegisterSource(text);
  if (name.endsWith('.dvc')) return readDvcFile(source());
  if (name === 'dvc.lock') return readDvcLock(source());
  if (name === 'readme.md') return readDatasetCard(source());
  if (text.language === 'yaml') return name === 'meta.yaml' ? readMlflowDataset(source()) : null;
  if (name === 'provenance.json') return readProvenance(source());
  if (name === 'datapackage.json') return readDataPackage(source());
  if (name === 'dataset-metadata.json') return readKaggle(source());
  if (name === 'dataset_infos.json') return readDatasetInfos(source());
  if (text.text.includes('mlcommons.org/')) return readCroissant(source());
  if (text.text.includes('"eventTime"') && text.text.includes('"runId"')) return readOpenLineage(source());
  return null;
}

const names =
  /(?:^|\/)(?:dvc\.(?:lock|yaml)|[^/]*\.dvc|provenance\.json|datapackage\.json|dataset-metadata\.json|dataset_infos\.json|readme\.md)$/i;

/** Whether a text may be a register: cheap, and true too often rather than too seldom. */
export function mayBeRegister(path: string, text: string): boolean {
  if (names.test(path)) return true;
  if (/(?:^|\/)meta\.yaml$/i.test(path)) return text.includes('source_type');
  return /\.(?:json|jsonl|ndjson)$/i.test(path) && (text.includes('mlcommons.org/') || text.includes('"eventTime"'));
}
