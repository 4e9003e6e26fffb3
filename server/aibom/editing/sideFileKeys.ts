import { annexXi } from '../coverage/annexXi.ts';
import { g7 } from '../coverage/g7.ts';
import type { Coverage } from '../coverage/coverage.ts';
import { at, yamlValue } from '../values.ts';

/** A key of `aibom.enrich.yaml`, for completion. */
export interface SideFileKey {
  key: string;
  /** What it fills, by the lists of coverage. */
  title: string;
  /** What to insert, with an example of a value. */
  snippet: string;
}

const snippets: Record<string, string> = {
  name: 'name: ',
  version: 'version: 1.0.0',
  supplier: 'supplier: ',
  authors: 'authors:\n  - ',
  description: 'description: ',
  license: 'license: apache-2.0',
  release_date: 'release_date: 2025-01-31',
  usage_policy: 'usage_policy: https://',
  copyright_policy: 'copyright_policy: https://',
  users: 'users:\n  - ',
  intended_uses: 'intended_uses:\n  - ',
  limitations: 'limitations:\n  - ',
  tradeoffs: 'tradeoffs:\n  - ',
  ethical_considerations: 'ethical_considerations:\n  - ',
  pipeline_tag: 'pipeline_tag: text-classification',
  architecture: 'architecture: ',
  architecture_family: 'architecture_family: ',
  base_model: 'base_model: org/name',
  datasets: 'datasets:\n  - name: \n    url: https://\n    sha256: \n    license: \n    description: ',
  training_compute_flops: 'training_compute_flops: ',
  training_hours: 'training_hours: ',
  energy_kwh: 'energy_kwh: ',
  co2_eq_emissions: 'co2_eq_emissions:\n  emissions: ',
  'model-index':
    'model-index:\n  - name: \n    results:\n      - task:\n          type: \n        dataset:\n          name: \n          type: \n        metrics:\n          - type: \n            value: ',
};

/**
 * Keys that the side file does not have yet; those that fill something missing come first.
 * @param coverage of the model's bill of materials, when there is one.
 */
export function sideFileKeys(text: string, coverage: readonly Coverage[] = []): SideFileKey[] {
  const written = yamlValue(text);
  const missing = new Set(
    coverage.flatMap(({ elements }) => elements.filter(({ present }) => !present).map(({ fill }) => fill)),
  );
  return Object.entries(snippets)
    .filter(([key]) => at(written, key) === undefined)
    .map(([key, snippet]) => ({ key, title: titleOf(key), snippet }))
    .sort((a, b) => Number(missing.has(b.key)) - Number(missing.has(a.key)));
}

function titleOf(key: string): string {
  const titles = [...g7, ...annexXi].filter(({ fill }) => fill === key).map(({ title }) => title);
  return [...new Set(titles)].slice(0, 3).join('; ');
}
