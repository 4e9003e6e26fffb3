import { gzipSync } from 'node:zlib';
import type { CompiledPolicies } from './compiler/compiledCache.ts';

/**
 * A bundle of OPA (https://www.openpolicyagent.org/docs/management-bundles): the compiled policy, no data, and a manifest
 * that names its entrypoint. The same policies give the same bytes.
 */
export function policyBundle({ wasm, decisions }: CompiledPolicies): Buffer {
  const manifest = {
    revision: '',
    roots: [''],
    wasm: [{ entrypoint: 'weighbridge_entry/decisions', module: '/policy.wasm' }],
    metadata: { decisions: decisions.map(({ key }) => key) },
  };
  const archive = Buffer.concat([
    ...entry('/.manifest', Buffer.from(`${JSON.stringify(manifest)}\n`)),
    ...entry('/data.json', Buffer.from('{}\n')),
    ...entry('/policy.wasm', wasm),
    Buffer.alloc(1024),
  ]);
  const zipped = gzipSync(archive, { level: 9 });
  // The operating system (RFC 1952, byte 9) is 255, unknown: the bytes are then the same everywhere.
  zipped[9] = 255;
  return zipped;
}

/** One file in POSIX ustar: a header of 512 bytes, then the content in whole blocks. */
function entry(name: string, content: Uint8Array): Uint8Array[] {
  const header = Buffer.alloc(512);
  const put = (text: string, at: number) => header.write(text, at, 'latin1');
  put(name, 0);
  put('0000644\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
