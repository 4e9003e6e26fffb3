import { readFileSync, statSync } from 'node:fs';
import { decode as decodePng, type DecodedPng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import { WeighbridgeError } from '../../errors.ts';

/** A picture of 8 bits a channel, rows from the top, pixels from the left. */
export interface Picture {
  width: number;
  height: number;
  /** 1, 3 or 4. */
  channels: number;
  data: Uint8Array;
}

const mostFileBytes = 64 << 20;
const mostPixels = 32 << 20;

/** @throws {WeighbridgeError} `bad-input` when it is no PNG or JPEG, or too large. */
export function readPicture(file: string): Picture {
  const refuse = (why: string, cause?: unknown): WeighbridgeError =>
    new WeighbridgeError('bad-input', `${file} cannot be taken as a picture: ${why}.`, { cause });
  if (statSync(file).size > mostFileBytes) throw refuse('it is larger than 64 MiB');
  const bytes = readFileSync(file);
  try {
    if (bytes.length >= 24 && bytes.readUInt32BE(0) === 0x89504e47) {
      if (bytes.readUInt32BE(16) * bytes.readUInt32BE(20) > mostPixels)
        throw new Error('it has more than 32 million pixels');
      return ofPng(decodePng(bytes));
    }
    if (bytes.length >= 2 && bytes.readUInt16BE(0) === 0xffd8) {
      const { width, height, data } = decodeJpeg(bytes, {
        useTArray: true,
        maxResolutionInMP: 32,
        maxMemoryUsageInMB: 512,
      });
      return { width, height, channels: 4, data };
    }
  } catch (error) {
    throw refuse((error as Error).message, error);
  }
  throw refuse('it is neither PNG nor JPEG');
}

function ofPng({ width, height, data, depth, channels, palette }: DecodedPng): Picture {
  if (palette) {
    const colours = new Uint8Array(width * height * 3);
    const perByte = 8 / depth;
    const rowBytes = Math.ceil(width / perByte);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const byte = data[y * rowBytes + Math.floor(x / perByte)] ?? 0;
        const index = (byte >> (8 - depth * ((x % perByte) + 1))) & ((1 << depth) - 1);
        colours.set((palette[index] ?? [0, 0, 0]).slice(0, 3), (y * width + x) * 3);
      }
    }
    return { width, height, channels: 3, data: colours };
  }
  if (depth === 16) return { width, height, channels, data: Uint8Array.from(data, (value) => value >> 8) };
  if (depth !== 8) throw new Error(`it has ${depth} bits a channel`);
  return channels === 2
    ? { width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, index) => data[2 * index]!) }
    : { width, height, channels, data: Uint8Array.from(data) };
}

/** The picture with the given size and channels (1 or 3), by bilinear interpolation. [height, width, channels], 0 to 255. */
export function fitted(picture: Picture, height: number, width: number, channels: number): Float32Array {
  const result = new Float32Array(height * width * channels);
  const weigh = (size: number, from: number, index: number): [low: number, high: number, share: number] => {
    const at = Math.max(0, Math.min(from - 1, ((index + 0.5) * from) / size - 0.5));
    const low = Math.floor(at);
    return [low, Math.min(from - 1, low + 1), at - low];
  };
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = weigh(height, picture.height, y);
    for (let x = 0; x < width; x++) {
      const [left, right, across] = weigh(width, picture.width, x);
      for (let channel = 0; channel < channels; channel++) {
        const of = (row: number, column: number): number => valueAt(picture, row, column, channel, channels);
        const above = of(top, left) * (1 - across) + of(top, right) * across;
        const below = of(bottom, left) * (1 - across) + of(bottom, right) * across;
        result[(y * width + x) * channels + channel] = above * (1 - down) + below * down;
      }
    }
  }
  return result;
}

/** One channel of a pixel; grey is made of colours by ITU-R BT.601, as Pillow does. */
function valueAt(
  { data, width, channels }: Picture,
  row: number,
  column: number,
  channel: number,
  wanted: number,
): number {
  const at = (row * width + column) * channels;
  if (channels < 3) return data[at]!;
  if (wanted === 1) return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  return data[at + channel]!;
}
