import type { GraphCollector } from '../graph/collector.ts';
import type { ByteSource } from '../source.ts';

/** Characters of one code file that are looked at; the largest real ones have a few hundred thousand. */
const longestCode = 16 << 20;
const blockBytes = 256 * 1024;
/** No call is longer than this up to its parenthesis: blocks overlap by as much. */
const overlap = 512;

/** `ops.torchvision.nms(` calls an operator of a library, `torch.relu(` one of PyTorch's own. */
const call = /(?<![\w.])(?:ops\.([A-Za-z_]\w*)|torch)\.([A-Za-z_]\w*)\s*\(/g;

/**
 * Adds the operators that a TorchScript code file calls. The code is Python in form only: it is printed from the graph,
 * with every operator call spelled out, and PyTorch parses it without executing it.
 * Source: PyTorch, `torch/csrc/jit/serialization/python_print.cpp`.
 * @returns false when the file is longer than what is looked at.
 */
export function readTorchScriptCode(source: ByteSource, where: string, graph: GraphCollector): boolean {
  const end = Math.min(source.size, longestCode);
  for (let start = 0; start < end; start += blockBytes) {
    const text = Buffer.from(source.read(start, blockBytes + overlap)).toString('latin1');
    for (const match of text.matchAll(call)) {
      // What begins in the overlap is found again in the next block.
      if (match.index >= blockBytes) break;
      graph.operator(match[1] ?? 'aten', match[2] as string, start + match.index, where);
    }
  }
  return source.size <= longestCode;
}
