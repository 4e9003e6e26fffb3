import { undoX86 } from '../compression/bcj.ts';
import { decodeBzip2Stream } from '../compression/bzip2.ts';
import { ByteInput } from '../compression/byteInput.ts';
import { expand, type Expanded } from '../compression/expand.ts';
import { StreamStop, type Expansion } from '../compression/expansion.ts';
import { inflate } from '../compression/inflate.ts';
import { decodeRawLzma } from '../compression/lzma.ts';
import { decodeLzma2 } from '../compression/xz.ts';
import { decodeZstdFrame } from '../compression/zstd.ts';
import type { Budget } from '../limits.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { finalSize, type Coder, type Folder } from './header.ts';

/** Method ids. Source: DOC/Methods.txt of the LZMA SDK. */
const decoders: Record<string, (input: ByteInput, output: Expansion, coder: Coder, size: number) => void> = {
  '00': (input, output, _coder, size) => {
    for (let left = size; left > 0; left--) output.push(input.next());
  },
  '030101': (input, output, { properties }, size) => decodeRawLzma(input, output, properties[0] ?? 0, size),
  '21': (input, output) => decodeLzma2(input, output),
  '040108': (input, output) => inflate(input, output),
  '040202': (input, output) => void decodeBzip2Stream(input, output),
  '04f71101': (input, output) => void decodeZstdFrame(input, output),
};
const x86Filters = new Set(['03030103', '04']);
const encryption = '06f10701';

/** The content of one folder: packed by one method, with the filter for x86 code over it or not. */
export function unpackFolder(source: ByteSource, folder: Folder, budget: Budget): Expanded {
  const packed = folder.packSizes.reduce((sum, size) => sum + size, 0);
  const slice = new SliceSource(source, folder.position, packed);
  let filtered = false;
  const expanded = expand(slice.size, budget, (output) => {
    const { coder, filters } = chainOf(folder);
    const decode = decoders[coder.method];
    if (!decode) throw unsupported(coder.method);
    filtered = filters.length > 0;
    decode(new ByteInput(slice), output, coder, finalSize(folder));
  });
  if (filtered) undoX86(expanded.content.read(0, expanded.content.size));
  return expanded;
}

/** The coder that takes the packed bytes, and the filters over it. */
function chainOf(folder: Folder): { coder: Coder; filters: Coder[] } {
  const encrypted = folder.coders.some(({ method }) => method === encryption);
  if (encrypted) throw new StreamStop('encrypted', 'the content of the 7z archive is encrypted');
  const simple = folder.coders.every(({ inputs, outputs }) => inputs === 1 && outputs === 1);
  const filters = folder.coders.filter(({ method }) => x86Filters.has(method));
  const [coder, ...others] = folder.coders.filter(({ method }) => !x86Filters.has(method));
  if (!simple || !coder || others.length > 0 || filters.length > 1)
    throw unsupported(folder.coders.map(({ method }) => method).join(' and '));
  return { coder, filters };
}

const unsupported = (method: string): StreamStop =>
  new StreamStop('unsupported', `the 7z method ${method} is not supported`);
