import type { Advisory } from './advisory.ts';

function bug(
  name: string,
  id: string,
  aliases: string[],
  summary: string,
  fixed: string,
  introduced: string | null = null,
): Advisory {
  const ranges = [{ introduced, fixed, last: null }];
  const url = id.startsWith('GHSA-')
    ? `https://github.com/advisories/${id}`
    : id.startsWith('PYSEC-')
      ? `https://osv.dev/vulnerability/${id}`
      : `https://nvd.nist.gov/vuln/detail/${id}`;
  return { id, aliases, summary, package: name, ranges, versions: [], url };
}

/**
 * Bugs of frameworks by which loading a model runs code: what is known without any database. Versions are those of the advisories that the
 * addresses lead to; where records differ, those of PyPI's own database (PYSEC) count: keras CVE-2025-1550 is repaired in 3.8.0 there and in
 * the CVE's record. joblib's repair was given to 1.1.1, too (joblib issue 1350).
 */
export const loadingBugs: readonly Advisory[] = [
  bug(
    'torch',
    'GHSA-53q9-r3pm-6pq6',
    ['CVE-2025-32434'],
    'torch.load runs code in spite of weights_only=True',
    '2.6.0',
  ),
  bug(
    'keras',
    'GHSA-48g7-3x6r-xfhp',
    ['CVE-2025-1550', 'PYSEC-2025-122'],
    'load_model runs code in spite of safe_mode=True',
    '3.8.0',
    '3.0.0',
  ),
  bug(
    'keras',
    'GHSA-c9rc-mg46-23w3',
    ['CVE-2025-8747', 'PYSEC-2025-75'],
    'load_model runs code in spite of safe_mode=True, past the repair of CVE-2025-1550',
    '3.11.0',
    '3.0.0',
  ),
  bug(
    'keras',
    'GHSA-36fq-jgmw-4r9c',
    ['CVE-2025-9906', 'PYSEC-2025-76'],
    'a config.json turns safe mode off while it is loaded',
    '3.11.0',
    '3.0.0',
  ),
  bug(
    'transformers',
    'GHSA-3863-2447-669p',
    ['CVE-2023-6730'],
    'loading a retriever unpickles what the repository holds',
    '4.36.0',
  ),
  bug('joblib', 'GHSA-6hrg-qmvc-2xh8', ['CVE-2022-21797'], 'a pre_dispatch of a file is evaluated', '1.1.1'),
  bug('pyyaml', 'GHSA-8q59-q68h-6hv4', ['CVE-2020-14343'], 'yaml.load with FullLoader runs code', '5.4'),
  bug('numpy', 'GHSA-9fq2-x9r6-wfmf', ['CVE-2019-6446'], 'numpy.load unpickles by default', '1.16.3'),
  bug(
    'skops',
    'CVE-2025-54412',
    ['GHSA-m7f4-hrc6-fwg3'],
    'loading a skops file runs methods of operator that nobody trusted',
    '0.12.0',
  ),
  bug('skops', 'CVE-2025-54413', [], 'loading a skops file reaches functions that nobody trusted', '0.12.0'),
  bug(
    'torchserve',
    'GHSA-8fxr-qfr9-p34w',
    ['CVE-2023-43654'],
    'the management interface loads models from any address ("ShellTorch")',
    '0.8.2',
    '0.1.0',
  ),
  bug(
    'nemo-toolkit',
    'CVE-2025-23304',
    [],
    'restoring a .nemo file imports and calls what its configuration names',
    '2.3.2',
  ),
  bug(
    'nemo-toolkit',
    'PYSEC-2026-2675',
    ['CVE-2026-24159', 'GHSA-v7v2-m736-cf3c'],
    'loading data that nobody trusted runs code',
    '2.6.2',
  ),
  bug(
    'llama-cpp-python',
    'GHSA-56xg-wfcc-g829',
    ['CVE-2024-34359'],
    'the chat template of a GGUF file runs code',
    '0.2.72',
    '0.2.30',
  ),
];
