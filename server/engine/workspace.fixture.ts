import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A folder of files for one test; it goes when the test ends. */
export interface Workspace {
  root: string;
  path: (name: string) => string;
  write: (name: string, content: string | Uint8Array) => string;
}

export function makeWorkspace(
  test: Pick<TestContext, 'after'>,
  files: Record<string, string | Uint8Array> = {},
): Workspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'weighbridge-')));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  const path = (name: string) => join(root, name);
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
    return path(name);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { root, path, write };
}

/** A protocol-0 pickle that calls `os.system('true')` when it is loaded. */
export const dangerousPickle = "cos\nsystem\n(S'true'\ntR.";

/** A pickle of an empty list. */
export const harmlessPickle = new Uint8Array([0x80, 2, 0x5d, 0x2e]);

/** A safetensors file without tensors. */
export const emptySafetensors = new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]);
