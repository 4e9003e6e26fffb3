import type { FindingLocation } from '../finding.ts';
import { placeOf } from '../load/place.ts';
import { isConfig, mayHold, type TextSubject } from '../text.ts';

/** A template that stands in the configuration of a tokenizer or a processor. */
export interface ConfigTemplate {
  /** Its own name where there are several, otherwise the key's. */
  name: string;
  template: string;
  location: Partial<FindingLocation>;
}

/**
 * The values of `chat_template`: a text, a list of `{ name, template }`, or texts by name.
 * Source: transformers/tokenization_utils_base.py, processing_utils.py.
 */
export function* templatesIn(text: TextSubject): Generator<ConfigTemplate> {
  if (!isConfig(text) || !mayHold(text.text, 'chat_template')) return;
  for (const { path, value, range } of text.scalars) {
    if (typeof value !== 'string' || !value.includes('{')) continue;
    const key = path.findIndex((step) => typeof step === 'string' && step.includes('chat_template'));
    if (key < 0) continue;
    const name = path.slice(key).join('.');
    yield { name, template: value, location: placeOf(range) };
  }
}
