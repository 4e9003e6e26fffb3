import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import { WeighbridgeError } from '../../errors.ts';

export type OnnxRuntime = typeof Ort;

/**
 * ONNX Runtime. It is native code, and is loaded only in the process of a scan: what crashes it costs that scan.
 * @throws {WeighbridgeError} `not-found` where it is not installed, or does not run on this machine.
 */
export function loadOnnxRuntime(): OnnxRuntime {
  try {
    return createRequire(import.meta.url)('onnxruntime-node') as OnnxRuntime;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const absent = code === 'MODULE_NOT_FOUND' && message.includes("'onnxruntime-node'");
    const machine = `${process.platform}-${process.arch}`;
    const why = absent
      ? `onnxruntime-node is not installed: beside the command, run "npm install onnxruntime-node"; in an editor, install the extension for ${machine}`
      : `onnxruntime-node does not run on this machine (${machine}: ${firstLine(message)}); it needs Linux with glibc 2.28, Windows, or macOS on Apple silicon`;
    throw new WeighbridgeError('not-found', `Models are run by ONNX Runtime, and ${why}.`, { cause });
  }
}

export function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 300);
}
