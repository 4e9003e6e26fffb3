import { readFileSync } from 'node:fs';

/** The columns of every table, ours first. */
export const scanners = ['weighbridge', 'picklescan', 'modelscan', 'fickling', 'modelaudit'] as const;
type Scanner = (typeof scanners)[number];

export type Verdict = 'dangerous' | 'suspicious' | 'clean' | 'error' | 'skipped';

/** What each scanner says of one file. */
export interface ComparedFile {
  /** The set and the path in it: `evasion/memo_after_pop.pkl`. */
  name: string;
  expected: 'clean' | 'any' | 'suspicious' | 'dangerous';
  verdicts: Partial<Record<Scanner, Verdict>>;
}

const groups = ['dangerous', 'suspicious', 'clean', 'any'] as const;
const verdicts = ['dangerous', 'suspicious', 'clean', 'error', 'skipped'] as const;

/** A Markdown table: for what files deserve, how often each scanner gave each verdict. */
export function countsBySet(files: readonly ComparedFile[]): string {
  const rows = groups.flatMap((expected) => {
    const group = files.filter((file) => file.expected === expected);
    if (group.length === 0) return [];
    const cells = scanners.map((scanner) =>
      verdicts.map((kind) => group.filter((file) => verdictOf(file, scanner) === kind).length).join(' / '),
    );
    return [[expected, String(group.length), ...cells]];
  });
  return table(['deserved', 'files', ...scanners], rows);
}

/** `docs/comparison.md`, from what a run gave. */
export function comparisonPage(files: readonly ComparedFile[], { full }: { full: boolean }): string {
  const bad = files.filter(({ expected }) => expected === 'dangerous');
  const good = files.filter(({ expected }) => expected === 'clean');
  const share = (count: number, of: number): string => `${count} (${of === 0 ? 0 : Math.round((100 * count) / of)} %)`;
  const count = (group: readonly ComparedFile[], scanner: Scanner, ...kinds: Verdict[]): number =>
    group.filter((file) => kinds.includes(verdictOf(file, scanner))).length;
  const summary = table(
    ['', ...scanners],
    [
      ['dangerous files called dangerous', ...scanners.map((one) => share(count(bad, one, 'dangerous'), bad.length))],
      [
        'dangerous files of which nothing is said',
        ...scanners.map((one) => share(count(bad, one, 'clean', 'skipped'), bad.length)),
      ],
      ['clean files called dangerous', ...scanners.map((one) => share(count(good, one, 'dangerous'), good.length))],
      ['clean files called suspicious', ...scanners.map((one) => share(count(good, one, 'suspicious'), good.length))],
      ['clean files that end in an error', ...scanners.map((one) => share(count(good, one, 'error'), good.length))],
    ],
  );
  const sets = [...new Set(files.map(({ name }) => setOf(name)))].sort();
  const bySet = table(
    ['set', 'dangerous files', ...scanners, 'clean files', ...scanners],
    sets.map((set) => {
      const inside = (group: readonly ComparedFile[]): ComparedFile[] =>
        group.filter(({ name }) => setOf(name) === set);
      const [dangerous, clean] = [inside(bad), inside(good)];
      return [
        set,
        String(dangerous.length),
        ...scanners.map((one) => (dangerous.length === 0 ? '' : String(count(dangerous, one, 'dangerous')))),
        String(clean.length),
        ...scanners.map((one) => (clean.length === 0 ? '' : String(count(clean, one, 'clean', 'skipped')))),
      ];
    }),
  );
  return `# Weighbridge beside other scanners

The same files, judged by five scanners in one run. Reproduce it with

    npm test -- --only peers

which prints the first table and writes this page to \`artifacts/comparison.md\` and the verdict of every scanner on every
file to \`artifacts/peers.md\`. ${full ? 'This is the table of `npm run test:full -- --only peers`, with all types of model.' : 'Of the types of model that libraries write, every sixth is compared; `npm run test:full -- --only peers` takes all.'}

What rules of texts find beside bandit, checkov, gixy-ng and pip-audit stands in [comparison-texts.md](comparison-texts.md).

| scanner | version |
| --- | --- |
| weighbridge | this repository |
${scanners
  .slice(1)
  .map((one) => `| ${one} | ${versionOf(one)} |`)
  .join('\n')}

${files.length} files: ${bad.length} dangerous, ${files.filter(({ expected }) => expected === 'suspicious').length} suspicious, ${good.length} clean, and ${files.filter(({ expected }) => expected === 'any').length} of which nothing is claimed.

${summary}

## How it is measured

- The dangerous files call harmless commands (\`echo probe\`), and nothing ever loads them. Many were made by the real libraries from an honest model with
  one object more; the others are collected evasions.
- The clean files are what the libraries write by themselves: scikit-learn, pandas, NumPy, SciPy, joblib, XGBoost, LightGBM, PyTorch, torchvision,
  transformers, Keras and ONNX (\`test/interop/make_corpus.py\`, \`test/interop/make_library_models.py\`). What
  TensorFlow writes is no part of the table: \`npm run test:full -- --only interop\` reads dozens of its files, honest and not (\`test/interop/tensorflow.full.test.ts\`).
- Each scanner is called through its own library interface with its defaults, one file at a time, with 15 seconds and 3 GB. modelaudit runs without telemetry, network and
  cache, and with its extras for HDF5, joblib, ONNX, safetensors and 7z.
- **dangerous** is an error here; a dangerous global or an issue of picklescan; \`CRITICAL\` or \`HIGH\` of modelscan; worse than \`SUSPICIOUS\` of fickling; a critical
  issue of modelaudit. **suspicious** is a warning, and the next lower level of each. **skipped** means that the scanner does not know the file,
  **error** that it failed or ran out of its time.
- The scanners were made for different tasks: picklescan, modelscan and fickling read few formats beside pickles. A skipped file is a fact and not a fault.
  fickling takes every file for a pickle, so that most of its errors are files of other formats.

## By set

How many of the dangerous files of each set are called dangerous, and how many of the clean ones raise nothing.

${bySet}

## Scans of models

What a scan for backdoors costs beside the same search elsewhere: Neural Cleanse of two classes of a small classifier of digits, with the schedule of its authors, one thread each, in one run on a machine that others
used, too:

    npm run bench -- 1 models

| program                                 | time  | CPU time | memory |
| --------------------------------------- | ----- | -------- | ------ |
| weighbridge                             | 44 s  | 7 s      | 125 MB |
| the same in PyTorch 1.13                | 70 s  | 21 s     | 356 MB |
| Adversarial Robustness Toolbox 1.17.1   | 297 s | 84 s     | 565 MB |

The toolbox has a search of its own that takes models of Keras only. Which backdoors are found, and which are not, stands in [backdoors.md](backdoors.md#what-evades-it).

## What Weighbridge misses, or says too loudly

- The files of this table were known while it was made, so its own columns say what holds today and not how it does on files that nobody here has seen.
- A class that is on no list is a warning and not an error, whatever it does when it is built: an attack through a library that nobody has looked at is \`pickle/unknown-import\`.
- Weights that were trained to misbehave look like any weights. So does a model that gives its text to a tool which then runs it.
- Code that the model brings along, TorchScript and the Python files of \`auto_map\`, is pointed out and not analysed.
- Your own classes are warnings until they are allowed in \`weighbridge.yaml\`. So are the frozen distributions of \`scipy.stats\`, which do run a text of the file when they
  are loaded.
`;
}

function verdictOf(file: ComparedFile, scanner: Scanner): Verdict {
  return file.verdicts[scanner] ?? 'error';
}

function setOf(name: string): string {
  const [first = '', second = ''] = name.split('/');
  return first === 'libraries' || first === 'models' ? `${first}/${second}` : first;
}

function versionOf(scanner: string): string {
  const files = ['requirements.txt', 'requirements-modelaudit.txt'];
  const pins = files.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8')).join('');
  return new RegExp(`^${scanner}(?:\\[.*\\])?==(.+)$`, 'm').exec(pins)?.[1] ?? 'unknown';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
