/** A request, as `schema.ts` describes it. */
export interface RequestRecord {
  /** Milliseconds since 1970. */
  time: number;
  client: string;
  model: string;
  inputHash: string;
  outputHash: string;
  latencyMs: number;
  violations: string[];
}

const longest = 1024;
const hash = /^(?:sha256:)?[0-9a-f]{16,128}$/i;

/** @returns the request, or what is wrong with the line: one clause that holds nothing of the line's values. */
export function recordOf(line: string): RequestRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'it is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no object';
  const fields = value as Record<string, unknown>;
  const time =
    typeof fields['time'] === 'string' && /^\d{4}-\d\d-\d\d[Tt ][\d:.]+(?:[Zz]|[+-]\d\d:\d\d)$/.test(fields['time'])
      ? Date.parse(fields['time'])
      : NaN;
  if (!Number.isFinite(time)) return '"time" is no RFC 3339 time';
  const { client, model = '', latency_ms: latencyMs, violations = [] } = fields;
  if (typeof client !== 'string' || client === '' || client.length > longest) return '"client" is missing';
  if (typeof model !== 'string' || model.length > longest) return '"model" is no name';
  const [inputHash, outputHash] = [fields['input_hash'], fields['output_hash']];
  if (typeof inputHash !== 'string' || !hash.test(inputHash)) return '"input_hash" is no digest';
  if (typeof outputHash !== 'string' || !hash.test(outputHash)) return '"output_hash" is no digest';
  if (typeof latencyMs !== 'number' || !(latencyMs >= 0) || !Number.isFinite(latencyMs))
    return '"latency_ms" is no duration';
  if (!Array.isArray(violations) || violations.length > 100 || !violations.every((each) => typeof each === 'string')) {
    return '"violations" is no list of names';
  }
  return { time, client, model, inputHash, outputHash, latencyMs, violations: violations };
}
