import { hiddenCharacters, type HiddenCharacters } from '../poisoning/characters.ts';
import { hiddenInstructions, type HiddenInstruction } from '../poisoning/instructions.ts';
import type { Row } from '../rows/row.ts';
import type { Place } from './place.ts';

/** Where something was seen in a record. */
export interface Sighting<Kind> extends Place {
  field: string;
  kind: Kind;
  /** 0-based, in UTF-16 units of the field's text. */
  from: number;
  what: string;
}

/** Sightings of one sort: the first thousand, and how many rows had one. */
export interface Sightings<Kind> {
  shown: Sighting<Kind>[];
  rows: number;
}

const mostShown = 1000;

/** Looks at each text of each row by itself: what is hidden from the eye, and what speaks to the model. */
export class TextSightings {
  readonly characters: Sightings<HiddenCharacters['kind']> = { shown: [], rows: 0 };
  readonly instructions: Sightings<HiddenInstruction['kind']> = { shown: [], rows: 0 };
  #rows = 0;
  #withMarkers = 0;

  add({ line, fields }: Row): void {
    this.#rows++;
    let hidden = false;
    let instructed = false;
    for (const [index, { name: field, text }] of fields.entries()) {
      for (const { kind, at: from, length, what } of hiddenCharacters(text)) {
        hidden = true;
        const { shown } = this.characters;
        if (shown.length < mostShown) shown.push({ line, field, index, kind, from, to: from + length, what });
      }
      for (const { kind, at: from, length } of hiddenInstructions(text, this.#markersExpected())) {
        if (kind === 'role-marker') this.#withMarkers++;
        instructed = true;
        const { shown } = this.instructions;
        if (shown.length < mostShown) shown.push({ line, field, index, kind, from, to: from + length, what: kind });
      }
    }
    if (hidden) this.characters.rows++;
    if (instructed) this.instructions.rows++;
  }

  /** Where every second row is a whole prompt with its markers, markers are how the data is written. */
  #markersExpected(): boolean {
    return this.#rows > 20 && this.#withMarkers * 2 > this.#rows;
  }
}
