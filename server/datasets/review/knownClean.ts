import type { ByteSource } from '../../formats/source.ts';
import { linesOf } from '../rows/lines.ts';
import { DigestSet } from './digestSet.ts';

/**
 * Digests of files and of records that are known to be clean, as `sha256sum` writes them: 64 hexadecimal digits, a blank, a blank or `*`, and a name, which is for
 * people. What is no such line is left out, and counted.
 */
export function readKnownClean(source: ByteSource): { digests: DigestSet; others: number } {
  const digests = new DigestSet();
  let others = 0;
  for (const { text } of linesOf(source)) {
    if (text === null || text.trim() === '' || text.startsWith('#')) continue;
    // A backslash before the digest says that the name is escaped.
    const match = /^\\?([0-9a-f]{64})(?:[ \t]|$)/i.exec(text);
    if (match) digests.add(Buffer.from(match[1] ?? '', 'hex'));
    else others++;
  }
  return { digests, others };
}
