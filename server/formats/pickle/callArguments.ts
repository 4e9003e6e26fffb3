import { Mapping, Sequence, type Value } from './values.ts';

/** The arguments of a call. The Python unpickler takes anything that can be iterated; of a dictionary, its keys. */
export function argumentsOf(args: Value): Value[] {
  if (args instanceof Sequence) return args.items;
  return args instanceof Mapping ? args.pairs.map(([key]) => key) : [];
}

/** Whether all arguments are known, in their order. */
export function isComplete(args: Value): boolean {
  return (
    args instanceof Sequence && args.length === args.items.length && (args.type === 'tuple' || args.type === 'list')
  );
}

/** Whether it is certain that a call has no arguments. */
export function isEmpty(args: Value): boolean {
  return (args instanceof Sequence || args instanceof Mapping) && args.length === 0;
}
