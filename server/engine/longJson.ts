import { FileSource } from '../files/fileSource.ts';

/**
 * What the rules of configurations look for, as it stands in JSON. Long JSON is nearly always data, whose words are not
 * told apart by their places: only strings that end like a checkpoint count, and only as values.
 */
const telling: readonly RegExp[] = [
  /trust[-_]?remote[-_]?code/i,
  /"(?:auto_map|custom_pipelines|_target_|chat_template|py\/(?:object|type|function|mod|class))"/,
  /[^"\s]\.(?:pt|pth|pt2|ckpt|pkl|pickle|pck|joblib|jl|nemo|bin)"\s{0,64}[,}\]]/i,
  /(?:model|checkpoint|ckpt|adapter|weights|resume|pretrained)\w{0,64}"\s{0,64}:\s{0,64}"\.{0,2}\//i,
];

/** Letters, `_`, `-` and `.` written as escapes: honest writers escape none of them, and who hides a word does. */
export const escapedWord = /\\(?:u00|x)(?:2[de]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])/i;

/** Whether a JSON text that is too long to be parsed holds what a rule would judge. */
export function mattersThoughLong(text: string): boolean {
  return telling.some((words) => words.test(text)) || escapedWord.test(text);
}

const blockSize = 1 << 20;
/** More than the longest of the patterns can match. */
const overlap = 1 << 10;

/**
 * The same for a file, in blocks: about a gigabyte a second.
 * @returns null when it takes longer than `timeMs` milliseconds to know.
 * @throws the operating system's error when it cannot be read.
 */
export function fileMattersThoughLong(file: string, timeMs: number): boolean | null {
  const deadline = performance.now() + timeMs;
  const block = Buffer.alloc(overlap + blockSize);
  const source = new FileSource(file);
  try {
    let kept = 0;
    for (let position = 0; ;) {
      const length = source.readInto(block.subarray(kept, kept + blockSize), position);
      if (length === 0) return false;
      position += length;
      const end = kept + length;
      if (mattersThoughLong(block.toString('latin1', 0, end))) return true;
      if (performance.now() > deadline) return null;
      kept = Math.min(overlap, end);
      block.copyWithin(0, end - kept, end);
    }
  } finally {
    source.close();
  }
}
