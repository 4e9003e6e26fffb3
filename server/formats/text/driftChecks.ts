import { dealias, mappingsIn } from './configTree.ts';
import type { ConfigEntry, ConfigLeaf, ConfigMapping, ConfigNode } from './facts.ts';
import { remembered } from './remembered.ts';

/** What a statistic of drift is compared by: a distance with a limit of its own, or a p-value. */
export type DriftStatistic = 'psi' | 'jensen-shannon' | 'hellinger' | 'wasserstein' | 'p-value';

/** A limit of drift as a configuration sets it. */
export interface DriftCheck {
  statistic: DriftStatistic;
  /** As the file calls it. */
  name: string;
  threshold: ConfigLeaf & { value: number };
}

const names: readonly [DriftStatistic, RegExp][] = [
  ['psi', /^(?:psi|population_?stability(?:_?index)?)$/],
  ['jensen-shannon', /^(?:js|jsd|jensen_?shannon(?:_?(?:distance|divergence))?)$/],
  ['hellinger', /^hellinger(?:_?distance)?$/],
  ['wasserstein', /^(?:normali[sz]ed_?)?(?:wasserstein|emd)(?:_?distance)?(?:_?norm(?:ed|ali[sz]ed)?)?$/],
  [
    'p-value',
    /^(?:p_?val(?:ue)?|ks|ks_?(?:test|drift|2samp)|(?:two_?sample_?)?kolmogorov_?smirnov(?:_?test)?|(?:pearsons?_?)?chi_?(?:2|sq|squared?)(?:_?(?:test|drift))?|(?:anderson|mann_?whitney|mannw|t_test|z|g_test|fisher_?exact)(?:_?test)?|(?:mmd|lsdd|tabular|cvm|fet)_?drift)$/,
  ],
];

/** `numericalJensenShannon` and `numerical-jensen-shannon` as `numerical_jensen_shannon`. */
function spelling(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[\s.-]+/g, '_')
    .toLowerCase();
}

/** Keys under which a statistic is chosen by name, and those of its limit. */
const choosing =
  /^(?:algorithm|metric|statistic|stat_?test|(?:num|cat|text|per_column)_?(?:stat_?test)|stattest|test|method|measure|detector|type|name)$/;
const limiting =
  /^(?:threshold|(?:num|cat|text|drift|stattest|num_stattest|cat_stattest|max)_?threshold|p_val(?:ue)?|alpha|significance(?:_level)?|upper(?:_bound|_threshold)?|max)$/;

/** Words of texts that are about drift; many statistics have other uses. */
const aboutDrift = /drift|skew|stability|psi\b|data_?quality|monitor/;

const sizes =
  /^(?:window|chunk|batch|sample|current|reference|min_reference|min_batch|min_sample|num_samples?|n_samples?|ref)?_?(?:size|samples|rows)$|^(?:window_size|min_samples|sample_size|max_samples|num_samples|n_samples)$/;
const references = /^(?:.*_)?(?:reference|baseline|x_ref|ref_data|training_dataset|training_data)(?:_.*)?$/;

/** What a word, a key or a value, has to do with drift. */
const meaningOf = remembered((word) => {
  const spelled = spelling(word);
  const plain = spelled.replace(/_?(?:stattest_?)?(?:threshold|limit|alert|value)$/, '');
  return {
    statistic: names.find(([, pattern]) => pattern.test(plain))?.[0] ?? null,
    chooses: choosing.test(spelled),
    limits: limiting.test(spelled),
    isAboutDrift: aboutDrift.test(spelled),
    isSize: sizes.test(spelled),
    isReference: references.test(spelled),
  };
});

/** By the mapping: those that did not change are in the next version of a text, too. */
const known = new WeakMap<ConfigMapping, { isAbout: boolean; checks: DriftCheck[] }>();

/** Limits of drift in a document: `{algorithm: psi, threshold: 0.1}`, `psi_threshold: 0.1`, `jensen_shannon_distance: 0.01`. */
export function driftChecksIn(document: ConfigNode): DriftCheck[] {
  const found: DriftCheck[] = [];
  let isAbout = false;
  for (const { node } of mappingsIn(document)) {
    let here = known.get(node);
    if (!here) {
      here = { isAbout: node.entries.some(speaksOfDrift), checks: checksOf(node) };
      known.set(node, here);
    }
    isAbout ||= here.isAbout;
    found.push(...here.checks);
  }
  return isAbout ? found : [];
}

function speaksOfDrift({ key, value }: ConfigEntry): boolean {
  if (meaningOf(key).isAboutDrift) return true;
  if (value.kind !== 'scalar' || typeof value.value !== 'string') return false;
  return value.value.length < 80 && meaningOf(value.value).isAboutDrift;
}

function checksOf(node: ConfigMapping): DriftCheck[] {
  const checks: DriftCheck[] = [];
  let chosen: Omit<DriftCheck, 'threshold'> | undefined;
  let limit: DriftCheck['threshold'] | undefined;
  for (const { key, value } of node.entries) {
    const leaf = dealias(value);
    if (leaf?.kind !== 'scalar') continue;
    const { statistic, chooses, limits } = meaningOf(key);
    if (isNumber(leaf)) {
      if (statistic !== null) checks.push({ statistic, name: key, threshold: leaf });
      if (limits) limit ??= leaf;
    } else if (chooses && typeof leaf.value === 'string') {
      const named = meaningOf(leaf.value).statistic;
      if (named !== null) chosen ??= { statistic: named, name: leaf.value };
    }
  }
  if (chosen && limit && !checks.some(({ threshold }) => threshold === limit))
    checks.push({ ...chosen, threshold: limit });
  return checks;
}

function isNumber(leaf: ConfigLeaf): leaf is ConfigLeaf & { value: number } {
  return typeof leaf.value === 'number' && leaf.value > 0 && leaf.value <= 1;
}

/** How many rows the document says that are compared at a time: the smallest; null where it says nothing. */
export function comparedRows(document: ConfigNode): (ConfigLeaf & { value: number }) | null {
  let least: (ConfigLeaf & { value: number }) | null = null;
  for (const { node } of mappingsIn(document)) {
    for (const { key, value } of node.entries) {
      const leaf = dealias(value);
      if (leaf?.kind !== 'scalar' || typeof leaf.value !== 'number' || !Number.isInteger(leaf.value)) continue;
      if (leaf.value < 10 || !meaningOf(key).isSize) continue;
      if (least === null || leaf.value < least.value) least = leaf as ConfigLeaf & { value: number };
    }
  }
  return least;
}

/** What the document compares with: every value under a key that names a reference; empty where none does. */
export function baselinesIn(document: ConfigNode): { key: string; node: ConfigNode; around: ConfigMapping }[] {
  return [...mappingsIn(document)].flatMap(({ node }) =>
    node.entries
      .filter(({ key }) => meaningOf(key).isReference)
      .map(({ key, value }) => ({ key, node: value, around: node })),
  );
}
