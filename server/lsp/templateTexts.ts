import type { PartFacts } from '../formats/facts.ts';
import type { ByteSource } from '../formats/source.ts';
import type { InspectResult } from './protocol.ts';

/** Templates whose text is shown, and how much of each: they are read to be looked at, not to be kept. */
const templatesShown = 10;
const unitsShown = 50_000;

type WithEntry = <T>(entry: string, use: (source: ByteSource) => T) => T;

/** The result with the text of its templates, where that stands in the file as it is. */
export function withTemplateTexts(result: InspectResult, parts: readonly PartFacts[], open: WithEntry): InspectResult {
  const texts = parts
    .filter((part) => part.kind === 'template')
    .slice(0, templatesShown)
    .flatMap((part) => {
      const { offset, length } = part;
      if (offset === null) return [];
      const units = Math.min(length, unitsShown);
      // A code unit takes at most three bytes of UTF-8.
      const decode = (source: ByteSource) => new TextDecoder().decode(source.read(offset, units * 3)).slice(0, units);
      const cut = units < length ? ` (the first ${units.toLocaleString('en')} characters)` : '';
      const title = `Text of ${part.name || part.entry || 'the template'}${cut}`;
      return [{ tab: 'templates' as const, title, columns: [], rows: [], total: 0, text: open(part.entry, decode) }];
    });
  return texts.length === 0 ? result : { ...result, sections: [...result.sections, ...texts] };
}
