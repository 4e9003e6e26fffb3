import { GraphCollector } from '../graph/collector.ts';
import { leadsOutside } from '../graph/outsidePath.ts';
import type { MessageCursor } from '../protobuf/cursor.ts';
import { ProtobufWalk } from '../protobuf/walk.ts';
import { isPirProgram, readPirProgram } from './pir.ts';
import type { Reader } from '../reader.ts';

/**
 * Reads a PaddlePaddle program: its operators and the paths in their attributes. `.pdmodel` is protobuf (field numbers:
 * framework.proto), and what Paddle 3 writes is JSON.
 */
export const readPaddle: Reader = (source, context) => {
  if (isPirProgram(source.read(0, 256))) return readPirProgram(source, context);
  const found = new GraphCollector(context, 'paddle');
  const program = new ProtobufWalk(source, context).message();
  let blocks = 0;
  while (program.next()) {
    if (program.field === 4) {
      for (const version = program.nested(); version.next();)
        if (version.field === 1) found.property('version', String(version.signed));
    }
    if (program.field !== 1) continue;
    const where = blocks++ === 0 ? '' : `block ${blocks - 1}`;
    for (const block = program.nested(); block.next();) {
      if (block.field === 3) variable(block.nested(), found);
      else if (block.field === 4) operator(block, found, where);
    }
  }
  found.finish();
};

function operator(field: MessageCursor, found: GraphCollector, where: string): void {
  let name = '';
  const texts: string[] = [];
  for (const fields = field.nested(); fields.next();) {
    if (fields.field === 3) name = fields.text(256);
    else if (fields.field === 4) {
      for (const attribute = fields.nested(); attribute.next();)
        if ((attribute.field === 5 || attribute.field === 8) && texts.length < 64) texts.push(attribute.text());
    }
  }
  found.operator('', name, field.offset, where);
  for (const text of texts) if (leadsOutside(text) !== null) found.reference('attribute', name, text, field.offset);
}

/** VarType.Type by number, named as safetensors does. */
const types: Record<number, string> = {
  0: 'BOOL',
  1: 'I16',
  2: 'I32',
  3: 'I64',
  4: 'F16',
  5: 'F32',
  6: 'F64',
  20: 'U8',
  21: 'I8',
  22: 'BF16',
  23: 'C64',
  24: 'C128',
};

/** VarDesc: persistable variables are the model's weights, which stand in another file. */
function variable(fields: MessageCursor, found: GraphCollector): void {
  let name = '';
  let persistable = false;
  let dtype = '';
  const shape: number[] = [];
  while (fields.next()) {
    if (fields.field === 1) name = fields.text();
    else if (fields.field === 3) persistable = fields.value !== 0;
    else if (fields.field === 2) {
      // VarType.lod_tensor.tensor: data_type and dims.
      for (const type = fields.nested(); type.next();) {
        if (type.field !== 3) continue;
        for (const lod = type.nested(); lod.next();) {
          if (lod.field !== 1) continue;
          for (const tensor = lod.nested(); tensor.next();) {
            if (tensor.field === 1) dtype = types[tensor.value] ?? `type ${tensor.value}`;
            else if (tensor.field === 2) shape.push(...tensor.numbers(Math.max(0, 256 - shape.length)));
          }
        }
      }
    }
  }
  if (persistable && dtype !== '') found.tensor({ name, dtype, shape, bytes: 0 });
}
