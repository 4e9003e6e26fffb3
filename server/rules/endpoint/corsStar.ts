import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';
import { reportOrigins } from './webOrigins.ts';

export const corsStar = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/cors-star',
    title: 'Every web page may call the endpoint',
    severity: 'warning',
    description:
      'The endpoint answers every origin (CORS `*`): Envoy, Kong, nginx, TorchServe, Text Generation Inference, Ollama, BentoML. vLLM’s own default is information where it is written out. An app in Python (`CORSMiddleware` of FastAPI and Starlette, Flask-CORS, `CORSConfig` of Litestar) that answers every origin is a warning with credentials and information without.',
    why: 'A page that somebody has open in a browser inside your network uses the model, and reads the answers.',
    howToFix: 'Name the origins.',
    avoid: [
      { file: 'config.properties', text: 'inference_address=http://127.0.0.1:8080\ncors_allowed_origin=*\n' },
      {
        file: 'service.py',
        text: 'import bentoml\n\n\n@bentoml.service(http={"cors": {"enabled": True, "access_control_allow_origins": ["*"]}})\nclass Summary:\n    pass\n',
      },
      {
        file: 'app.py',
        text: "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\napp = FastAPI()\napp.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)\n",
      },
    ],
    prefer: [
      {
        file: 'app.py',
        text: "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\napp = FastAPI()\napp.add_middleware(CORSMiddleware, allow_origins=['https://app.example.org'], allow_credentials=True)\n",
      },
      {
        file: 'config.properties',
        text: 'inference_address=http://127.0.0.1:8080\ncors_allowed_origin=https://app.example.org\n',
      },
    ],
    references: [
      { title: 'FastAPI documentation: CORS', url: 'https://fastapi.tiangolo.com/tutorial/cors/' },
      { title: 'CWE-942: Permissive Cross-domain Policy', url: 'https://cwe.mitre.org/data/definitions/942.html' },
    ],
    ...endpointMappings,
    cwe: [942],
  },
  check(text, report) {
    reportWeaknesses('cors-star', text, report);
    if (text.language === 'python') reportOrigins(text, report);
  },
});
