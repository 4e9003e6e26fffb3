import type { TemplateFacts } from '../../formats/template/facts.ts';
import { templateFacts } from '../../formats/template/templateFacts.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule, type Report, type RuleMeta } from '../rule.ts';
import { templatesIn } from './configTemplates.ts';

const meta: RuleMeta = {
  id: 'template/code-reach',
  title: 'A chat template reaches for Python’s internals',
  severity: 'error',
  description:
    'A Jinja template takes an attribute such as `__class__`, `__globals__` or `f_builtins`, from which every function of the process can be reached. It counts however the name is taken or spelled: with a dot, a subscript, `attr`, `map(attribute=...)`, a format string, escapes, or pieces that are put together. Words in the text of a prompt do not count.',
  why: 'Chat templates come with the model and are run for every request. In a runtime that does not sandbox Jinja (CVE-2024-34359 in llama-cpp-python, CVE-2026-5760 in SGLang), such a template runs commands on the server; no honest template needs an attribute of that kind.',
  howToFix:
    'Do not serve the model with this template. Pass a template of your own (`--chat-template`), take the original model’s, and keep the runtime up to date.',
  avoid: [
    {
      file: 'chat_template.jinja',
      text: "{{ cycler.__init__.__globals__.os.popen('id').read() }}\n",
    },
    {
      file: 'tokenizer_config.json',
      text: '{ "chat_template": "{{ messages[0][\'__cl\' ~ \'ass__\'] }}" }\n',
      note: 'The name is put together while the template runs.',
    },
  ],
  prefer: [
    {
      file: 'chat_template.jinja',
      text: "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] }}{% endfor %}\n",
    },
  ],
  references: [
    { title: 'CVE-2024-34359, llama-cpp-python', url: 'https://nvd.nist.gov/vuln/detail/CVE-2024-34359' },
    { title: 'CVE-2026-5760, SGLang', url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-5760' },
    { title: 'Jinja documentation: sandbox', url: 'https://jinja.palletsprojects.com/en/stable/sandbox/' },
  ],
  cwe: [1336, 94],
  atlas: ['AML.T0011.000', 'AML.T0010.003'],
  owasp: ['ML06:2023', 'LLM03:2025'],
  nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
  euAiAct: ['Article 15(5)'],
  since: '0.1.0',
};

export const templateReach = defineRule({
  subject: 'template',
  meta,
  check(part, report) {
    const found = reachOf(part);
    const first = part.reaches.find(({ code }) => code === 'reach');
    if (found) report({ ...found, location: bytePlace(part, first?.byteOffset ?? part.offset) });
  },
  checkText(text, report) {
    for (const { name, template, location } of templatesIn(text)) {
      const found = reachOf(templateFacts('', name, template, null));
      if (found) report({ ...found, location });
    }
  },
});

/** One finding a template: what it reaches first tells the rest. */
function reachOf({ name, reaches }: TemplateFacts): Report | null {
  const reached = reaches.filter(({ code }) => code === 'reach');
  const [first] = reached;
  if (!first) return null;
  const names = [...new Set(reached.map((reach) => reach.name))];
  return {
    message: `The template ${quoted(name)} reaches for ${names.slice(0, 4).join(', ')} of Python in ${quoted(first.text)}, which can run commands. Do not serve the model with it.`,
    evidence: { template: name, attributes: names.slice(0, 20), expression: first.text },
  };
}
