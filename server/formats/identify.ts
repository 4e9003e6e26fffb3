import type { FormatId } from './facts.ts';
import { isPirProgram } from './paddle/pir.ts';
import { isPickle, probePickle } from './pickle/probe.ts';
import { afterSkippable } from './compression/streams.ts';
import { isPackageManifest } from './coreml/packageManifest.ts';
import { isMsgpack } from './msgpack/reader.ts';
import { protobufFormat } from './protobuf/shape.ts';
import { rdsStart } from './rds/input.ts';
import type { ByteSource } from './source.ts';
import { treeFormat } from './trees/reader.ts';
import { xmlRoot } from './xml/tags.ts';
import { looksLikeTar } from './tar/header.ts';
import { isTextGraph } from './tensorflow/textGraph.ts';

/** Names that promise a pickle: whatever stands in such a file will be given to an unpickler. */
const pickleExtensions = new Set([
  '.pkl',
  '.pickle',
  '.p',
  '.joblib',
  '.dill',
  '.pt',
  '.pth',
  '.pdparams',
  '.pdopt',
  '.cloudpickle',
]);

/** Names of Jinja templates: their content is a text like any other. */
const templateExtensions = new Set(['.jinja', '.jinja2', '.j2']);
/** Names that templates of every kind have: those of chats speak of messages, and those that attack of special names. */
const wideTemplateExtensions = new Set(['.template', '.tmpl', '.tpl']);
const chatWords = /\{[{%][^]*(?:\bmessages?\b|__\w+__)/;
const templateLookedAt = 64 * 1024;

/** The magic number 0x1950a86a20f9469cfc6c that begins PyTorch's legacy format, as LONG1 writes it. */
const torchMagic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/** The same number as protocols 0 and 1 write it. */
const torchMagicText = 'L119547037146038801333356L\n';

/** The pickle of the magic number alone is never longer; a checkpoint, which has four more, always is. */
const magicPickleBytes = 64;

const headBytes = 600;
/** A ZIP end record stands in the last 22 bytes, before a comment of at most 65,535. */
const zipEndBytes = 22;
const zipTailBytes = zipEndBytes + 65_535;

/**
 * What the bytes are, by the bytes: all readings that hold, the most telling first. A pickle with an archive behind it
 * is both, because each of them has a loader. The name is asked only where bytes say nothing: a `.pkl` that is no
 * pickle is still read as one, so that its breach is told.
 * Sources: the formats' specifications; libmagic for the numbers of compression formats.
 */
export function identify(source: ByteSource, name: string, parent: FormatId | null = null): FormatId[] {
  if (source.size === 0) return ['empty'];
  const head = source.read(0, headBytes).slice();
  const found: FormatId[] = [];
  const first = byMagic(source, head) ?? byShape(source, head, name);
  if (first !== null) found.push(first);
  // The magic numbers of other formats are opcodes, too: "GGUF" begins a float. What else would run comes first.
  if (first !== null && !pickled.has(first) && isPickle(probePickle(source))) found.unshift('pickle');
  if (isGivenToUnpickler(name, parent) && !found.some((format) => pickled.has(format))) found.push('pickle');
  // Without a magic number two readings can hold: a harmless pickle or header in front hides no graph.
  if (first === 'pickle' || first === 'safetensors') {
    const graph = protobufFormat(source, true);
    if (graph !== null) found.push(graph);
  }
  if (first !== 'zip' && first !== 'git-lfs-pointer') {
    const most = parent === 'torch-zip' ? zipEndBytes : zipTailBytes;
    // An archive that is the last member of a tar ends before the padding, and is read as that member.
    if (hasZipTail(source, most, first === 'tar')) found.push('zip');
  }
  if (found.length > 0) return found;
  // A program for an interpreter (`deepspeed.pt`): `#` is no opcode, so that an unpickler stops at once.
  const isScript = head[0] === 0x23 && head[1] === 0x21 && isText(head);
  if (pickleExtensions.has(extensionOf(name)) && !isScript) return ['pickle'];
  if (!isText(head)) return ['unknown'];
  return [isTemplate(source, extensionOf(name)) ? 'template' : 'text'];
}

function isTemplate(source: ByteSource, extension: string): boolean {
  if (!wideTemplateExtensions.has(extension)) return templateExtensions.has(extension);
  return chatWords.test(Buffer.from(source.read(0, templateLookedAt)).toString('latin1'));
}

/**
 * Formats whose reader reads the pickle, files that hold no bytes of their own, and ZIP: it begins with the opcode of a
 * persistent id, which every unpickler but that of the file's own program refuses.
 */
const pickled = new Set<FormatId>(['pickle', 'torch-legacy', 'torch-tar', 'git-lfs-pointer', 'zip']);

/** Members that the loader of their container unpickles, whatever they look like. */
function isGivenToUnpickler(name: string, parent: FormatId | null): boolean {
  if (parent === 'numpy' || parent === 'torch-tar' || parent === 'torch-legacy' || parent === 'joblib') return true;
  return (parent === 'torch-zip' || parent === 'torchscript') && extensionOf(name) === '.pkl';
}

/** `.pt` of `model.PT`; empty when there is none. */
export function extensionOf(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const dot = base.lastIndexOf('.');
  return dot <= 0 ? '' : base.slice(dot).toLowerCase();
}

function byMagic(source: ByteSource, head: Uint8Array): FormatId | null {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  const text = (from: number, expected: string) => {
    for (let index = 0; index < expected.length; index++)
      if (head[from + index] !== expected.charCodeAt(index)) return false;
    return true;
  };
  if (starts(0x50, 0x4b, 3, 4) || starts(0x50, 0x4b, 5, 6)) return 'zip';
  if (starts(0x93) && text(1, 'NUMPY')) return 'numpy';
  if (starts(0x1f, 0x8b)) return 'gzip';
  // The first block, or the end of a stream without one, behind which others may follow.
  if (text(0, 'BZh') && (text(4, '1AY&SY') || text(4, '\x17\x72\x45\x38\x50\x90'))) return 'bzip2';
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)) return 'xz';
  if (starts(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)) return '7z';
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  if (starts(0x04, 0x22, 0x4d, 0x18)) return 'lz4';
  const skipped = afterSkippable(source);
  if (skipped !== null) return skipped;
  if (text(0, 'GGUF')) return 'gguf';
  if (rdsStart(head) !== null) return 'rds';
  if (text(0, 'lmgg') || text(0, 'tjgg') || text(0, 'fmgg') || text(0, 'algg')) return 'ggml';
  if (text(4, 'TFL3')) return 'tflite';
  if (text(4, 'ET12')) return 'executorch';
  if ((text(0, 'ftrt') || text(0, 'ptrt')) && !isText(head)) return 'tensorrt';
  if (text(0, 'version https://git-lfs.github.com/spec/')) return 'git-lfs-pointer';
  if (source.size > magicPickleBytes && isTorchLegacy(head)) return 'torch-legacy';
  if (isHdf5(source)) return 'hdf5';
  if (looksLikeTar(head)) return 'tar';
  return null;
}

/** Formats that are texts: XML by its root element, JSON by its keys. */
function byText(source: ByteSource, head: Uint8Array): FormatId | null {
  if (isPirProgram(head)) return 'paddle';
  if (isTextGraph(head)) return 'tf-graph';
  const root = xmlRoot(source);
  if (root !== null) return root === 'net' ? 'openvino' : root.replace(/^.*:/, '') === 'PMML' ? 'pmml' : null;
  return isPackageManifest(source, head) ? 'coreml-package' : null;
}

/** Formats without a magic number. */
function byShape(source: ByteSource, head: Uint8Array, name: string): FormatId | null {
  const declares = head[0] === 0x80 && head[1] !== undefined && head[1] >= 2 && head[1] <= 5;
  if (declares && pickleExtensions.has(extensionOf(name))) return 'pickle';
  if (isPickle(probePickle(source))) return 'pickle';
  if (isSafetensors(source, head, name)) return 'safetensors';
  // Before text: a message may begin with a kilobyte of it.
  const proven = protobufFormat(source, true);
  if (proven !== null) return proven;
  // Before text, too: keys may stand long before the first array.
  if (isMsgpack(source, extensionOf(name) === '.msgpack')) return 'msgpack';
  const trees = treeFormat(source, head);
  if (trees !== null) return trees;
  const written = byText(source, head);
  if (written !== null || isText(head)) return written;
  if (isLzmaAlone(head, extensionOf(name) === '.lzma')) return 'lzma';
  if (isZlib(head)) return 'zlib';
  const plausible = protobufFormat(source, false);
  if (plausible !== null) return plausible;
  // What is named as a model of ONNX is given to ONNX: its reader tells what is wrong with it.
  return extensionOf(name) === '.onnx' ? 'onnx' : null;
}

function isTorchLegacy(head: Uint8Array): boolean {
  const first = head.indexOf(0x8a);
  for (let from = first; from >= 0 && from < 24; from++)
    if (torchMagic.every((byte, index) => head[from + index] === byte)) return true;
  return [...torchMagicText].every((c, index) => head[index] === c.charCodeAt(0));
}

/** HDF5 allows its superblock at 0, 512, 1024, 2048 and so on. Source: HDF5 File Format Specification 3.0, II.A. */
function isHdf5(source: ByteSource): boolean {
  for (let at = 0, tries = 0; at + 8 <= source.size && tries < 8; at = at === 0 ? 512 : at * 2, tries++) {
    const bytes = source.read(at, 8);
    if (bytes[0] === 0x89 && bytes[1] === 0x48 && bytes[2] === 0x44 && bytes[3] === 0x46 && bytes[4] === 0x0d)
      return true;
    // The first block says it nearly always; further ones only cost a read in files that begin like nothing else.
    if (at === 0 && bytes[0] !== 0) return false;
  }
  return false;
}

/** A plausible header length and a brace; the name decides for files that are broken before that. */
function isSafetensors(source: ByteSource, head: Uint8Array, name: string): boolean {
  const named = extensionOf(name) === '.safetensors';
  if (head.length < 9) return named;
  const length = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
  const brace = head[8] === 0x7b && (head[9] === 0x22 || head[9] === 0x7d || head[9] === 0x20 || head[9] === 0x0a);
  return named || (brace && length >= 2 && length <= source.size - 8);
}

/** LZMA_alone: properties, a dictionary size that is a power of two (or three halves of one), an unpacked size. */
function isLzmaAlone(head: Uint8Array, named: boolean): boolean {
  if (head.length < 14 || (named ? head[0]! >= 225 : head[0] !== 0x5d) || head[13] !== 0) return false;
  const view = new DataView(head.buffer, head.byteOffset, 14);
  const dictionary = view.getUint32(1, true);
  const unknownSize = view.getUint32(5, true) === 0xffffffff && view.getUint32(9, true) === 0xffffffff;
  const isPower = (size: number) => size !== 0 && Number.isInteger(size) && (size & (size - 1)) === 0;
  const powers = isPower(dictionary) || isPower(dictionary / 3);
  return powers && (unknownSize || view.getUint32(9, true) < 0x100);
}

function isZlib(head: Uint8Array): boolean {
  const [first, second] = head;
  return first === 0x78 && (second === 0x01 || second === 0x5e || second === 0x9c || second === 0xda);
}

function hasZipTail(source: ByteSource, most: number, toTheEnd: boolean): boolean {
  if (source.size < zipEndBytes) return false;
  const start = Math.max(0, source.size - most);
  const tail = source.read(start, most);
  for (let at = tail.lastIndexOf(0x50); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(0x50, at - 1)) {
    if (tail[at + 1] !== 0x4b || tail[at + 2] !== 5 || tail[at + 3] !== 6 || at + 22 > tail.length) continue;
    const view = new DataView(tail.buffer, tail.byteOffset + at, 22);
    const entries = view.getUint16(10, true);
    const directory = view.getUint32(12, true);
    if (toTheEnd && at + zipEndBytes + view.getUint16(20, true) !== tail.length) continue;
    // The record must describe a directory that fits before it; four bytes by chance do not.
    if (directory >= entries * 46 && (directory === 0xffffffff || directory <= start + at)) return true;
  }
  return false;
}

/** No NUL, hardly any control character. */
export function isText(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++;
  }
  return controls * 50 <= head.length;
}
