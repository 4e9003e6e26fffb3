import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { runScan } from '../../scans/process/scanProcess.ts';
import type { ProviderReport, ProviderRequest } from '../../scans/runtime/providers.ts';
import type { ProbeSet } from '../probes/probeSet.ts';
import type { Endpoint } from './endpoint.ts';

export interface AskedModelFile {
  endpoint: Endpoint;
  /** SHA-256 of the file, hexadecimal. */
  digest: string;
  provider: ProviderReport;
}

/**
 * Asks an ONNX file all probes, in a process of its own, and gives the answers as an endpoint does.
 * @throws {WeighbridgeError} what the model, the runtime or the limits of the process say.
 */
export async function askModelFile(
  path: string,
  { probes }: ProbeSet,
  options: {
    rounds: number;
    provider: ProviderRequest;
    signal: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  },
): Promise<AskedModelFile> {
  const { answers, provider } = await runScan(
    'answer',
    { model: path, provider: options.provider, probes: probes.map(({ input }) => input), rounds: options.rounds },
    { signal: options.signal, onProgress: ({ done, total }) => options.onProgress?.(done, total) },
  );
  return { endpoint: prepared(basename(path), answers), digest: await digestOf(path), provider };
}

/** Answers that are there already, by the number of the question. */
function prepared(name: string, answers: Awaited<ReturnType<Endpoint['ask']>>[]): Endpoint {
  return {
    name,
    ask(_input, _signal, index = 0) {
      const answer = answers[index];
      if (!answer)
        return Promise.reject(new WeighbridgeError('bad-input', `${name} was not asked question ${index + 1}`));
      return Promise.resolve(answer);
    },
  };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
