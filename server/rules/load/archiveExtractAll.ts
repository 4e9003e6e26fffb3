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
    const open = text.calls.filter(
      ({ callee, keywords, spread }) =>
        /\.extractall$/.test(callee) && !keywords['filter'] && !keywords['members'] && spread !== true,
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
