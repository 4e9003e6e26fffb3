import type { Json } from '../facts.ts';
import type { GraphCollector } from '../graph/collector.ts';
import type { MessageCursor } from '../protobuf/cursor.ts';
import type { ReadContext } from '../reader.ts';

/** A layer's configuration is a few kilobytes; a Lambda's code rarely a megabyte. In bytes. */
const largestConfiguration = 8 << 20;
const deepest = 200;

/** Finds the layers that carry code in the JSON configuration that a field holds. */
export function readKerasMetadata(field: MessageCursor, found: GraphCollector, context: ReadContext): void {
  if (!field.delimited || field.length < 2) return;
  if (field.length > largestConfiguration) {
    const message = `the configuration of a layer is longer than ${largestConfiguration} bytes`;
    context.problem({ code: 'limit-memory', offset: field.offset, message, incomplete: true });
    return;
  }
  let configuration: Json;
  try {
    configuration = JSON.parse(field.text(largestConfiguration)) as Json;
  } catch {
    return; // Other objects keep other texts here; Keras reads nothing that is not JSON.
  }
  const open: { value: Json; depth: number }[] = [{ value: configuration, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (value === null || typeof value !== 'object') continue;
    if (!Array.isArray(value)) lambda(value, field.offset, found);
    if (depth < deepest) for (const child of Object.values(value)) open.push({ value: child, depth: depth + 1 });
  }
}

/** A Lambda layer holds marshalled Python (`function_type: lambda`) or the name of a function that must exist. */
function lambda(layer: { [key: string]: Json }, offset: number, found: GraphCollector): void {
  const { class_name: className } = layer;
  if (className === 'TFOpLambda' || className === 'SlicingOpLambda' || typeof className !== 'string') return;
  const config = asObject(layer['config']);
  const name = typeof config?.['name'] === 'string' ? config['name'] : className;
  if (className === '__lambda__') found.reference('code', 'Lambda', name, offset);
  else if (className === 'Lambda' || className.endsWith('>Lambda')) {
    const called = config?.['function_type'] === 'function' ? config['function'] : null;
    if (typeof called === 'string') found.reference('class', 'Lambda', called, offset);
    else found.reference('code', 'Lambda', name, offset);
  }
}

function asObject(value: Json | undefined): { [key: string]: Json } | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}
