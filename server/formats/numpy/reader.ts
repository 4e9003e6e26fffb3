import type { Reader } from '../reader.ts';
import { SliceSource } from '../source.ts';
import { beginsNpy, readNpyHeader } from './header.ts';

/** Arrays that are read of one file: `numpy.save` may be called on an open file many times. */
const arraysRead = 1_000;

/**
 * Reads `.npy`: the header as facts, by a parser of its own and never by evaluating it, and the data only when it is a
 * pickle (an array of objects) or when the header does not say what it is.
 */
export const readNpy: Reader = (source, context) => {
  let at = 0;
  for (let array = 0; array < arraysRead && beginsNpy(source, at); array++) {
    const { facts, dataOffset, dataBytes, truncated } = readNpyHeader(source, at, context.entry);
    context.add(facts);
    if (truncated || dataOffset === null || dataOffset > source.size) {
      const message = 'the file ends inside the header of the array';
      context.problem({ code: 'truncated', offset: source.size, message, incomplete: true });
      return;
    }
    if (dataBytes === null) {
      const rest = new SliceSource(source, dataOffset, source.size - dataOffset);
      if (rest.size > 0) context.descend(rest, 'data', 'numpy');
      return;
    }
    at = dataOffset + dataBytes;
    if (at > source.size) {
      const message = `the array needs ${dataBytes} bytes and the file has ${source.size - dataOffset}`;
      context.problem({ code: 'truncated', offset: source.size, message, incomplete: true });
      return;
    }
    if (at < source.size && !beginsNpy(source, at)) {
      facts.violations.push({ offset: at, message: `${source.size - at} bytes follow the array` });
    }
  }
  if (at === 0) {
    context.problem({ code: 'malformed', offset: 0, message: 'the NumPy magic is missing', incomplete: true });
    return;
  }
  if (at < source.size) {
    context.descend(new SliceSource(source, at, source.size - at), '(after the array)', 'numpy');
  }
};
