import type { PythonCall } from '../../formats/text/facts.ts';
import { callsTo } from '../../formats/text/pythonCalls.ts';
import { defineRule } from '../rule.ts';
import { placeOf, replace } from './place.ts';

export const archiveExtractAll = defineRule({
  subject: 'text',
  meta: {
    id: 'load/archive-extractall',
    title: 'An archive is unpacked without a filter',
    severity: 'info',
    description:
      '`tarfile` members are extracted (`extractall`, `shutil.unpack_archive`) without `filter="data"`, in a file that imports `tarfile` or names a `.tar` archive. Once a file. `zipfile` is not meant: it takes `..` out of names itself.',
    why: 'A member named `../../.bashrc`, or one behind a link out of the folder, is written outside of it. Python 3.14 made the filter the default.',
    howToFix: 'Add `filter="data"` (Python 3.12, and security releases of 3.8 to 3.11).',
    avoid: [
      {
        file: 'download.py',
        text: "import tarfile\n\nwith tarfile.open('data.tar.gz') as archive:\n    archive.extractall('data')\n",
      },
    ],
    prefer: [
      {
        file: 'unpack.py',
        text: "import tarfile\nfrom zipfile import ZipFile\n\nwith ZipFile('a.zip') as archive:\n    archive.extractall('a')\nZipFile('b.zip').extractall('b')\n",
        note: '`zipfile` keeps members inside, and knows no filter.',
      },
      {
        file: 'download.py',
        text: "import tarfile\n\nwith tarfile.open('data.tar.gz') as archive:\n    archive.extractall('data', filter='data')\n",
      },
      {
        file: 'unzip.py',
        text: "import zipfile\n\nwith zipfile.ZipFile('data.zip') as archive:\n    archive.extractall('data')\n",
      },
    ],
    references: [
      {
        title: 'Python documentation: extraction filters',
        url: 'https://docs.python.org/3/library/tarfile.html#extraction-filters',
      },
      { title: 'CVE-2007-4559', url: 'https://nvd.nist.gov/vuln/detail/CVE-2007-4559' },
    ],
    cwe: [22],
    atlas: ['AML.T0010.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'python' || !/\btarfile\b/.test(text.text)) return;
    const lines = text.text.split('\n');
    const zips = zipNames(lines);
    const isZip = ({ callee, range }: PythonCall): boolean =>
      zips.has(callee.slice(0, -'.extractall'.length)) || lines[range.line - 1]?.includes('ZipFile(') === true;
    const open = callsTo(text.calls, /\.extractall$/).filter(
      (call) => !isZip(call) && !call.keywords['filter'] && !call.keywords['members'] && call.spread !== true,
    );
    // Where both kinds of archive are unpacked, who calls what is not known.
    const [first] = open;
    if (!first || (/\bzipfile\b/.test(text.text) && open.length < 2)) return;
    const mixed = /\bzipfile\b/.test(text.text);
    report({
      message: `Unpacks an archive without a filter${open.length > 1 ? ` in ${open.length} places` : ''}: members may be written outside of the folder. Add filter="data".`,
      location: placeOf(first.range),
      evidence: { places: open.length },
      ...(mixed
        ? {}
        : {
            fixes: ['set-safe-value'],
            edits: [
              {
                fix: 'set-safe-value',
                kind: 'suggestion',
                title: 'Add filter="data"',
                changes: open.map(({ insertAt: { line, column }, positional, keywords }) => {
                  const none = positional.length === 0 && Object.keys(keywords).length === 0;
                  const place = { line, column, endLine: line, endColumn: column };
                  return replace(place, `${none ? '' : ', '}filter="data"`);
                }),
              },
            ],
          }),
    });
  },
});

/** What a file calls its ZIP archives: their `extractall` keeps members inside, and takes no filter. */
function zipNames(lines: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of lines) {
    const at = line.indexOf('ZipFile(');
    if (at < 0) continue;
    const before = /([\w.]+)\s*=\s*(?:zipfile\.)?$/.exec(line.slice(Math.max(0, at - 100), at))?.[1];
    const behind = /\bas\s+(\w+)/.exec(line.slice(at, at + 400))?.[1];
    for (const name of [before, behind]) if (name !== undefined) names.add(name);
  }
  return names;
}
