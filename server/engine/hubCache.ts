import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isCommit } from '../formats/text/hubReference.ts';

/**
 * The commit that a branch or tag of a repository came to when this machine last loaded it, from the cache of the Hugging Face hub's
 * libraries; undefined where it was never loaded. Nothing else of the cache is read.
 * Layout: huggingface_hub documentation, "Understand caching" (`models--org--name/refs/main` holds the commit).
 */
export function cachedCommit(kind: 'model' | 'dataset', name: string, revision: string): string | undefined {
  if (!/^[\w.-]+(?:\/[\w.-]+)?$/.test(name) || !/^[\w.-]+$/.test(revision)) return undefined;
  const environment = process.env;
  const home =
    environment['HF_HOME'] ?? join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'huggingface');
  const hub = environment['HF_HUB_CACHE'] ?? join(home, 'hub');
  try {
    const commit = readFileSync(join(hub, `${kind}s--${name.replace('/', '--')}`, 'refs', revision), 'utf8').trim();
    return isCommit(commit) ? commit : undefined;
  } catch {
    return undefined;
  }
}
