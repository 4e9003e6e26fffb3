import type { DatasetRegister, RecordedDigest, RegisteredData } from '../../datasets/registers/facts.ts';
import type { FixId, TextEdit } from '../finding.ts';
import { placeOf, replace } from '../load/place.ts';
import { defineRule, type Report } from '../rule.ts';
import type { DatasetWorkspace, NamedData } from '../text.ts';
import { compare, dataOf, isCode, registerIn } from './registersIn.ts';

export const hashMismatch = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/hash-mismatch',
    title: 'The data is not what was recorded',
    severity: 'error',
    description:
      'A register (a `.dvc` file or `dvc.lock`, `provenance.json`, a Croissant file, a data package) records the hash of a file or folder, and the local file or folder has another. Manifests of DVC before 3.0 (no `hash: md5`) hash text with its line ends turned into LF; so does this rule. Data that was not pulled is no finding. Hashes are computed in the background and remembered while a file looks unchanged.',
    why: 'The manifest is what was reviewed and committed; the file is what the training reads. A file that changed in between may be an honest edit, a broken download, or rows that somebody slipped in: a few hundred poisoned examples are enough for a backdoor.',
    howToFix:
      'Find out who changed the data and why (`dvc status`, `dvc diff`). To go back to the recorded data, run `dvc checkout`. To accept the change, validate the new rows, then run `dvc add` (or `dvc repro`), or `weighbridge dataset register PATH --update` for a `provenance.json`, and commit the record, so that the change is reviewed.',
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
    const register = registerIn(text);
    if (!register) return;
    const { datasets } = text.workspace;
    for (const entry of register.data) {
      const data = dataOf(entry, text.path, datasets);
      // A stage that would run again because its code changed is another matter: dataset/stale-lock.
      if (!data || (entry.role === 'input' && isCode(entry.path ?? ''))) continue;
      for (const digest of entry.digests) {
        const found = compare(digest, data, datasets);
        if (!found || found.matches) continue;
        report(reportOf(register, entry, digest, data, found.actual, datasets));
      }
    }
  },
});

function reportOf(
  register: DatasetRegister,
  entry: RegisteredData,
  digest: RecordedDigest,
  data: NamedData,
  actual: string | null,
  datasets: DatasetWorkspace,
): Report {
  const dvc = register.kind === 'dvc' || register.kind === 'dvc-lock';
  const algorithm = digest.algorithm ?? digest.named;
  const what =
    actual === null
      ? `it is a ${data.isFolder ? 'folder' : 'file'}, and a ${data.isFolder ? 'file' : 'folder'} was recorded`
      : `its ${words[algorithm] ?? algorithm} is ${actual}, not ${digest.written}`;
  const advice = dvc
    ? 'Run `dvc checkout` to go back to the recorded data, or validate the change and record it with `dvc add`.'
    : 'Go back to the recorded data, or look at what changed, and record it.';
  const changes =
    actual === null || dvc || data.pointer ? [] : changesOf(register, entry, digest, data, actual, datasets);
  const fixes: FixId[] =
    register.kind === 'provenance' ? ['update-dataset-hash', 'add-known-clean'] : ['update-dataset-hash'];
  return {
    message: `${entry.path ?? entry.name} is not what was recorded: ${what}${sizesOf(entry, digest, data, datasets)}. ${advice}`,
    location: placeOf(digest.range),
    evidence: { file: entry.path, data: data.path, recorded: digest.written, actual, algorithm },
    fixes: changes.length > 0 ? fixes : [],
    ...(changes.length > 0 && {
      edits: [{ fix: 'update-dataset-hash', kind: 'suggestion', title: titles.updateHash, changes }],
    }),
    related: [{ path: data.path, message: 'The data as it is now' }],
  };
}

/** Whether something was added or lost: the first thing that anybody asks. */
function sizesOf(entry: RegisteredData, digest: RecordedDigest, data: NamedData, datasets: DatasetWorkspace): string {
  const now = digest.algorithm === null ? null : datasets.measured(data.path, digest.algorithm);
  const parts = [
    [entry.size, now?.size, 'bytes'],
    [entry.files, data.isFolder ? now?.files : undefined, 'files'],
  ] as const;
  return parts
    .flatMap(([recorded, actual, unit]) =>
      !recorded || actual === undefined || recorded.value === actual
        ? []
        : [`, with ${actual.toLocaleString('en')} ${unit} for ${recorded.value.toLocaleString('en')}`],
    )
    .join('');
}

const words: Record<string, string> = {
  md5: 'MD5',
  'md5-dos2unix': 'MD5',
  'md5-dir': 'MD5',
  'md5-dos2unix-dir': 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha512: 'SHA-512',
  'sha256-tree': 'SHA-256',
};

const titles = { updateHash: 'Record the hash that the data has now, after review' };

/** Digest, size and count as they are now. */
function changesOf(
  { kind }: DatasetRegister,
  entry: RegisteredData,
  digest: RecordedDigest,
  data: NamedData,
  actual: string,
  datasets: DatasetWorkspace,
): TextEdit[] {
  const prefix = /^\w+:/.exec(digest.written)?.[0] ?? '';
  const changes = [replace(digest.range, prefix + actual)];
  const now = digest.algorithm === null ? null : datasets.measured(data.path, digest.algorithm);
  if (!now) return changes;
  if (entry.size && entry.size.value !== now.size && kind !== 'croissant')
    changes.push(replace(entry.size.range, String(now.size)));
  if (entry.files && entry.files.value !== now.files) changes.push(replace(entry.files.range, String(now.files)));
  return changes;
}
