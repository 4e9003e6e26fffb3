import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { PolicyModule } from '../../policy/compiler/protocol.ts';
import { policyFiles, readPolicies } from '../../policy/policySet.ts';
import { isWithin, relativePath } from '../address.ts';
import type { Folder } from '../folder.ts';
import type { Folders } from '../folders.ts';
import type { OpenDocuments } from '../openDocuments.ts';

/** Policies that are compiled together, because they may call one another. */
export interface PolicySet {
  /** Absolute: their folder, or the one file. */
  root: string;
  folder: Folder;
  modules: PolicyModule[];
  /** Absolute path of a module by the name that it has in diagnostics. */
  pathOf(file: string): string;
}

/** Finds the policies that belong together, as they stand in the editor. */
export class PolicySets {
  readonly #folders: Folders;
  readonly #documents: OpenDocuments;

  constructor(folders: Folders, documents: OpenDocuments) {
    this.#folders = folders;
    this.#documents = documents;
  }

  /**
   * The set that a file (absolute) belongs to.
   * @throws {WeighbridgeError} where the set cannot be read, or is too large.
   */
  of(file: string): PolicySet {
    const folder = this.#folders.of(file);
    return this.#read(rootOf(file, folder), folder);
  }

  /** The sets of several files, each once. */
  ofAll(files: readonly string[]): PolicySet[] {
    const sets = new Map<string, PolicySet>();
    for (const file of files) {
      const folder = this.#folders.of(file);
      const root = rootOf(file, folder);
      if (!sets.has(root)) sets.set(root, this.#read(root, folder));
    }
    return [...sets.values()];
  }

  #read(root: string, folder: Folder): PolicySet {
    const base = folder.path;
    const onDisk = existsSync(root) ? readIfAny(root, folder) : [];
    const texts = new Map(onDisk.map((module) => [module.file, module.text]));
    for (const open of this.#documents.paths()) {
      const isOfSet = open.endsWith('.rego') && (root === open || isWithin(root, open));
      if (isOfSet && rootOf(open, folder) === root) texts.set(relativePath(base, open), this.#textOf(open));
    }
    const modules = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => ({ file: name, text }));
    return { root, folder, modules, pathOf: (name) => path.join(base, name) };
  }

  #textOf(open: string): string {
    return this.#documents.get(open)?.getText() ?? '';
  }
}

/** A folder may hold no policy yet: the one that is being written is not saved. */
function readIfAny(root: string, folder: Folder): PolicyModule[] {
  // All of a repository is not searched for a policy that somebody left at its top.
  const paths = root === folder.path ? policiesIn(root) : [root];
  return paths.filter(holdsPolicies).flatMap((each) => readPolicies(each, folder.path));
}

const holdsPolicies = (file: string): boolean => policyFiles(file).length > 0;

/**
 * The folder of policies that weighbridge.yaml names, if the file lies in it; otherwise the outermost folder around the file
 * that has policies itself or is called after them. A file outside the workspace stands for itself.
 */
function rootOf(file: string, folder: Folder): string {
  if (folder.loose) return file;
  const configured = folder.scanner.configuration.policy.folder;
  if (configured !== null && isWithin(configured, file)) return configured;
  let root = path.dirname(file);
  for (let at = root; folder.contains(at); at = path.dirname(at)) {
    if (hasPolicies(at)) root = at;
    if (at === folder.path) break;
  }
  return root;
}

function hasPolicies(directory: string): boolean {
  if (/^polic(?:y|ies)$/.test(path.basename(directory))) return true;
  return policiesIn(directory).length > 0;
}

/** The policies that stand in a directory itself; absolute. */
function policiesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.rego'))
      .map((name) => path.join(directory, name));
  } catch {
    return [];
  }
}
