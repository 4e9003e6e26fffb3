import { readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { writeAtomically } from '../files/atomicWrite.ts';
import { convertCheckpoint, type ConvertOptions, type ConvertResult } from './convertCheckpoint.ts';
import { safetensorsName } from './outputPath.ts';

export interface ConvertIndexResult {
  input: string;
  /** The index that was written, `model.safetensors.index.json`. */
  output: string;
  shards: ConvertResult[];
}

interface ShardIndex {
  /** Kept as it is: `total_size`. */
  metadata: unknown;
  weightMap: Map<string, string>;
}

/** The name of a sharded checkpoint's index: `pytorch_model.bin.index.json`. */
export const isCheckpointIndex = (path: string): boolean => /\.bin\.index\.json$/.test(basename(path));

/** An index of a hundred thousand tensors has about 10 MB. */
const longestIndex = 256 << 20;

/**
 * Converts every shard that an index names, then writes the index of the result. All of it or nothing: when a shard
 * cannot be converted, the outputs that this call has made are removed again.
 * @param options `out` names the index to write; shards go beside it.
 * @throws {WeighbridgeError} as `convertCheckpoint`, naming the shard.
 */
export async function convertIndexFile(input: string, options: ConvertOptions = {}): Promise<ConvertIndexResult> {
  const index = parseIndex(await readIndex(input), input);
  const shards = [...new Set(index.weightMap.values())].sort();
  const output = options.out ?? join(dirname(input), indexName(basename(input)));
  const sizes = await Promise.all(shards.map((shard) => sizeOf(join(dirname(input), shard))));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const results: ConvertResult[] = [];
  const made: string[] = [];
  try {
    let before = 0;
    for (const [at, shard] of shards.entries()) {
      const out = join(dirname(output), safetensorsName(shard));
      const existed = await exists(out);
      const start = before;
      results.push(
        await convertCheckpoint(join(dirname(input), shard), {
          ...options,
          out,
          onProgress: (done, of) =>
            options.onProgress?.(start + Math.floor((done / Math.max(of, 1)) * sizes[at]!), total),
        }),
      );
      if (!existed) made.push(out);
      before += sizes[at]!;
    }
    const text = newIndex(index, results, input);
    await writeAtomically(output, { overwrite: options.overwrite ?? false }, (file) => file.writeFile(text));
    return { input, output, shards: results };
  } catch (error) {
    await Promise.all(made.map((path) => rm(path, { force: true })));
    throw error;
  }
}

const indexName = (name: string): string =>
  name.replace(/^pytorch_model/, 'model').replace(/\.bin\.index\.json$/, '.safetensors.index.json');

async function readIndex(input: string): Promise<string> {
  try {
    const { size } = await stat(input);
    if (size > longestIndex) throw new WeighbridgeError('bad-input', `${input} is too long for an index of shards.`);
    return await readFile(input, 'utf8');
  } catch (error) {
    if (error instanceof WeighbridgeError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT')
      throw new WeighbridgeError('not-found', `${input} does not exist: check the path.`, { cause: error });
    throw new WeighbridgeError('unreadable', `${input} cannot be read: ${code ?? 'unknown error'}.`, { cause: error });
  }
}

function parseIndex(text: string, input: string): ShardIndex {
  const bad = (why: string): WeighbridgeError =>
    new WeighbridgeError('bad-input', `${input} is no index of shards: ${why}.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new WeighbridgeError('bad-input', `${input} is no index of shards: it is not JSON.`, { cause: error });
  }
  const { metadata, weight_map: map } = (json ?? {}) as { metadata?: unknown; weight_map?: unknown };
  if (map === null || typeof map !== 'object' || Array.isArray(map)) throw bad('it has no weight_map');
  const weightMap = new Map<string, string>();
  for (const [name, shard] of Object.entries(map as Record<string, unknown>)) {
    if (typeof shard !== 'string') throw bad(`the shard of ${JSON.stringify(name)} is not a text`);
    // A shard stands beside its index; anything else would read and write where nobody asked.
    if (shard === '' || shard === '.' || shard === '..' || /[/\\:\0]/.test(shard)) {
      throw bad(`the shard ${JSON.stringify(shard)} is not a plain file name`);
    }
    weightMap.set(name, shard);
  }
  if (weightMap.size === 0) throw bad('it names no shard');
  return { metadata, weightMap };
}

/** Names renamed as Hugging Face does; a tied tensor that was written once is listed once. */
function newIndex(index: ShardIndex, results: readonly ConvertResult[], input: string): string {
  const aliases = new Map(results.flatMap((each) => Object.keys(each.aliases).map((name) => [name, each.output])));
  const weightMap: Record<string, string> = {};
  for (const [name, shard] of index.weightMap) {
    if (aliases.has(name)) continue;
    Object.defineProperty(weightMap, name, { value: safetensorsName(shard), enumerable: true, configurable: true });
  }
  if (Object.keys(weightMap).length === 0) {
    throw new WeighbridgeError('bad-input', `${input} names no tensor that its shards have.`);
  }
  return `${JSON.stringify({ metadata: index.metadata ?? {}, weight_map: weightMap }, null, 2)}\n`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new WeighbridgeError('not-found', `${path} does not exist: the index names it as a shard.`, { cause: error });
  }
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;
