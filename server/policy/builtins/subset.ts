import { BuiltinError, isEqual, RegoObject, RegoSet, type RegoValue } from './value.ts';

/** OPA's `object.subset`: of objects by key, of sets by element, of arrays by a run of elements; an array may hold a set. */
export function isSubset(whole: RegoValue, part: RegoValue): boolean {
  const answer = compare(whole, part);
  if (answer !== null) return answer;
  if (Array.isArray(whole) && part instanceof RegoSet) {
    return part.items.every((item) => whole.some((each) => isEqual(each, item)));
  }
  throw new BuiltinError('both arguments must be objects, sets or arrays');
}

/** Null where the two are not of one kind. */
function compare(whole: RegoValue, part: RegoValue): boolean | null {
  if (whole instanceof RegoObject && part instanceof RegoObject) {
    return part.entries.every(([key, value]) => {
      const other = whole.get(key);
      return other !== undefined && (isEqual(other, value) || compare(other, value) === true);
    });
  }
  if (whole instanceof RegoSet && part instanceof RegoSet) {
    return part.items.every((item) => whole.items.some((each) => isEqual(each, item)));
  }
  if (Array.isArray(whole) && Array.isArray(part)) {
    if (part.length === 0) return true;
    for (let start = 0; start + part.length <= whole.length; start++) {
      if (part.every((item, index) => isEqual(whole[start + index] ?? null, item))) return true;
    }
    return false;
  }
  return null;
}
