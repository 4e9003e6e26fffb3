import type { TextReader } from './textReader.ts';
import { Global, Instance, isText, Mapping, type Value } from './values.ts';

/** Pairs that are kept of the state of an object: estimators have some twenty. */
export const statePairs = 64;

/**
 * Keys by which loading objects of statsmodels calls something: the `__setstate__` of its data has a formula evaluated, as Python
 * (base/data.py, 0.9 to 0.15), and wrappers of results hand what a state names to what it names (base/wrapper.py). Without them a
 * state only fills attributes.
 */
const calling = /restore|formula|design_info|model_spec|_wrap_/i;

/** Whether what the state of an object holds decides if code runs when it is set. */
export function isWatched(value: Value): value is Instance & { callee: Global } {
  return (
    value instanceof Instance &&
    value.callee instanceof Global &&
    value.callee.module?.startsWith('statsmodels.') === true
  );
}

/** Whether the state is a dictionary that is known whole, with nothing in it that is called. */
export function isPlainState(state: Value, text: TextReader): boolean {
  if (!(state instanceof Mapping) || state.length !== state.pairs.length) return false;
  return state.pairs.every(([key]) => {
    const name = isText(key) ? text.of(key) : null;
    return name !== null && !calling.test(name);
  });
}
