import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WeighbridgeError } from '../errors.ts';
import { writeAtomically } from '../files/atomicWrite.ts';
import { FileSource } from '../files/fileSource.ts';
import { Refusal } from '../formats/torch/refusal.ts';
import { planConversion, type ConversionPlan } from './conversionPlan.ts';
import { openCheckpoint } from './openCheckpoint.ts';
import { defaultOutput } from './outputPath.ts';
import { differenceOnReadBack } from './readBack.ts';
import { safetensorsHead } from './safetensorsHeader.ts';
import { copyTensors } from './tensorCopy.ts';

export interface ConvertOptions {
  /** Where to write; by default beside the input, `pytorch_model*.bin` as `model*.safetensors`. */
  out?: string;
  /** Replaces an output that is already there. The input is never replaced. */
  overwrite?: boolean;
  /** Dotted key of the dictionary to take: `state_dict`. What stands beside it is dropped, and listed. */
  select?: string;
  /** Leaves out what is not a tensor, and lists it. Tensors of nested dictionaries and lists get dotted names. */
  tensorsOnly?: boolean;
  /** Joins the names of nested dictionaries with dots. */
  flatten?: boolean;
  /** Writes tied tensors under each of their names. By default the first name is kept, as Hugging Face does. */
  duplicateAliases?: boolean;
  signal?: AbortSignal;
  /** Bytes of the output; half a step is done when they are copied, the other when they are compared. */
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface ConvertResult {
  input: string;
  output: string;
  /** Tensors written. */
  tensors: number;
  /** Bytes of the output and of the input. */
  bytes: number;
  inputBytes: number;
  /** safetensors' type name to the number of tensors. */
  dtypes: Record<string, number>;
  /** What was left behind. */
  dropped: { key: string; what: string }[];
  /** Name that was not written to the name that holds the same tensor. */
  aliases: Record<string, string>;
  notices: string[];
  /** Every tensor was read back and has the SHA-256 of its source. */
  verified: true;
}

/**
 * Converts a PyTorch checkpoint to safetensors without loading it: the pickle is read by a machine that calls nothing,
 * tensors are copied by position, and the result is read back and compared before it gets its name.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, `bad-input`, `refused`, `exists`, `unwritable`,
 * `verification-failed`, `cancelled`; nothing is left behind then.
 */
export async function convertCheckpoint(input: string, options: ConvertOptions = {}): Promise<ConvertResult> {
  const output = options.out ?? defaultOutput(input);
  await refuseSameFile(input, output);
  // Lets a cancel that is already on its way arrive.
  await nextTurn();
  checkStop(input, options.signal);
  const source = openInput(input);
  try {
    const before = source.stamp();
    const checkpoint = openCheckpoint(source, input, () => checkStop(input, options.signal));
    const plan = planConversion(checkpoint, options, source.size);
    const bytes = await write(source, input, output, plan, options, before);
    return result(input, output, plan, bytes, source.size);
  } catch (error) {
    if (error instanceof Refusal) {
      throw new WeighbridgeError('refused', `${input} was not converted: ${error.text}.`, { cause: error });
    }
    throw error;
  } finally {
    source.close();
  }
}

async function write(
  source: FileSource,
  input: string,
  output: string,
  plan: ConversionPlan,
  options: ConvertOptions,
  before: { modified: number; size: number },
): Promise<number> {
  const { tensors } = plan;
  const head = safetensorsHead(tensors, plan.metadata);
  const progress = (done: number): void => options.onProgress?.(Math.floor(done / 2), plan.bytes);
  let digests: Buffer = Buffer.alloc(0);
  const read = (into: Uint8Array, position: number): void => readWhole(source, input, into, position);
  await writeAtomically(
    output,
    {
      overwrite: options.overwrite ?? false,
      check: async (temporary) => {
        const difference = await differenceOnReadBack(temporary, tensors, digests, {
          checked: async (bytes) => {
            await nextTurn();
            checkStop(input, options.signal);
            progress(plan.bytes + bytes);
          },
        });
        const after = source.stamp();
        if (after.modified !== before.modified || after.size !== before.size) {
          throw new WeighbridgeError('unreadable', `${input} was changed while it was converted: convert it again.`);
        }
        if (difference === null) return;
        throw new WeighbridgeError(
          'verification-failed',
          `${input} was not converted: ${difference} differed when the output was read back; check the disk.`,
        );
      },
    },
    async (file) => {
      digests = await copyTensors(file, head, tensors, read, {
        copied: (bytes) => {
          checkStop(input, options.signal);
          progress(bytes);
        },
      });
    },
  );
  return head.length + plan.bytes;
}

function result(input: string, output: string, plan: ConversionPlan, bytes: number, inputBytes: number): ConvertResult {
  const dtypes: Record<string, number> = {};
  for (const { dtype } of plan.tensors) dtypes[dtype] = (dtypes[dtype] ?? 0) + 1;
  return {
    input,
    output,
    tensors: plan.tensors.length,
    bytes,
    inputBytes,
    dtypes,
    dropped: plan.dropped,
    aliases: { ...plan.aliases },
    notices: plan.notices,
    verified: true,
  };
}

function checkStop(input: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new WeighbridgeError('cancelled', `The conversion of ${input} was cancelled; nothing was written.`);
}

function openInput(input: string): FileSource {
  try {
    return new FileSource(input);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT')
      throw new WeighbridgeError('not-found', `${input} does not exist: check the path.`, { cause: error });
    const why = code === 'EINVAL' || code === 'EISDIR' ? 'it is not a regular file' : (code ?? 'unknown error');
    throw new WeighbridgeError('unreadable', `${input} cannot be read: ${why}.`, { cause: error });
  }
}

function readWhole(source: FileSource, input: string, into: Uint8Array, position: number): void {
  let count: number;
  try {
    count = source.readInto(into, position);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new WeighbridgeError('unreadable', `${input} cannot be read at byte ${position}: ${code}.`, { cause: error });
  }
  if (count < into.length) throw new Refusal('the file ends inside a tensor', position + count);
}

/** The input under another name is still the input. */
async function refuseSameFile(input: string, output: string): Promise<void> {
  const [from, to] = await Promise.all([stat(input).catch(() => null), stat(output).catch(() => null)]);
  if (from && to && from.ino === to.ino && from.dev === to.dev) {
    throw new WeighbridgeError('bad-usage', `${output} is the input itself: name another output.`);
  }
}
