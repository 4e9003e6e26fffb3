import { basename, dirname, extname, join } from 'node:path';

/** Hugging Face's names: `pytorch_model-00001-of-00002.bin` becomes `model-00001-of-00002.safetensors`. */
export function safetensorsName(name: string): string {
  const hugging = /^pytorch_model(.*)\.bin$/.exec(name);
  if (hugging) return `model${hugging[1]!}.safetensors`;
  const extension = extname(name);
  return `${extension === '.safetensors' ? name : name.slice(0, name.length - extension.length)}.safetensors`;
}

/** Where a checkpoint's conversion goes when nothing else is said: beside it. */
export const defaultOutput = (input: string): string => join(dirname(input), safetensorsName(basename(input)));
