import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { consumptionMappings } from './mappings.ts';
import { openKong, guardedNginx, openNginx } from './examples.ts';

export const noRateLimit = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/no-rate-limit',
    title: 'Nothing limits how much a client may ask',
    severity: 'info',
    description:
      'A listener, service or server that others reach has no rate limit per client, and this file is all that decides. Once a file.',
    why: 'Each request costs accelerator time: one client makes the model slow for all, runs up the bill, or extracts the model by asking often enough.',
    howToFix:
      'Nginx: `limit_req_zone` and `limit_req`. Envoy: `local_ratelimit` with `filter_enabled` and `filter_enforced`. Kong: `rate-limiting`, `ai-rate-limiting-advanced`.',
    avoid: [openNginx, openKong],
    prefer: [
      guardedNginx,
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: rate-limiting\n        config:\n          minute: 60\n    routes:\n      - name: all\n        paths: [/]\n',
      },
    ],
    references: [
      {
        title: 'OWASP LLM10:2025 Unbounded Consumption',
        url: 'https://genai.owasp.org/llmrisk/llm102025-unbounded-consumption/',
      },
    ],
    ...consumptionMappings,
  },
  check(text, report) {
    reportMissing('clientRateLimit', 'without a limit to how many', 'Add a rate limit per client.', text, report);
  },
});
