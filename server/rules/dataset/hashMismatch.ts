import { posix } from 'node:path';
import type { ConfigScalar } from '../../formats/text/facts.ts';
import { defineRule } from '../rule.ts';
import type { TextSubject } from '../text.ts';

export const hashMismatch = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/hash-mismatch',
    title: 'The data is not what its manifest says',
    severity: 'error',
    description:
      'A DVC manifest (`.dvc`, `dvc.lock`) records the MD5 of a file or folder, and the local file or folder has another. Manifests of DVC before 3.0 (no `hash: md5`) hash text with its line ends turned into LF; so does this rule. Data that was not pulled is no finding. Folders in manifests of DVC before 3.0 are not compared.',
    why: 'The manifest is what was reviewed and committed; the file is what the training reads. A file that changed in between may be an honest edit, a broken download, or rows that somebody slipped in: a few hundred poisoned examples are enough for a backdoor.',
    howToFix:
      'Find out who changed the data and why (`dvc status`, `dvc diff`). To go back to the recorded data, run `dvc checkout`. To accept the change, validate the new rows, run `dvc add` (or `dvc repro`) and commit the manifest, so that the change is reviewed.',
    avoid: [
      {
        file: 'data/train.csv.dvc',
        text: 'outs:\n- md5: 00000000000000000000000000000000\n  size: 16\n  hash: md5\n  path: train.csv\n',
        beside: [{ file: 'data/train.csv', text: 'text,label\nhi,1\n' }],
        note: 'The file has another hash.',
      },
    ],
    prefer: [
      {
        file: 'data/train.csv.dvc',
        text: 'outs:\n- md5: 4c176a5d418613c562f4ea298ad505a1\n  size: 16\n  hash: md5\n  path: train.csv\n',
        beside: [{ file: 'data/train.csv', text: 'text,label\nhi,1\n' }],
      },
      {
        file: 'data/not-pulled.csv.dvc',
        text: 'outs:\n- md5: 00000000000000000000000000000000\n  hash: md5\n  path: not-pulled.csv\n',
        note: 'There is no file to compare with.',
      },
    ],
    references: [
      { title: 'DVC documentation: .dvc files', url: 'https://dvc.org/doc/user-guide/project-structure/dvc-files' },
      { title: 'DVC 3.0: hashes without dos2unix', url: 'https://dvc.org/doc/user-guide/upgrade' },
      { title: 'Poisoning Web-Scale Training Datasets is Practical', url: 'https://arxiv.org/abs/2302.10149' },
    ],
    cwe: [353, 345],
    atlas: ['AML.T0010.002', 'AML.T0020', 'AML.T0059'],
    owasp: ['ML02:2023', 'LLM04:2025'],
    nistAiRmf: ['MAP 2.3', 'MEASURE 2.7'],
    euAiAct: ['Article 10(2)', 'Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'yaml' || !/(?:\.dvc|(?:^|\/)dvc\.lock)$/.test(text.path)) return;
    const lines = text.text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
    for (const { path, md5, plain } of entriesOf(text)) {
      // What is written, not its value: a hash of digits alone, or with one `e` among them, is a number to YAML.
      const written = (lines[md5.innerRange.line - 1] ?? '').slice(
        md5.innerRange.column - 1,
        md5.innerRange.endColumn - 1,
      );
      const recorded = written.toLowerCase();
      if (!/^[0-9a-f]{32}(?:\.dir)?$/.test(recorded)) continue;
      const folder = recorded.endsWith('.dir');
      if (folder && !plain) continue;
      const found = text.workspace.digest(path, text.path, folder ? 'md5-dir' : plain ? 'md5' : 'md5-dos2unix');
      if (found === undefined || bare(found) === bare(recorded)) continue;
      const { line, column, endLine, endColumn } = md5.innerRange;
      const actual = folder ? `${bare(found)}.dir` : found;
      report({
        message: `${path} is not what was recorded: its MD5 is ${actual}, not ${written}. Run \`dvc checkout\` to go back to the recorded data, or validate the change and record it with \`dvc add\`.`,
        location: { line, column, endLine, endColumn },
        evidence: { file: path, recorded: written, actual, algorithm: plain ? 'md5' : 'md5-dos2unix' },
      });
    }
  },
});

interface Entry {
  /** Relative to the manifest. */
  path: string;
  md5: ConfigScalar;
  /** True for `hash: md5`: the bytes as they are. */
  plain: boolean;
}

/** `outs` of a `.dvc`; `outs` and `deps` of each stage of a `dvc.lock`. The `deps` of a `.dvc` are somewhere else. */
function entriesOf(text: TextSubject & { language: 'yaml' }): Entry[] {
  const lock = text.path.endsWith('dvc.lock');
  const byEntry = new Map<string, Map<string, ConfigScalar>>();
  let folder = '';
  for (const scalar of text.scalars) {
    if (!lock && scalar.path.length === 1 && scalar.path[0] === 'wdir') folder = String(scalar.value);
    const kind = scalar.path.at(-3);
    const key = scalar.path.at(-1);
    const depth = scalar.path.length;
    const expected = lock ? depth === 4 || (depth === 5 && scalar.path[0] === 'stages') : depth === 3;
    if (!expected || typeof key !== 'string' || !(kind === 'outs' || (lock && kind === 'deps'))) continue;
    const id = JSON.stringify(scalar.path.slice(0, -1));
    const fields = byEntry.get(id) ?? new Map<string, ConfigScalar>();
    byEntry.set(id, fields.set(key, scalar));
  }
  return [...byEntry.values()].flatMap((fields) => {
    const md5 = fields.get('md5');
    const path = fields.get('path')?.value;
    if (!md5 || typeof path !== 'string') return [];
    return [{ path: posix.join(folder, path), md5, plain: fields.get('hash')?.value === 'md5' }];
  });
}

function bare(digest: string): string {
  return digest.replace(/\.dir$/, '');
}
