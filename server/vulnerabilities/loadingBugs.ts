import type { Advisory } from './advisory.ts';

/** @param ranges versions that are affected: from the first (null: from the beginning) to the second, which repairs it. */
function bug(
  name: string,
  id: string,
  aliases: string[],
  summary: string,
  ...ranges: [introduced: string | null, fixed: string][]
): Advisory {
  const url = id.startsWith('GHSA-')
    ? `https://github.com/advisories/${id}`
    : id.startsWith('PYSEC-')
      ? `https://osv.dev/vulnerability/${id}`
      : `https://nvd.nist.gov/vuln/detail/${id}`;
  return {
    id,
    aliases,
    summary,
    package: name,
    ranges: ranges.map(([introduced, fixed]) => ({ introduced, fixed, last: null })),
    versions: [],
    url,
  };
}

/**
 * Bugs of frameworks by which loading a model runs code: what is known without any database. Versions are those of the advisories that the
 * addresses lead to; where records differ, those of PyPI's own database (PYSEC) count: keras CVE-2025-1550 is repaired in 3.8.0 there and in
 * the CVE's record, and in 3.9.0 by GitHub's. joblib's repair was given to 1.1.1, too (joblib issue 1350). GitHub files CVE-2026-24747 under a
 * distribution `pytorch`, PYSEC-2026-2286 under `torch`. The record of CVE-2025-23304 names no version: 2.3.2 stands in NVIDIA's bulletin 5686 as
 * its finders tell it (Unit 42, "Remote Code Execution With Modern AI/ML Formats and Libraries", 2026).
 */
export const loadingBugs: readonly Advisory[] = [
  bug(
    'torch',
    'GHSA-53q9-r3pm-6pq6',
    ['CVE-2025-32434', 'PYSEC-2025-41'],
    'torch.load runs code in spite of weights_only=True',
    [null, '2.6.0'],
  ),
  bug(
    'torch',
    'GHSA-63cw-57p8-fm3p',
    ['CVE-2026-24747', 'PYSEC-2026-2286'],
    'torch.load writes beyond its memory in spite of weights_only=True, which can run code',
    [null, '2.10.0'],
  ),
  bug('keras', 'GHSA-x4wf-678h-2pmq', ['CVE-2024-3660'], 'load_model runs the code of Lambda layers', [null, '2.13.1']),
  bug(
    'keras',
    'GHSA-48g7-3x6r-xfhp',
    ['CVE-2025-1550', 'PYSEC-2025-122'],
    'load_model runs code in spite of safe_mode=True',
    ['3.0.0', '3.8.0'],
  ),
  bug(
    'keras',
    'GHSA-c9rc-mg46-23w3',
    ['CVE-2025-8747', 'PYSEC-2025-75'],
    'load_model runs code in spite of safe_mode=True, past the repair of CVE-2025-1550',
    ['3.0.0', '3.11.0'],
  ),
  bug(
    'keras',
    'GHSA-36fq-jgmw-4r9c',
    ['CVE-2025-9906', 'PYSEC-2025-76'],
    'a config.json turns safe mode off while it is loaded',
    ['3.0.0', '3.11.0'],
  ),
  bug(
    'keras',
    'GHSA-36rr-ww3j-vrjv',
    ['CVE-2025-9905'],
    'load_model runs the Lambda layers of an .h5 file in spite of safe_mode=True',
    ['3.0.0', '3.11.3'],
  ),
  bug('keras', 'CVE-2025-49655', [], 'TorchModuleWrapper unpickles in spite of safe_mode=True', ['3.11.0', '3.11.3']),
  bug(
    'keras',
    'GHSA-4f3f-g24h-fr8m',
    ['CVE-2026-1462'],
    'TFSMLayer loads a SavedModel from anywhere in spite of safe_mode=True',
    [null, '3.13.2'],
  ),
  bug(
    'keras',
    'GHSA-5gwj-m78q-7pq3',
    ['CVE-2026-12481'],
    'a Lambda layer that is made outside of load_model runs its code',
    [null, '3.12.3'],
    ['3.13.0', '3.15.0'],
  ),
  bug(
    'keras',
    'GHSA-v2w2-w228-c444',
    ['CVE-2026-12484'],
    'a TorchModuleWrapper that is made outside of load_model unpickles',
    [null, '3.12.3'],
    ['3.13.0', '3.15.0'],
  ),
  bug(
    'transformers',
    'GHSA-3863-2447-669p',
    ['CVE-2023-6730'],
    'loading a retriever unpickles what the repository holds',
    [null, '4.36.0'],
  ),
  bug('joblib', 'GHSA-6hrg-qmvc-2xh8', ['CVE-2022-21797'], 'a pre_dispatch of a file is evaluated', [null, '1.1.1']),
  bug('pyyaml', 'GHSA-8q59-q68h-6hv4', ['CVE-2020-14343'], 'yaml.load with FullLoader runs code', [null, '5.4']),
  bug('numpy', 'GHSA-9fq2-x9r6-wfmf', ['CVE-2019-6446'], 'numpy.load unpickles by default', [null, '1.16.3']),
  bug(
    'skops',
    'GHSA-m7f4-hrc6-fwg3',
    ['CVE-2025-54412'],
    'loading a skops file runs methods of operator that nobody trusted',
    [null, '0.12.0'],
  ),
  bug(
    'skops',
    'GHSA-4v6w-xpmh-gfgp',
    ['CVE-2025-54413'],
    'loading a skops file reaches functions that nobody trusted',
    [null, '0.12.0'],
  ),
  bug('skops', 'GHSA-378x-6p4f-8jgm', ['CVE-2025-54886'], 'Card.get_model loads with joblib what is no skops file', [
    null,
    '0.13.0',
  ]),
  bug(
    'torchserve',
    'GHSA-8fxr-qfr9-p34w',
    ['CVE-2023-43654'],
    'the management interface loads models from any address ("ShellTorch")',
    ['0.1.0', '0.8.2'],
  ),
  bug('nemo-toolkit', 'CVE-2025-23304', [], 'restoring a .nemo file imports and calls what its configuration names', [
    null,
    '2.3.2',
  ]),
  bug('nemo-toolkit', 'GHSA-m4jw-wgmf-889x', ['CVE-2026-24157'], 'loading a checkpoint runs code', [null, '2.6.2']),
  bug(
    'nemo-toolkit',
    'PYSEC-2026-2675',
    ['CVE-2026-24159', 'GHSA-v7v2-m736-cf3c'],
    'loading data that nobody trusted runs code',
    [null, '2.6.2'],
  ),
  bug(
    'llama-cpp-python',
    'GHSA-56xg-wfcc-g829',
    ['CVE-2024-34359', 'PYSEC-2026-392'],
    'the chat template of a GGUF file runs code',
    ['0.2.30', '0.2.72'],
  ),
];
