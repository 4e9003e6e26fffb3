import { undoX86 } from '../compression/bcj.ts';
import { decodeBzip2Stream, type Bzip2State } from '../compression/bzip2.ts';
import type { ByteInput } from '../compression/byteInput.ts';
import { expand, expandInMemory, type Expanded } from '../compression/expand.ts';
import { StreamStop, type Expansion } from '../compression/expansion.ts';
import { inflate, type InflateState } from '../compression/inflate.ts';
import { decodeRawLzma, type RawLzmaState } from '../compression/lzma.ts';
import { decodeLzma2, lzma2Start, lzma2Window, type Lzma2State } from '../compression/xz.ts';
import { decodeZstdFrame, type ZstdState } from '../compression/zstd.ts';
import type { Budget } from '../limits.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { finalSize, type Coder, type Folder } from './header.ts';

/** Content that a filter changes in place is expanded into memory, up to this many bytes. */
const mostFiltered = 64 << 20;

type Method = (input: ByteInput, output: Expansion, state: unknown, coder: Coder, size: number) => unknown;

/** Method ids. Source: DOC/Methods.txt of the LZMA SDK. */
const stored = '00';
const decoders: Record<string, Method> = {
  [stored]: (input, output, _state, _coder, size) => input.pass(size, (bytes) => output.append(bytes)),
  '030101': (input, output, state, { properties }, size) =>
    decodeRawLzma(input, output, properties, size, state as RawLzmaState | undefined),
  '21': (input, output, state, { properties }) =>
    decodeLzma2(
      input,
      output,
      (state as Lzma2State | undefined) ?? lzma2Start(output, lzma2Window(properties[0] ?? 0)),
      (later) => later,
    ),
  '040108': (input, output, state) => inflate(input, output, state as InflateState | undefined),
  '040202': (input, output, state) => decodeBzip2Stream(input, output, state as Bzip2State | undefined),
  '04f71101': (input, output, state) => decodeZstdFrame(input, output, state as ZstdState | undefined),
};
const x86Filters = new Set(['03030103', '04']);
const encryption = '06f10701';
/** Methods that are told by their names, as nobody knows their numbers. */
const named: Record<string, string> = { '030401': 'PPMd', '0303011b': 'BCJ2', '03': 'Delta' };

/** The content of one folder: packed by one method, with the filter for x86 code over it or not. */
export function unpackFolder(source: ByteSource, folder: Folder, budget: Budget): Expanded {
  const packed = folder.packSizes.reduce((sum, size) => sum + size, 0);
  const slice = new SliceSource(source, folder.position, packed);
  let chain: { coder: Coder; filters: Coder[] };
  try {
    chain = chainOf(folder);
  } catch (error) {
    if (!(error instanceof StreamStop)) throw error;
    return { content: new SliceSource(source, 0, 0), stop: error, end: 0 };
  }
  const { coder, filters } = chain;
  const size = finalSize(folder);
  const decode = decoders[coder.method]!;
  if (filters.length === 0) {
    if (coder.method === stored) return { content: new SliceSource(slice, 0, size), stop: null, end: size };
    return expand(slice, budget, (input, output, state) => decode(input, output, state, coder, size));
  }
  const expanded = expandInMemory(slice, budget, mostFiltered, (input, output) =>
    decode(input, output, undefined, coder, size),
  );
  undoX86(expanded.content.read(0, expanded.content.size));
  return expanded;
}

/** The coder that takes the packed bytes, and the filters over it. */
function chainOf(folder: Folder): { coder: Coder; filters: Coder[] } {
  const encrypted = folder.coders.some(({ method }) => method === encryption);
  if (encrypted) throw new StreamStop('encrypted', 'the content of the 7z archive is encrypted');
  const simple = folder.coders.every(({ inputs, outputs }) => inputs === 1 && outputs === 1);
  const filters = folder.coders.filter(({ method }) => x86Filters.has(method));
  const [coder, ...others] = folder.coders.filter(({ method }) => !x86Filters.has(method));
  if (!simple || !coder || others.length > 0 || filters.length > 1 || !decoders[coder.method]) {
    const names = folder.coders.map(({ method }) => named[method] ?? method).join(' and ');
    throw new StreamStop('unsupported', `the 7z method ${names} is not supported`);
  }
  return { coder, filters };
}
