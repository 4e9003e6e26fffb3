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
    const group = deserving(files, expected);
    if (group.length === 0) return [];
    const cells = scanners.map((scanner) => verdicts.map((kind) => count(group, scanner, kind)).join(' / '));
    return [[expected, String(group.length), ...cells]];
  });
  return table(['deserved', 'files', ...scanners], rows);
}

/**
 * `docs/comparison.md` with the tables of this run: what stands between `<!-- NAME -->` and `<!-- /NAME -->` is replaced,
 * and all else, such as what is measured by hand, stays as it is.
 *
 * @throws Error if the page lacks one of the tables.
 */
export function comparisonPage(page: string, files: readonly ComparedFile[]): string {
  return Object.entries({ files: filesTable(files), versions: versionsTable(), sets: setsTable(files) }).reduce(
    (text, [name, written]) => {
      const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
      const [from, to] = [text.indexOf(start), text.indexOf(end)];
      if (from < 0 || to < from) throw new Error(`docs/comparison.md has no place for the table "${name}"`);
      return `${text.slice(0, from + start.length)}\n${written}\n${text.slice(to)}`;
    },
    page,
  );
}

function filesTable(files: readonly ComparedFile[]): string {
  const [bad, good] = [deserving(files, 'dangerous'), deserving(files, 'clean')];
  const share = (group: readonly ComparedFile[], ...kinds: Verdict[]): string[] =>
    scanners.map((one) => {
      const found = count(group, one, ...kinds);
      return `${found} (${group.length === 0 ? 0 : Math.round((100 * found) / group.length)} %)`;
    });
  const summary = table(
    ['', ...scanners],
    [
      ['dangerous files called dangerous', ...share(bad, 'dangerous')],
      ['dangerous files of which nothing is said', ...share(bad, 'clean', 'skipped')],
      ['clean files called dangerous', ...share(good, 'dangerous')],
      ['clean files called suspicious', ...share(good, 'suspicious')],
      ['clean files that end in an error', ...share(good, 'error')],
    ],
  );
  const [suspicious, any] = [deserving(files, 'suspicious').length, deserving(files, 'any').length];
  return `${files.length} files: ${bad.length} dangerous, ${suspicious} suspicious, ${good.length} clean, and ${any} of which nothing is claimed.\n\n${summary}`;
}

function versionsTable(): string {
  const peers = scanners.slice(1).map((one) => [one, versionOf(one)]);
  return table(['scanner', 'version'], [['weighbridge', 'this repository'], ...peers]);
}

function setsTable(files: readonly ComparedFile[]): string {
  const sets = [...new Set(files.map(({ name }) => setOf(name)))].sort();
  return table(
    ['set', 'dangerous files', ...scanners, 'clean files', ...scanners],
    sets.map((set) => {
      const inside = files.filter(({ name }) => setOf(name) === set);
      const [dangerous, clean] = [deserving(inside, 'dangerous'), deserving(inside, 'clean')];
      return [
        set,
        String(dangerous.length),
        ...scanners.map((one) => (dangerous.length === 0 ? '' : String(count(dangerous, one, 'dangerous')))),
        String(clean.length),
        ...scanners.map((one) => (clean.length === 0 ? '' : String(count(clean, one, 'clean', 'skipped')))),
      ];
    }),
  );
}

function deserving(files: readonly ComparedFile[], expected: ComparedFile['expected']): ComparedFile[] {
  return files.filter((file) => file.expected === expected);
}

function count(files: readonly ComparedFile[], scanner: Scanner, ...kinds: Verdict[]): number {
  return files.filter((file) => kinds.includes(verdictOf(file, scanner))).length;
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
