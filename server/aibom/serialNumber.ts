import { createHash } from 'node:crypto';
import { canonicalJson } from './canonicalJson.ts';

/**
 * A serial number made of a document's content: the same document has the same one, a changed document another. A UUID of
 * version 8, whose content is the application's own (RFC 9562, section 5.8).
 */
export function serialNumberOf(document: unknown): string {
  const digest = createHash('sha256').update(canonicalJson(document)).digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
