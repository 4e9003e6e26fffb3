import type { ReadContext } from '../reader.ts';
import { analyseTemplate, longestTemplate } from './analyse.ts';
import type { TemplateFacts } from './facts.ts';

/**
 * The facts of a template that stands in an artifact. `offset` is where its UTF-8 begins in the entry, in bytes, or null
 * when it was decoded from something else.
 */
export function addTemplate(context: ReadContext, name: string, template: string, offset: number | null): void {
  context.add(templateFacts(context.entry, name, template, offset));
  if (template.length <= longestTemplate) return;
  const message = `the template ${JSON.stringify(name.slice(0, 200))} is longer than ${longestTemplate} characters, and was not read to its end`;
  context.problem({ code: 'limit-memory', offset, message, incomplete: true });
}

export function templateFacts(entry: string, name: string, template: string, offset: number | null): TemplateFacts {
  const reaches = analyseTemplate(template).map((reach) => ({
    ...reach,
    byteOffset: offset === null ? null : offset + Buffer.byteLength(template.slice(0, reach.offset)),
  }));
  return { kind: 'template', entry, name, offset, length: template.length, reaches };
}
