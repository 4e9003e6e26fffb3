import type { TemplateFacts, TemplateReach } from '../../formats/template/facts.ts';
import { templateFacts } from '../../formats/template/templateFacts.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule, type Report } from '../rule.ts';
import { templatesIn } from './configTemplates.ts';

const does: Record<Exclude<TemplateReach['code'], 'reach'>, string> = {
  private: 'takes an attribute that is private',
  'built-name': 'takes an attribute by a name that it pieces together',
  call: 'calls a method named like one that runs code',
  include: 'reads other templates',
  unparsed: 'has an expression that cannot be parsed',
};

export const suspiciousTemplate = defineRule({
  subject: 'template',
  meta: {
    id: 'template/suspicious',
    title: 'A chat template does what templates for chats do not do',
    severity: 'warning',
    description:
      'A Jinja template pieces together the name of an attribute from parts that are not all known, takes a private attribute, calls a method named like one that runs code, or includes other templates. An expression that cannot be parsed is information.',
    why: 'Such constructs serve to hide from a reader which attribute is taken. They may have a reason in a template for web pages; a template that only formats messages has none.',
    howToFix:
      'Read the template at that place. If it only formats messages, write the name out; otherwise use the template of the original model.',
    avoid: [
      {
        file: 'chat_template.jinja',
        text: "{% macro take(a, b) %}{{ messages[0][a ~ b] }}{% endmacro %}{{ take('__cl', 'ass__') }}\n",
        note: 'Which item is taken cannot be read off the template.',
      },
    ],
    prefer: [
      {
        file: 'Dockerfile.j2',
        text: "{% extends 'base.j2' %}\n{% block run %}RUN true{% endblock %}\n",
        note: 'No template of a chat.',
      },
      { file: 'chat_template.jinja', text: "{% for message in messages %}{{ message['content'] }}{% endfor %}\n" },
    ],
    references: [
      { title: 'Jinja documentation: sandbox', url: 'https://jinja.palletsprojects.com/en/stable/sandbox/' },
    ],
    cwe: [1336],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(whole, report) {
    const part = isOfAChat(whole)
      ? whole
      : { ...whole, reaches: whole.reaches.filter(({ code }) => code !== 'include') };
    const found = suspicionOf(part);
    if (found) report({ ...found, location: bytePlace(part, firstOf(part)?.byteOffset ?? part.offset) });
  },
  checkText(text, report) {
    for (const { name, template, location } of templatesIn(text)) {
      const found = suspicionOf(templateFacts('', name, template, null));
      if (found) report({ ...found, location });
    }
  },
});

/** Files of Jinja are templates of anything: a Dockerfile, a page. Those extend one another. */
function isOfAChat({ name }: TemplateFacts): boolean {
  return !/\.(?:jinja2?|j2)$/i.test(name) || /chat|prompt/i.test(name);
}

/** The first that is not only unparsed, or else the first. */
function firstOf({ reaches }: TemplateFacts): TemplateFacts['reaches'][number] | undefined {
  return reaches.find(({ code }) => code !== 'unparsed') ?? reaches[0];
}

/** Nothing when the template reaches for internals: that is told already. */
function suspicionOf(part: TemplateFacts): Report | null {
  const first = firstOf(part);
  if (!first || part.reaches.some(({ code }) => code === 'reach') || first.code === 'reach') return null;
  return {
    message: `The template ${quoted(part.name)} ${does[first.code]}: ${quoted(first.text)}. Read it before you serve the model with it.`,
    ...(first.code === 'unparsed' && { severity: 'info' as const }),
    evidence: { template: part.name, what: first.code, name: first.name, expression: first.text },
  };
}
