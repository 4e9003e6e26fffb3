import { defineRule } from '../rule.ts';
import { reportWeaknesses } from './report.ts';

export const upstreamUnverified = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/upstream-unverified',
    title: 'The connection to the model accepts any certificate',
    severity: 'warning',
    description:
      'An upstream context of Envoy without a validation context, `tls_verify: false` of a Kong service, and (information) an https upstream of nginx without `proxy_ssl_verify on`.',
    why: 'Who gets between the proxy and the model reads prompts, and answers in its place.',
    howToFix:
      'Name the authority: `validation_context.trusted_ca`, `ca_certificates`, `proxy_ssl_trusted_certificate`.',
    avoid: [
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: https://model.internal\n    tls_verify: false\n    plugins:\n      - name: key-auth\n    routes:\n      - name: all\n        paths: [/]\n',
      },
    ],
    prefer: [
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: https://model.internal\n    tls_verify: true\n    plugins:\n      - name: key-auth\n    routes:\n      - name: all\n        paths: [/]\n',
      },
    ],
    references: [
      { title: 'CWE-295: Improper Certificate Validation', url: 'https://cwe.mitre.org/data/definitions/295.html' },
    ],
    cwe: [295],
    atlas: ['AML.T0040', 'AML.T0049'],
    owasp: ['LLM02:2025', 'ML05:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    reportWeaknesses('upstream-unverified', text, report);
  },
});
