import { FlatbufferBreak, readFlatbuffer, type FlatTable } from '../flatbuffer/table.ts';
import { GraphCollector } from '../graph/collector.ts';
import type { Reader } from '../reader.ts';
import { builtinName, customOperator, tensorType } from './builtins.ts';

const dimensionsKept = 256;
/** Operator codes and buffers that are remembered while the graphs are read. */
const codesKept = 100_000;
const buffersKept = 1_000_000;

/**
 * Reads a TensorFlow Lite model: operators (custom ones by name, those of TensorFlow itself in the domain `Flex`) and tensors.
 * Field numbers: TensorFlow Lite, schema.fbs.
 */
export const readTflite: Reader = (source, context) => {
  const found = new GraphCollector(context, 'tflite');
  readFlatbuffer(source, context, (file) => {
    const model = file.root();
    found.property('schema version', String(model.uint32(0)));
    const description = model.text(3);
    if (description) found.property('description', description);
    const codes = operatorCodes(model);
    const sizes = bufferSizes(model, source.size);
    for (const entry of model.tables(6)) found.metadata(entry.text(0) ?? '', `buffer ${entry.uint32(1)}`);
    for (const graph of model.tables(2)) {
      const where = graph.text(4) ?? '';
      for (const operator of graph.tables(3)) {
        const code = codes[operator.uint32(0)];
        if (code === undefined)
          throw new FlatbufferBreak(operator.offset, 'an operator has a code that is not in the list');
        found.operator(code.domain, code.name, operator.offset, where);
      }
      for (const tensor of graph.tables(0)) {
        found.tensor({
          name: tensor.text(3) ?? '',
          dtype: tensorType(tensor.int8(1)),
          shape: tensor.int32s(0, dimensionsKept),
          ...(sizes[tensor.uint32(2)] ?? { bytes: 0 }),
        });
      }
    }
  });
  found.finish();
};

/** Names by index. Codes above 127 stand in a field of their own since version 3a of the schema. */
function operatorCodes(model: FlatTable): { domain: string; name: string }[] {
  const codes: { domain: string; name: string }[] = [];
  for (const code of model.tables(1)) {
    const number = Math.max(code.int8(0), code.int32(3));
    const name = number === customOperator ? (code.text(1) ?? '') : builtinName(number);
    if (number !== customOperator) codes.push({ domain: '', name });
    else if (name.startsWith('Flex')) codes.push({ domain: 'Flex', name: name.slice(4) });
    else codes.push({ domain: 'custom', name });
    if (codes.length > codesKept)
      throw new FlatbufferBreak(code.offset, `it has more than ${codesKept} operator codes`);
  }
  return codes;
}

/** Bytes of each buffer; large ones stand behind the FlatBuffer, at an offset of the file. */
function bufferSizes(model: FlatTable, fileSize: number): { bytes: number; offset?: number }[] {
  const buffers: { bytes: number; offset?: number }[] = [];
  for (const buffer of model.tables(4)) {
    const { start, length } = buffer.vector(0, 1);
    const offset = buffer.uint64(1);
    const bytes = buffer.uint64(2);
    if (offset > 1 && offset + bytes > fileSize)
      throw new FlatbufferBreak(buffer.offset, 'a buffer goes beyond the end of the file');
    buffers.push(offset > 1 ? { bytes, offset } : length > 0 ? { bytes: length, offset: start } : { bytes: 0 });
    if (buffers.length > buffersKept)
      throw new FlatbufferBreak(buffer.offset, `it has more than ${buffersKept} buffers`);
  }
  return buffers;
}
