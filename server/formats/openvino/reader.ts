import { GraphCollector } from '../graph/collector.ts';
import type { Reader } from '../reader.ts';
import { xmlAttribute, xmlEntities, xmlTags } from '../xml/tags.ts';

/** What OpenVINO calls element types, as safetensors names them. */
const types: Record<string, string> = {
  f64: 'F64',
  f32: 'F32',
  f16: 'F16',
  bf16: 'BF16',
  i64: 'I64',
  i32: 'I32',
  i16: 'I16',
  i8: 'I8',
  u64: 'U64',
  u32: 'U32',
  u16: 'U16',
  u8: 'U8',
  boolean: 'BOOL',
};

/** Reads an OpenVINO model, the `.xml` beside a `.bin` of weights: its layers by operator set. Source: OpenVINO, "IR format". */
export const readOpenvino: Reader = (source, context) => {
  const found = new GraphCollector(context, 'openvino');
  let layer = '';
  let type = '';
  for (const tag of xmlTags(source, context)) {
    if (tag.kind === 'doctype') {
      for (const { name, external, value } of xmlEntities(tag))
        found.reference('entity', name, value, tag.offset, external ? {} : { breach: 'internal' });
    } else if (tag.kind === 'close') continue;
    else if (tag.name === 'net') {
      found.property('name', xmlAttribute(tag, 'name') ?? '');
      found.property('IR version', xmlAttribute(tag, 'version') ?? '');
    } else if (tag.name === 'layer') {
      layer = xmlAttribute(tag, 'name') ?? '';
      type = xmlAttribute(tag, 'type') ?? '';
      found.operator(xmlAttribute(tag, 'version') ?? '', type, tag.offset);
    } else if (tag.name === 'data' && type === 'Const') {
      const shape = (xmlAttribute(tag, 'shape') ?? '').split(',').map(Number);
      const element = xmlAttribute(tag, 'element_type') ?? '';
      found.tensor({
        name: layer,
        dtype: types[element] ?? element,
        shape: shape.filter((size) => Number.isInteger(size)).slice(0, 256),
        bytes: Number(xmlAttribute(tag, 'size')) || 0,
      });
    }
  }
  found.finish();
};
