import type { PythonCall } from './facts.ts';

/** The calls of a text by what they call and by the keywords that they give, each with its place among all. */
interface CallIndex {
  callees: Map<string, number[]>;
  keywords: Map<string, number[]>;
}

/** By the list of calls: most rules ask, each about a few of thousands. */
const known = new WeakMap<readonly PythonCall[], CallIndex>();

/** The calls of what a pattern or a question fits, in the order of the text. Each name is looked at once, however often it is called. */
export function callsTo(calls: readonly PythonCall[], which: RegExp | ((callee: string) => boolean)): PythonCall[] {
  const { callees } = indexOf(calls);
  return inOrder(
    calls,
    [...callees].flatMap(([callee, places]) =>
      (typeof which === 'function' ? which(callee) : which.test(callee)) ? [places] : [],
    ),
  );
}

/** The calls that give a keyword, in the order of the text. */
export function callsWith(calls: readonly PythonCall[], keyword: string): PythonCall[] {
  const places = indexOf(calls).keywords.get(keyword);
  return places ? inOrder(calls, [places]) : [];
}

/** The keywords that any call gives. */
export function keywordsIn(calls: readonly PythonCall[]): Iterable<string> {
  return indexOf(calls).keywords.keys();
}

function indexOf(calls: readonly PythonCall[]): CallIndex {
  let index = known.get(calls);
  if (!index) {
    index = { callees: new Map(), keywords: new Map() };
    for (const [place, { callee, keywords }] of calls.entries()) {
      note(index.callees, callee, place);
      for (const keyword in keywords) note(index.keywords, keyword, place);
    }
    known.set(calls, index);
  }
  return index;
}

function note(places: Map<string, number[]>, name: string, place: number): void {
  const noted = places.get(name);
  if (noted) noted.push(place);
  else places.set(name, [place]);
}

function inOrder(calls: readonly PythonCall[], found: readonly (readonly number[])[]): PythonCall[] {
  const places = found.length === 1 ? (found[0] ?? []) : found.flat().sort((a, b) => a - b);
  return places.flatMap((place) => calls[place] ?? []);
}
