import { GraphCollector } from '../graph/collector.ts';
import type { Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';

const blockBytes = 1 << 20;
/** What is searched of an engine, in bytes: its plan stands in front, and so do the libraries that it brings. */
const searched = 512 << 20;
/** Bytes that blocks share, so that nothing is cut in two. */
const overlap = 512;

/** `e_machine` of NVIDIA's GPUs, whose code every engine is made of. Source: ELF, machine numbers. */
const cudaMachine = 190;

/** A name of a shared library, as a plan stores it. */
const libraryName = /[\w./\\:+-]{1,200}\.(?:so(?:\.\d+){0,3}|dll|dylib)(?![\w.])/g;

/**
 * Looks through a TensorRT engine for what is not GPU code: shared libraries, by their headers, and names of such. The format is NVIDIA's
 * own and not documented; it begins with `ftrt` (`ptrt` before TensorRT 8).
 */
export const readTensorrt: Reader = (source, context) => {
  const found = new GraphCollector(context, 'tensorrt');
  const end = Math.min(source.size, searched);
  for (let at = 0; at < end; at += blockBytes - overlap) {
    if (context.budget.timeIsUp) {
      const message = 'reading it took longer than the limit allows';
      context.problem({ code: 'limit-time', offset: at, message, incomplete: true });
      break;
    }
    const block = Buffer.from(source.read(at, blockBytes));
    libraries(source, block, at, found);
    names(block, at, found);
    if (at + block.length >= end) break;
  }
  found.property('searched bytes', String(end));
  found.finish();
};

function libraries(source: ByteSource, block: Buffer, start: number, found: GraphCollector): void {
  for (let at = block.indexOf('\x7fELF', 0, 'latin1'); at >= 0; at = block.indexOf('\x7fELF', at + 1, 'latin1')) {
    const header = Buffer.from(source.read(start + at, 20));
    if (header.length < 20 || header.readUInt16LE(18) === cudaMachine || header.readUInt16LE(16) > 4) continue;
    found.reference('library', 'ELF header', 'a library for the processor', start + at);
  }
  for (let at = block.indexOf('MZ', 0, 'latin1'); at >= 0; at = block.indexOf('MZ', at + 1, 'latin1')) {
    const pointer = Buffer.from(source.read(start + at + 0x3c, 4));
    if (pointer.length < 4 || pointer.readUInt32LE() > 4_096) continue;
    if (Buffer.from(source.read(start + at + pointer.readUInt32LE(), 4)).toString('latin1') === 'PE\0\0')
      found.reference('library', 'PE header', 'a library for Windows', start + at);
  }
}

function names(block: Buffer, start: number, found: GraphCollector): void {
  const text = block.toString('latin1');
  // The ends of names are rare, so most blocks are passed over by these three searches.
  if (!text.includes('.so') && !text.includes('.dll') && !text.includes('.dylib')) return;
  for (const ending of text.matchAll(/\.(?:so|dll|dylib)/g)) {
    const from = Math.max(0, ending.index - 200);
    for (const match of text.slice(from, ending.index + 20).matchAll(libraryName)) {
      if (match[0].length >= 6) found.reference('library', 'name', match[0], start + from + match.index);
    }
  }
}
