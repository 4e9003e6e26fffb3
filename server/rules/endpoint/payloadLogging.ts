import { defineRule } from '../rule.ts';
import { reportWeaknesses } from './report.ts';

export const payloadLogging = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/payload-logging',
    title: 'Prompts and answers are written into a log',
    severity: 'warning',
    description:
      'Kong’s AI plugins log payloads (`log_payloads: true`), or LiteLLM is verbose (`set_verbose: true`) or hands the headers of requests on to providers (`forward_headers: true` of a model or of a pass-through endpoint).',
    why: 'What people type is personal, and now stands where nobody expects it, for as long as logs are kept.',
    howToFix: 'Log what was asked for and how much, not what.',
    avoid: [
      {
        file: 'litellm.yaml',
        text: 'model_list:\n  - model_name: a\n    litellm_params: {model: openai/a}\nlitellm_settings:\n  set_verbose: true\n',
      },
    ],
    prefer: [
      {
        file: 'litellm.yaml',
        text: 'model_list:\n  - model_name: a\n    litellm_params: {model: openai/a}\nlitellm_settings:\n  json_logs: true\n',
      },
    ],
    references: [
      { title: 'CWE-532: Sensitive Information in a Log', url: 'https://cwe.mitre.org/data/definitions/532.html' },
    ],
    cwe: [532],
    atlas: ['AML.T0024'],
    owasp: ['ML05:2023', 'LLM02:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    reportWeaknesses('payload-logging', text, report);
  },
});
