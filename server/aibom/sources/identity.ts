import { join, sep } from 'node:path';
import type { Draft, NameClaim } from '../draft.ts';
import { type ModelFolder, textOf } from '../folder.ts';
import type { Origin } from '../record.ts';
import { hubPurl } from './hub.ts';

/** What a model is called, with every claim that was found. */
export interface Identity {
  group?: string;
  name: string;
  version?: string;
  /** From where the version was read. */
  versionOrigin?: Origin;
  /** `pkg:huggingface/...`, when the place on the Hub is known. */
  purl?: string;
  claims: NameClaim[];
}

/**
 * Where the folder itself says it comes from: the remote of a clone, the cache of the Hub. What a config names as its
 * origin comes last, because that is the base model as often as the model.
 */
export function readIdentity(folder: ModelFolder, draft: Draft): void {
  const remote = textOf(join(folder.root, '.git', 'config'));
  const place =
    /url\s*=\s*(?:https?:\/\/(?:[^@\s/]*@)?|git@|ssh:\/\/git@)(?:huggingface\.co|hf\.co)[:/]([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?\s*$/m.exec(
      remote ?? '',
    );
  if (place) {
    const commit = headCommit(folder.root);
    claim(draft, place[1] ?? '', place[2] ?? '', commit, 1, {
      file: '.git/config',
      at: 'remote',
      technique: 'manifest-analysis',
    });
  }
  const parts = folder.root.split(sep);
  const snapshots = parts.lastIndexOf('snapshots');
  const cached = /^models--([\w.-]+?)--([\w.-]+)$/.exec(parts[snapshots - 1] ?? '');
  if (snapshots > 0 && cached) {
    claim(draft, cached[1] ?? '', cached[2] ?? '', parts[snapshots + 1], 1, {
      file: `../../../${parts[snapshots - 1]}`,
      at: 'cache of the Hub',
      technique: 'filename',
    });
  }
  readDownloadMetadata(folder, draft);
}

function claim(
  draft: Draft,
  group: string,
  name: string,
  version: string | undefined,
  confidence: number,
  origin: Origin,
): void {
  draft.names.push({ group, name, ...(version ? { version } : {}), registry: true, confidence, origin });
}

/** `.git/HEAD`, and the reference that it names. */
function headCommit(root: string): string | undefined {
  const head = textOf(join(root, '.git', 'HEAD'))?.trim() ?? '';
  if (/^[\da-f]{40}$/.test(head)) return head;
  const reference = /^ref: (refs\/heads\/[\w./-]+)$/.exec(head)?.[1];
  if (reference === undefined || reference.includes('..')) return undefined;
  const commit = textOf(join(root, '.git', reference))?.trim() ?? packed(root, reference);
  return commit !== undefined && /^[\da-f]{40}$/.test(commit) ? commit : undefined;
}

const packed = (root: string, reference: string): string | undefined =>
  (textOf(join(root, '.git', 'packed-refs')) ?? '')
    .split('\n')
    .find((line) => line.endsWith(` ${reference}`))
    ?.slice(0, 40);

/** `huggingface_hub` writes the commit of each file that it downloads into a folder. */
function readDownloadMetadata(folder: ModelFolder, draft: Draft): void {
  for (const { path } of folder.files.slice(0, 50)) {
    const metadata = textOf(join(folder.root, '.cache', 'huggingface', 'download', `${path}.metadata`));
    const commit = metadata?.split('\n')[0]?.trim();
    if (commit === undefined || !/^[\da-f]{40}$/.test(commit)) continue;
    draft.fact('weighbridge:revision', commit, {
      file: `.cache/huggingface/download/${path}.metadata`,
      at: 'commit',
      technique: 'manifest-analysis',
    });
    return;
  }
}

/** The claims, weighed. The folder's own name is what is left when nothing else is known. */
export function identityOf(folder: ModelFolder, draft: Draft): Identity {
  const bases = new Set(draft.baseModels.map(({ value }) => value.name.toLowerCase()));
  const claims = draft.names.filter(
    ({ group, name }) => !bases.has((group === undefined ? name : `${group}/${name}`).toLowerCase()),
  );
  const own: NameClaim = {
    name: folder.name,
    confidence: 0.45,
    origin: { file: '.', at: 'name of the folder', technique: 'filename' },
  };
  const ranked = [...claims, own].sort((a, b) => b.confidence - a.confidence);
  const [best = own] = ranked;
  const split = best.group === undefined && /^([\w.-]+)\/([\w.-]+)$/.exec(best.name);
  const group = split ? split[1] : best.group;
  const name = split ? (split[2] ?? best.name) : best.name;
  const found = draft.facts.find(({ value }) => value.name === 'weighbridge:revision');
  const [version, versionOrigin] = draft.single.version
    ? [draft.single.version.value, draft.single.version.origin]
    : best.version !== undefined
      ? [best.version, best.origin]
      : [found?.value.value, found?.origin];
  const onHub = best.registry === true && group !== undefined;
  return {
    ...(group === undefined ? {} : { group }),
    name,
    ...(version === undefined ? {} : { version }),
    ...(versionOrigin === undefined ? {} : { versionOrigin }),
    ...(onHub ? { purl: hubPurl(`${group}/${name}`, version) } : {}),
    claims: ranked,
  };
}
