import type { Draft } from '../draft.ts';
import type { ModelFolder } from '../folder.ts';
import type { Origin } from '../record.ts';
import { entriesAt, listAt, textAt } from '../values.ts';

/** Characters of one lock file that are read. */
const longestLock = 16_000_000;

/** Lock files beside the model: every package that they name is a component. */
export function readEnvironment(folder: ModelFolder, draft: Draft): void {
  for (const path of folder.matching(/(?:^|\/)requirements[\w.-]*\.(?:txt|lock)$/i))
    readRequirements(folder, path, draft);
  for (const path of folder.matching(/(?:^|\/)(?:uv|poetry|pdm)\.lock$|(?:^|\/)pylock(?:\.[\w-]+)?\.toml$/))
    readTomlLock(folder, path, draft);
  for (const path of folder.matching(/(?:^|\/)Pipfile\.lock$/)) {
    for (const group of ['default', 'develop']) {
      for (const [name, entry] of entriesAt(folder.json(path), group)) {
        const version = textAt(entry, 'version')?.replace(/^==/, '');
        draft.library({ name, ...(version ? { version } : {}), origin: from(path, `${group}.${name}`) });
      }
    }
  }
  for (const path of folder.matching(/(?:^|\/)(?:conda|environment)\.ya?ml$/)) {
    for (const entry of listAt(folder.yaml(path), 'dependencies')) {
      if (typeof entry === 'string') readConda(entry, path, draft);
      else for (const line of listAt(entry, 'pip')) if (typeof line === 'string') readRequirement(line, path, draft);
    }
  }
  for (const path of folder.matching(/(?:^|\/)python_env\.ya?ml$/)) {
    const version = textAt(folder.yaml(path), 'python');
    if (version !== undefined) draft.fact('weighbridge:python-version', version, from(path, 'python'));
  }
}

const from = (file: string, at: string): Origin => ({ file, at, technique: 'manifest-analysis' });

function readRequirements(folder: ModelFolder, path: string, draft: Draft): void {
  const text = folder.text(path)?.slice(0, longestLock) ?? '';
  for (const line of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) readRequirement(line, path, draft);
}

/** One line of a requirements file (PEP 508, and pip's `--hash`). Options, paths and addresses are no packages of the index. */
function readRequirement(line: string, path: string, draft: Draft): void {
  const bare = line.replace(/(?:^|\s)#.*$/, '').trim();
  const found = /^([A-Za-z\d][\w.-]*)\s*(?:\[[^\]]*\])?\s*((?:[=<>!~]=?=?|@)[^;#]*)?/.exec(bare);
  if (!found || bare.startsWith('-') || bare.length > 20_000) return;
  const name = found[1] ?? '';
  const pinned = /^={2,3}\s*([\w.!+*-]+)/.exec(found[2] ?? '')?.[1];
  const version = pinned?.includes('*') ? undefined : pinned;
  const hashes = [...bare.matchAll(/--hash[= ](sha256:[\da-f]{64})/g)].map((match) => match[1] ?? '');
  draft.library({
    name,
    ...(version ? { version } : {}),
    origin: from(path, name),
    ...(hashes.length > 0 ? { hashes } : {}),
  });
}

/** `numpy=1.26.4=py311_0`, `python=3.11`. */
function readConda(entry: string, path: string, draft: Draft): void {
  const [name = '', version] = entry.split(/[=<>!~]+/);
  if (name.trim() === 'python') draft.fact('weighbridge:python-version', version, from(path, 'dependencies'));
  else if (name.trim() !== 'pip' && /^[\w.-]+$/.test(name.trim()) && /^[^<>!~]*$/.test(entry))
    draft.library({
      name: name.trim(),
      ...(version ? { version: version.trim() } : {}),
      origin: from(path, name.trim()),
    });
}

/** The packages of uv, Poetry, PDM and PEP 751 locks: `name` and `version` of each `[[package]]`, which all of them write as plain strings. */
function readTomlLock(folder: ModelFolder, path: string, draft: Draft): void {
  const text = folder.text(path)?.slice(0, longestLock) ?? '';
  let inPackage = false;
  let name: string | undefined;
  let version: string | undefined;
  const finish = () => {
    if (name !== undefined)
      draft.library({ name, ...(version === undefined ? {} : { version }), origin: from(path, name) });
    name = undefined;
    version = undefined;
  };
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('[')) {
      finish();
      inPackage = /^\[\[packages?\]\]\s*$/.test(line);
    } else if (inPackage) {
      name ??= /^name\s*=\s*"([^"]{1,200})"/.exec(line)?.[1];
      version ??= /^version\s*=\s*"([^"]{1,200})"/.exec(line)?.[1];
    }
  }
  finish();
}
