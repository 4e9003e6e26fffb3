// Finds sections of the documentation by words, parts of their beginnings, and words that are nearly right.
import MiniSearch from 'minisearch';

/**
 * @param {{ id: string, page: string, heading: string, text: string }[]} sections
 * @returns {(asked: string) => { id: string, page: string, heading: string }[]} the best first, twelve at most.
 */
export function finderOf(sections) {
  const index = new MiniSearch({
    fields: ['heading', 'page', 'text'],
    storeFields: ['page', 'heading'],
    // `pickle/dangerous-import` and `--fail-on` are found by their parts.
    tokenize: (text) => text.split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== ''),
    searchOptions: { boost: { heading: 3, page: 2 }, prefix: true, fuzzy: (word) => (word.length > 4 ? 0.2 : false) },
  });
  index.addAll(sections);
  return (asked) =>
    index
      .search(asked, { combineWith: 'AND' })
      .slice(0, 12)
      .map(({ id, page, heading }) => ({ id, page, heading }));
}
