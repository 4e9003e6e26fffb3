import { WeighbridgeError } from '../../errors.ts';
import type { AskOptions } from '../../runtime/drift/ask.ts';
import type { DriftTarget } from '../../runtime/drift/baseline.ts';
import { endpointKinds, type Endpoint, type EndpointOptions } from '../../runtime/endpoints/endpoint.ts';
import { providerNames } from '../../scans/runtime/providers.ts';
import { openEndpoint } from '../../runtime/endpoints/openEndpoint.ts';
import { readProbes, type ProbeSet } from '../../runtime/probes/probeSet.ts';
import { keyOf, number, readText, templateOf, whole } from '../endpointArguments.ts';
import type { Io } from '../io.ts';
import {
  choice,
  file,
  flag,
  readArguments,
  requireNoMore,
  text,
  type OptionTable,
  type OptionValues,
} from '../options.ts';
import { progressOn } from '../progress.ts';

const table: OptionTable = {
  endpoint: { type: 'string' },
  onnx: { type: 'string' },
  provider: { type: 'string' },
  probes: { type: 'string' },
  protocol: { type: 'string' },
  model: { type: 'string' },
  template: { type: 'string' },
  system: { type: 'string' },
  'key-variable': { type: 'string' },
  repeats: { type: 'string' },
  concurrency: { type: 'string' },
  timeout: { type: 'string' },
  retries: { type: 'string' },
  level: { type: 'string' },
};

/** The arguments of a subcommand of drift. @param more options of that one alone. */
export function driftArguments(args: string[], more: OptionTable): { values: OptionValues; positionals: string[] } {
  return readArguments('drift', args, { ...table, ...more });
}

/** The same, for those that take nothing but options. */
export function driftOptions(args: string[], more: OptionTable): OptionValues {
  const { values, positionals } = driftArguments(args, more);
  requireNoMore(positionals);
  return values;
}

/** The level of false alarms. */
export function level(values: OptionValues): number {
  return number(values, 'level', 0.01, 1e-9, 0.5);
}

/** The probes that `--probes` names. */
export function probesOf(values: OptionValues, cwd: string): ProbeSet {
  const probes = file(values, 'probes', cwd);
  if (probes === undefined) throw new WeighbridgeError('bad-usage', 'name the probes: --probes FILE');
  return readProbes(probes);
}

/** The endpoint at an address, with the record of what it is. */
export function endpointAt(url: string, values: OptionValues, io: Io): { endpoint: Endpoint; target: DriftTarget } {
  const kind = choice(values, 'protocol', endpointKinds, 'openai-chat');
  const model = text(values, 'model');
  const key = keyOf(values, io.environment);
  const system = file(values, 'system', io.cwd);
  const options: EndpointOptions = {
    kind,
    url,
    timeoutMs: 1000 * number(values, 'timeout', 60, 0.1, 3600),
    retries: whole(values, 'retries', 3, 0, 20),
    maxTokens: 512,
    temperature: 0,
    ...(model === undefined ? {} : { model }),
    ...(key === undefined ? {} : { key }),
    ...(system === undefined ? {} : { systemPrompt: readText(system) }),
    ...(kind === 'json' ? { template: templateOf(file(values, 'template', io.cwd)) } : {}),
  };
  const endpoint = openEndpoint(options);
  return { endpoint, target: { name: endpoint.name, kind, model: model ?? null, digest: null } };
}

/**
 * What is asked: the address that `--endpoint` names, or the ONNX file that `--onnx` names, which has then been asked already.
 * @param repeats how often each probe is asked.
 */
export async function targetOf(
  values: OptionValues,
  io: Io,
  probes: ProbeSet,
  repeats: number,
): Promise<{ endpoint: Endpoint; target: DriftTarget }> {
  const model = file(values, 'onnx', io.cwd);
  if (model === undefined) return endpointOf(values, io);
  if (text(values, 'endpoint') !== undefined) {
    throw new WeighbridgeError('bad-usage', 'name one thing to ask: --endpoint URL or --onnx FILE');
  }
  const { askModelFile } = await import('../../runtime/endpoints/modelFile.ts');
  const progress = progressOn(io, flag(values, 'quiet'));
  try {
    const { endpoint, digest } = await askModelFile(model, probes, {
      rounds: repeats,
      provider: choice(values, 'provider', ['auto', ...providerNames], 'auto'),
      signal: io.signal,
      onProgress: (done, total) => progress.show({ done, total, path: 'probes answered' }),
    });
    return { endpoint, target: { name: endpoint.name, kind: 'onnx', model: text(values, 'model') ?? null, digest } };
  } finally {
    progress.clear();
  }
}

/** The endpoint that `--endpoint` names. */
function endpointOf(values: OptionValues, io: Io): { endpoint: Endpoint; target: DriftTarget } {
  const url = text(values, 'endpoint');
  if (url === undefined) throw new WeighbridgeError('bad-usage', 'name what to ask: --endpoint URL or --onnx FILE');
  return endpointAt(url, values, io);
}

export function askOptions(values: OptionValues, io: Io): AskOptions & { done: () => void } {
  const progress = progressOn(io, flag(values, 'quiet'));
  return {
    repeats: whole(values, 'repeats', 2, 1, 100),
    concurrency: whole(values, 'concurrency', 4, 1, 256),
    signal: io.signal,
    onProgress: (done, total) => progress.show({ done, total, path: 'probes answered' }),
    done: () => progress.clear(),
  };
}
