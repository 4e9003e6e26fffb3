import type { TextRange } from '../../formats/text/facts.ts';
import type { RegisteredData, RegisterRecord } from './facts.ts';

/** An entry of which a register says no more than its name; readers add what it does say. */
export function entry(name: string, place: TextRange, said: Partial<RegisteredData> = {}): RegisteredData {
  return {
    name,
    place,
    path: null,
    url: null,
    pin: null,
    digests: [],
    size: null,
    files: null,
    role: 'output',
    madeBy: null,
    wantsDigest: false,
    ...said,
  };
}

/** A validation of which nothing is said: only records of our own, and some events, have one. */
export const notValidated: RegisterRecord['validation'] = { at: null, until: null, result: null };
