import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const upstreamUnverified = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/upstream-unverified',
    title: 'The connection to the model accepts any certificate',
    severity: 'warning',
    description:
      'An upstream context of Envoy without a validation context, `tls_verify: false` of a Kong service, and (information) an https upstream of nginx without `proxy_ssl_verify on`, or one of Envoy that trusts all public authorities and asks for no name.',
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
    ...endpointMappings,
    cwe: [295],
  },
  check(text, report) {
    reportWeaknesses('upstream-unverified', text, report);
  },
});
