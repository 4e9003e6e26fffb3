import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { guardedNginx, openNginx } from './examples.ts';

export const noStructuredLog = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/no-structured-log',
    title: 'Requests leave no log that a program can read',
    severity: 'info',
    description: 'A listener, service or server that others reach writes no access log, or lines of text. Once a file.',
    why: 'Extraction and abuse show in many requests together; without a log nobody can look, and the AI Act asks for one.',
    howToFix:
      'Envoy: `log_format.json_format`. Nginx: `log_format ... escape=json` and `access_log`. Kong: `file-log`, `http-log`, `opentelemetry`.',
    avoid: [openNginx],
    prefer: [guardedNginx],
    references: [
      { title: 'Regulation (EU) 2024/1689, Article 12', url: 'https://eur-lex.europa.eu/eli/reg/2024/1689/oj' },
    ],
    cwe: [778],
    atlas: ['AML.T0024'],
    owasp: ['ML05:2023', 'LLM02:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 12(1)'],
    since: '0.1.0',
  },
  check(text, report) {
    reportMissing('structuredLog', 'and keeps no structured log of them', 'Log them as JSON.', text, report);
  },
});
