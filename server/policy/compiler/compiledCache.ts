import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../files/cacheFolder.ts';
import type { PolicyDecision, PolicyDiagnostic, PolicyFileFacts, PolicyModule } from './protocol.ts';

/** A policy set, ready to be evaluated. */
export interface CompiledPolicies {
  wasm: Uint8Array;
  decisions: PolicyDecision[];
  files: PolicyFileFacts[];
  /** Warnings only. */
  diagnostics: PolicyDiagnostic[];
  versions: Record<string, 0 | 1>;
}

/** Compiled policies that are kept, newest first. */
const most = 64;

/**
 * Compiled policies by content, in the user's cache folder. What is damaged is compiled again: the cache can only cost speed.
 */
export class CompiledCache {
  readonly #folder: string;

  constructor(folder: string = join(cacheFolder(process.env), 'policies')) {
    this.#folder = folder;
  }

  /** @param compiler what tells one build of the compiler from another. */
  key(modules: readonly PolicyModule[], packages: readonly string[], compiler: string): string {
    const hash = createHash('sha256').update(JSON.stringify([compiler, packages]));
    for (const { file, text } of modules) hash.update(JSON.stringify([file, text]));
    return hash.digest('hex');
  }

  get(key: string): CompiledPolicies | null {
    try {
      const bytes = readFileSync(this.#file(key));
      const lineEnd = bytes.indexOf(10);
      const body = bytes.subarray(lineEnd + 1);
      if (bytes.toString('latin1', 0, lineEnd) !== digest(body)) return null;
      const length = body.readUInt32LE(0);
      const facts = JSON.parse(body.toString('utf8', 4, 4 + length)) as Omit<CompiledPolicies, 'wasm'>;
      return { ...facts, wasm: new Uint8Array(body.subarray(4 + length)) };
    } catch {
      return null;
    }
  }

  set(key: string, { wasm, ...facts }: CompiledPolicies): void {
    const json = Buffer.from(JSON.stringify(facts));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    const body = Buffer.concat([length, json, wasm]);
    const temporary = `${this.#file(key)}.${process.pid}.tmp`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(temporary, Buffer.concat([Buffer.from(`${digest(body)}\n`), body]), { mode: 0o600 });
      renameSync(temporary, this.#file(key));
      this.#prune();
    } catch {
      // Without a cache the next run compiles again.
      removeQuietly(temporary);
    }
  }

  #file(key: string): string {
    return join(this.#folder, `${key}.policy`);
  }

  #prune(): void {
    const files = readdirSync(this.#folder)
      .map((name) => join(this.#folder, name))
      .map((file) => ({ file, time: statSync(file).mtimeMs }))
      .sort((a, b) => b.time - a.time);
    for (const { file } of files.slice(most)) rmSync(file, { force: true });
  }
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It could not be made in the first place.
  }
}
