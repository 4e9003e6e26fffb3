import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { isDeeperThan } from '../endpoints/nesting.ts';

/** One question that a model is asked again and again. */
export interface Probe {
  id: string;
  input: unknown;
}

export interface ProbeSet {
  probes: Probe[];
  /** SHA-256 over the probes in order, whatever the file's line ends: the same probes are the same set. */
  sha256: string;
}

const largestFile = 64 * 1024 * 1024;
const mostProbes = 100_000;
const deepestProbe = 64;

/**
 * Reads a set of probes: JSON Lines, a probe a line. A line is `{"id": ..., "input": ...}`, or the input itself.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, or `bad-input` naming the line.
 */
export function readProbes(file: string): ProbeSet {
  const name = file.replaceAll('\\', '/').split('/').at(-1) ?? file;
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new WeighbridgeError('not-found', `${file} is not there: name a file of probes, JSON a line`);
  if (!found.isFile()) throw new WeighbridgeError('bad-input', `${name} is no file: name one of probes, JSON a line`);
  if (found.size > largestFile)
    throw new WeighbridgeError('bad-input', `${name} is larger than ${largestFile / 2 ** 20} MiB: use fewer probes`);
  const lines = readFileSync(file, 'utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  const probes: Probe[] = [];
  const seen = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const probe = probeOf(line, index + 1, name);
    if (seen.has(probe.id))
      throw new WeighbridgeError('bad-input', `${name}:${index + 1}: the id "${probe.id}" is there already`);
    seen.add(probe.id);
    probes.push(probe);
    if (probes.length > mostProbes)
      throw new WeighbridgeError('bad-input', `${name} has more than ${mostProbes} probes`);
  }
  if (probes.length === 0)
    throw new WeighbridgeError('bad-input', `${name} has no probes: write one JSON value a line`);
  return { probes, sha256: createHash('sha256').update(JSON.stringify(probes)).digest('hex') };
}

function probeOf(line: string, number: number, name: string): Probe {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new WeighbridgeError('bad-input', `${name}:${number}: this line is not JSON`);
  }
  if (isDeeperThan(deepestProbe, value))
    throw new WeighbridgeError('bad-input', `${name}:${number}: this line is nested more than ${deepestProbe} deep`);
  if (typeof value === 'object' && value !== null && 'input' in value) {
    const id =
      'id' in value && (typeof value.id === 'string' || typeof value.id === 'number')
        ? String(value.id)
        : String(number);
    return { id, input: value.input };
  }
  return { id: String(number), input: value };
}
