import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const schemaNotEnforced = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/schema-not-enforced',
    title: 'Requests are validated, and pass all the same',
    severity: 'warning',
    description: 'Kong’s `request-validator` only logs what breaks the schema (`enforcement_mode: log_only`).',
    why: 'A review sees the schema and takes requests for checked.',
    howToFix: 'Set `enforcement_mode: enforce` once the log is quiet.',
    avoid: [
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: key-auth\n      - name: request-validator\n        config:\n          version: draft4\n          enforcement_mode: log_only\n    routes:\n      - name: all\n        paths: [/]\n',
      },
    ],
    prefer: [
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: key-auth\n      - name: request-validator\n        config:\n          version: draft4\n    routes:\n      - name: all\n        paths: [/]\n',
      },
    ],
    references: [
      {
        title: 'Kong documentation: request validator',
        url: 'https://developer.konghq.com/plugins/request-validator/',
      },
    ],
    ...endpointMappings,
    cwe: [20],
  },
  check(text, report) {
    reportWeaknesses('schema-not-enforced', text, report);
  },
});
