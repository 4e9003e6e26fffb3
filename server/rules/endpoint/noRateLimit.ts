import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { consumptionMappings } from './mappings.ts';

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
    avoid: [
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    routes:\n      - name: all\n        paths: [/]\n',
      },
    ],
    prefer: [
      {
        file: 'nginx.conf',
        text: 'http {\n  log_format requests_json escape=json \'{"status":"$status"}\';\n  limit_req_zone $binary_remote_addr zone=c:10m rate=5r/s;\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    access_log /var/log/nginx/a.json requests_json;\n    auth_request /auth;\n    limit_req zone=c burst=10;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
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
