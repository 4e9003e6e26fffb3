import { readFileSync, statSync } from 'node:fs';
import { decode as decodePng, type DecodedPng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import { WeighbridgeError } from '../../errors.ts';
import type { Pixels } from './resample.ts';

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
  if (depth < 8) return packedGrey(width, height, data, depth);
  return channels === 2
    ? { width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, index) => data[2 * index]!) }
    : { width, height, channels, data: Uint8Array.from(data) };
}

/** Grey of 1, 2 or 4 bits a pixel, each row from a byte of its own. */
function packedGrey(width: number, height: number, data: ArrayLike<number>, depth: number): Picture {
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const byte = data[y * rowBytes + Math.floor(x / perByte)] ?? 0;
    const value = (byte >> (8 - depth * ((x % perByte) + 1))) & ((1 << depth) - 1);
    grey[at] = (value * 255) / ((1 << depth) - 1);
  }
  return { width, height, channels: 1, data: grey };
}

/** The picture in grey (1 channel) or in colours (3), as Pillow's `convert` makes it: what is transparent is not. */
export function inColours({ width, height, channels, data }: Picture, wanted: 1 | 3): Pixels {
  if (channels === wanted) return { width, height, channels, data };
  const result = new Uint8Array(width * height * wanted);
  for (let at = 0; at < width * height; at++) {
    const from = at * channels;
    for (let channel = 0; channel < wanted; channel++) {
      // ITU-R BT.601 in whole numbers.
      result[at * wanted + channel] =
        channels < 3
          ? data[from]!
          : wanted === 1
            ? (data[from]! * 19595 + data[from + 1]! * 38470 + data[from + 2]! * 7471 + 0x8000) >> 16
            : data[from + channel]!;
    }
  }
  return { width, height, channels: wanted, data: result };
}
