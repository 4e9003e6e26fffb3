import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const corsStar = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/cors-star',
    title: 'Every web page may call the endpoint',
    severity: 'warning',
    description:
      'The endpoint answers every origin (CORS `*`): Envoy, Kong, nginx, TorchServe, Text Generation Inference, Ollama, BentoML. vLLM’s own default is information where it is written out.',
    why: 'A page that somebody has open in a browser inside your network uses the model, and reads the answers.',
    howToFix: 'Name the origins.',
    avoid: [
      { file: 'config.properties', text: 'inference_address=http://127.0.0.1:8080\ncors_allowed_origin=*\n' },
      {
        file: 'service.py',
        text: 'import bentoml\n\n\n@bentoml.service(http={"cors": {"enabled": True, "access_control_allow_origins": ["*"]}})\nclass Summary:\n    pass\n',
      },
    ],
    prefer: [
      {
        file: 'config.properties',
        text: 'inference_address=http://127.0.0.1:8080\ncors_allowed_origin=https://app.example.org\n',
      },
    ],
    references: [
      { title: 'CWE-942: Permissive Cross-domain Policy', url: 'https://cwe.mitre.org/data/definitions/942.html' },
    ],
    ...endpointMappings,
    cwe: [942],
  },
  check(text, report) {
    reportWeaknesses('cors-star', text, report);
  },
});
