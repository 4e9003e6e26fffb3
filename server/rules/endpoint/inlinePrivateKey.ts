import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const inlinePrivateKey = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/inline-private-key',
    title: 'A private key stands in a configuration',
    severity: 'error',
    description: 'An Envoy configuration holds the private key of a certificate (`inline_string`, `inline_bytes`).',
    why: 'Who can read the repository can pass for the server.',
    howToFix: 'Revoke the certificate, and name a file or a secret service (SDS).',
    avoid: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  secrets:\n    - name: server\n      tls_certificate:\n        certificate_chain: {filename: cert.pem}\n        private_key: {inline_string: "key as text"}\n',
      },
    ],
    prefer: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  secrets:\n    - name: server\n      tls_certificate:\n        certificate_chain: {filename: cert.pem}\n        private_key: {filename: key.pem}\n',
      },
    ],
    references: [
      { title: 'CWE-321: Use of Hard-coded Cryptographic Key', url: 'https://cwe.mitre.org/data/definitions/321.html' },
    ],
    ...endpointMappings,
    cwe: [321],
  },
  check(text, report) {
    reportWeaknesses('inline-private-key', text, report);
  },
});
