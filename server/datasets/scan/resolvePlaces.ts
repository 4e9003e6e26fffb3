import type { Phrase } from '../poisoning/candidates.ts';
import { personalValues } from '../personal/recognise.ts';
import { recordHash } from '../review/recordHash.ts';
import { rowSpan, spanIn } from '../rows/places.ts';
import type { Row, RowSource } from '../rows/row.ts';
import type { Place } from './place.ts';

/** What people have decided: whether nothing is to be said of a record. */
export type Settled = (record: string) => 'marked' | 'known-clean' | null;

export interface WantedPlace {
  place: Place;
  /** For a phrase: where in the field it stands is looked for. */
  phrase?: string;
}

export interface Resolved {
  /** Lines of records that people have settled, with what settled them. */
  settled: Map<number, 'marked' | 'known-clean'>;
  /** Phrases that are a part of what names a person, though they may not look it: three groups of a card's number. */
  personal: Set<string>;
}

/**
 * Reads the rows that something is said of once more, fills in where it stands and what the record's hash is, and finds which records people
 * have settled.
 */
export function* resolvePlaces(
  source: RowSource,
  wanted: readonly WantedPlace[],
  settled: Settled,
): Generator<number, Resolved> {
  const byLine = new Map<number, WantedPlace[]>();
  for (const each of wanted) {
    const there = byLine.get(each.place.line);
    if (there) there.push(each);
    else byLine.set(each.place.line, [each]);
  }
  const lines = new Map<number, 'marked' | 'known-clean'>();
  const personal = new Set<string>();
  if (byLine.size === 0) return { settled: lines, personal };
  let read = 0;
  let told = 0;
  let left = byLine.size;
  for (const row of source.rows({ wanted: new Set(byLine.keys()), onBytes: (bytes) => (read = bytes) })) {
    const there = byLine.get(row.line);
    if (read !== told) yield (told = read) / Math.max(1, source.size);
    if (!there) continue;
    const record = recordHash(row);
    const state = settled(record);
    if (state !== null) lines.set(row.line, state);
    for (const { place, phrase } of there) {
      place.record = record;
      if (phrase !== undefined) {
        narrow(place, row, phrase);
        if (isPartOfPersonal(place, row)) personal.add(phrase);
      }
      if (!source.hasPlaces) continue;
      const raw = place.index === undefined ? null : source.place(row, place.index, place.from, place.to);
      place.span = raw === null ? rowSpan(row) : spanIn(row, raw.offset, raw.length);
    }
    if (--left === 0) break;
  }
  return { settled: lines, personal };
}

function isPartOfPersonal({ index = -1, from, to }: Place, { fields }: Row): boolean {
  const field = fields[index];
  if (!field || from === undefined || to === undefined) return false;
  return personalValues(field.text, field.name).some((value) => from < value.to && value.from < to);
}

/** From the field to the phrase in it: its words with whatever signs and blanks between them. */
function narrow(place: Place, row: Row, phrase: Phrase['phrase']): void {
  const text = row.fields[place.index ?? -1]?.text;
  if (text === undefined) return;
  const words = phrase.split(' ').map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const match = new RegExp(words.join('[\\s.,;:!?"\'()\\[\\]{}*“”‘’…–—-]*'), 'iu').exec(text);
  if (!match) return;
  place.from = match.index;
  place.to = match.index + match[0].length;
}
