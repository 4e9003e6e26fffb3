import type { Reader } from '../reader.ts';
import { longestTemplate } from './analyse.ts';
import { addTemplate } from './templateFacts.ts';

/** Reads a file that is a template: `chat_template.jinja`. */
export const readTemplate: Reader = (source, context) => {
  const bytes = source.read(0, Math.min(source.size, longestTemplate * 3 + 1));
  addTemplate(context, context.name, new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), 0);
};
