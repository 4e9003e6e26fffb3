import type { Licence } from '../record.ts';
import { textAt, textsAt, type Value } from '../values.ts';
import { spdxIds } from './spdxIds.ts';

/** Licences of models that SPDX has no id for, by the name that the Hugging Face Hub gives them. */
const hubNames: Record<string, string> = {
  llama2: 'Llama 2 Community License Agreement',
  llama3: 'Meta Llama 3 Community License Agreement',
  'llama3.1': 'Llama 3.1 Community License Agreement',
  'llama3.2': 'Llama 3.2 Community License Agreement',
  'llama3.3': 'Llama 3.3 Community License Agreement',
  llama4: 'Llama 4 Community License Agreement',
  gemma: 'Gemma Terms of Use',
  openrail: 'OpenRAIL license family',
  'openrail++': 'CreativeML Open RAIL++-M License',
  'bigscience-openrail-m': 'BigScience OpenRAIL-M',
  'creativeml-openrail-m': 'CreativeML OpenRAIL-M',
  'bigscience-bloom-rail-1.0': 'BigScience BLOOM RAIL 1.0',
  'bigcode-openrail-m': 'BigCode OpenRAIL-M',
  'deepfloyd-if-license': 'DeepFloyd IF License Agreement',
  'apple-amlr': 'Apple Machine Learning Research Model License',
  'apple-ascl': 'Apple Sample Code License',
  'fair-noncommercial-research-license': 'FAIR Noncommercial Research License',
  'intel-research': 'Intel Research Use License Agreement',
  'open-mdw': 'Open Model, Data and Weights License',
};

/** Names on the Hub that name an SPDX licence without being its id. */
const hubAliases: Record<string, string> = {
  bsd: 'BSD-3-Clause',
  gpl: 'GPL-3.0-or-later',
  'gpl-2.0': 'GPL-2.0-only',
  'gpl-3.0': 'GPL-3.0-only',
  'lgpl-2.1': 'LGPL-2.1-only',
  'lgpl-3.0': 'LGPL-3.0-only',
  'agpl-3.0': 'AGPL-3.0-only',
  gfdl: 'GFDL-1.3-only',
  'cc0-1.0': 'CC0-1.0',
  pddl: 'PDDL-1.0',
  odbl: 'ODbL-1.0',
  'odc-by': 'ODC-By-1.0',
  apache2: 'Apache-2.0',
  'apache 2.0': 'Apache-2.0',
  'apache license 2.0': 'Apache-2.0',
  'apache-2': 'Apache-2.0',
  'mit license': 'MIT',
};

/** A licence by the name that people write; an SPDX id where the name is one. */
export function licenceNamed(written: string): Licence {
  const key = written.trim().toLowerCase();
  const id = hubAliases[key] ?? spdxIds().get(key) ?? null;
  return { id, name: id ?? hubNames[key] ?? written.trim().slice(0, 200) };
}

/** What the front matter of a card says: `license`, or `other` with `license_name` and `license_link`. */
export function licenceOfCard(front: Value): Licence[] {
  const link = textAt(front, 'license_link');
  const url = link !== undefined && /^https?:\/\//.test(link) ? { url: link } : {};
  return textsAt(front, 'license')
    .filter((written) => !/^(?:unknown|none)$/i.test(written))
    .map((written) => {
      const name = textAt(front, 'license_name');
      if (written.toLowerCase() === 'other') return { ...licenceNamed(name ?? 'other'), ...url };
      return { ...licenceNamed(written), ...url };
    });
}
