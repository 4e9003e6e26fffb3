import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

/** Makes a folder of files in the temporary directory, which goes when the test file ends. */
export function modelFolder(files: Record<string, string | Uint8Array>, name = 'model-under-test'): string {
  const top = mkdtempSync(join(tmpdir(), 'weighbridge-aibom-'));
  after(() => rmSync(top, { recursive: true, force: true }));
  const root = join(top, name);
  mkdirSync(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** A safetensors file with these tensors, all of zeros. */
export function safetensors(tensors: Record<string, number[]>): Uint8Array {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, shape]) => {
    const start = offset;
    offset += 4 * shape.reduce((product, size) => product * size, 1);
    return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(offset)]);
}

/** A Git LFS pointer. */
export const pointer = (oid: string, size: number): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
