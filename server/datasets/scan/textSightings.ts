import { hiddenCharacters, type HiddenCharacters } from '../poisoning/characters.ts';
import { hiddenInstructions, type HiddenInstruction } from '../poisoning/instructions.ts';
import type { Row } from '../rows/row.ts';

/** Where something was seen in a record. */
export interface Sighting<Kind> {
  line: number;
  field: string;
  kind: Kind;
  /** 0-based, in UTF-16 units of the field's text. */
  at: number;
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
    for (const { name, text } of fields) {
      for (const { kind, at, what } of hiddenCharacters(text)) {
        hidden = true;
        if (this.characters.shown.length < mostShown) this.characters.shown.push({ line, field: name, kind, at, what });
      }
      for (const { kind, at } of hiddenInstructions(text, this.#markersExpected())) {
        if (kind === 'role-marker') this.#withMarkers++;
        instructed = true;
        if (this.instructions.shown.length < mostShown) {
          this.instructions.shown.push({ line, field: name, kind, at, what: kind });
        }
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
