import { Budget, defaultLimits } from '../limits.ts';
import { isPickle, probePickle } from '../pickle/probe.ts';
import type { Reader } from '../reader.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { MsgpackWalk } from './walk.ts';

/** Values that are looked at for an array before bytes are called something else. */
const stepsToTell = 20_000;
/** The shortest pickle that calls something is longer. */
const shortestPickle = 16;
/** Byte strings that are looked at for a pickle. */
const probes = 20_000;

/**
 * Whether bytes are a MessagePack file, which has no magic number: an array as Flax writes it, in a map or as the root,
 * proves it; under its own name (`named`), any map or list is one.
 */
export function isMsgpack(source: ByteSource, named: boolean): boolean {
  const first = source.read(0, 1)[0] ?? 0;
  const isMap = (first >= 0x80 && first <= 0x8f) || first === 0xde || first === 0xdf;
  const isList = (first >= 0x90 && first <= 0x9f) || first === 0xdc || first === 0xdd;
  if (named && (isMap || isList)) return true;
  if (!isMap && !(first >= 0xc7 && first <= 0xc9)) return false;
  return new MsgpackWalk(source, '', new Budget(defaultLimits)).provesFlax(stepsToTell);
}

/**
 * Reads the structure of a MessagePack file; arrays are stepped over. Bytes that are a pickle are descended into: msgpack-numpy unpickles
 * arrays of objects. Sources: the MessagePack specification; flax/serialization.py; msgpack_numpy.py.
 */
export const readMsgpack: Reader = (source, context) => {
  let probed = 0;
  let unprobed: number | null = null;
  const walk = new MsgpackWalk(source, context.entry, context.budget, (offset, size, name) => {
    if (size < shortestPickle) return;
    if (probed++ >= probes || context.budget.timeIsUp) {
      unprobed ??= offset;
      return;
    }
    const bytes = new SliceSource(source, offset, size);
    if (isPickle(probePickle(bytes))) context.descend(bytes, `${name || 'value'}@${offset}`, 'msgpack');
  });
  context.add(walk.facts);
  if (!walk.run()) {
    const message = 'reading it took longer than the limit allows';
    context.problem({ code: 'limit-time', offset: walk.tokens.position, message, incomplete: true });
  }
  if (unprobed !== null)
    context.problem({
      code: 'limit-entries',
      offset: unprobed,
      message: `more than ${probes} byte strings stand in it; the rest was not looked into`,
      incomplete: true,
    });
};
