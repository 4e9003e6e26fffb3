import { GraphCollector } from '../graph/collector.ts';
import type { Json } from '../facts.ts';
import type { Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';

/** Manifests list a handful of files. In bytes. */
const largestManifest = 1 << 20;

/** `Manifest.json` of an `.mlpackage`, by the keys that Core ML Tools writes. */
export function isPackageManifest(source: ByteSource, head: Uint8Array): boolean {
  if (head[0] !== 0x7b) return false;
  const text = Buffer.from(source.read(0, 64 * 1024)).toString('latin1');
  return text.includes('"itemInfoEntries"') && text.includes('"rootModelIdentifier"');
}

/** Reads the manifest of a Core ML package: the files that it consists of. Source: coremltools, ModelPackage.cpp. */
export const readPackageManifest: Reader = (source, context) => {
  const found = new GraphCollector(context, 'coreml-package');
  const problem = (message: string, code: 'malformed' | 'limit-memory' = 'malformed'): void =>
    context.problem({ code, offset: 0, message, incomplete: true });
  if (source.size > largestManifest) problem(`the manifest is longer than ${largestManifest} bytes`, 'limit-memory');
  else {
    try {
      const manifest = JSON.parse(Buffer.from(source.read(0, largestManifest)).toString('utf8')) as Json;
      for (const item of Object.values(asObject(asObject(manifest)?.['itemInfoEntries']) ?? {})) {
        const entry = asObject(item);
        if (typeof entry?.['path'] === 'string')
          found.reference('data', typeof entry['name'] === 'string' ? entry['name'] : 'item', entry['path'], 0);
      }
    } catch {
      problem('the manifest is not JSON');
    }
  }
  found.finish();
};

function asObject(value: Json | undefined): { [key: string]: Json } | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}
