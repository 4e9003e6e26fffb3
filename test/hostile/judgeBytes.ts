import type { Inspection } from '../../server/formats/facts.ts';
import { inspect } from '../../server/formats/inspect.ts';
import { defaultLimits, type Limits } from '../../server/formats/limits.ts';
import { MemorySource } from '../../server/formats/source.ts';
import type { Finding } from '../../server/rules/finding.ts';
import { judgeArtifact } from '../../server/rules/run.ts';

/** Small enough that a hostile file meets them soon; the time is a backstop. */
const tightLimits: Limits = {
  ...defaultLimits,
  expandedBytes: 32 << 20,
  opcodes: 2_000_000,
  entries: 500,
  timeMs: 10_000,
};

/** What the core says of a file with these bytes and this name. */
export function judgeBytes(
  name: string,
  bytes: Uint8Array,
  limits = tightLimits,
): { inspection: Inspection; findings: Finding[] } {
  const inspection = inspect(new MemorySource(bytes), name, limits);
  return { inspection, findings: judgeArtifact({ path: name, inspection, options: { allowedImports: [] } }) };
}
