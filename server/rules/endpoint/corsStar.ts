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
      'The endpoint answers every origin (CORS `*`): Envoy, Kong, nginx, TorchServe, Text Generation Inference, Ollama, BentoML. vLLM’s own default is information where it is written out. In nginx, `$http_origin` and variables that a `map` makes of it count, too, and so does what stands in an `if`, unless that tests the origin; a test by a pattern without an end lets others pass than were meant (information, a warning with credentials). It is an error where credentials are allowed with whatever origin asks: `$http_origin` with `Access-Control-Allow-Credentials`, and Kong’s `cors` with `credentials: true` and `*`, which it answers with the origin. An app in Python (`CORSMiddleware` of FastAPI and Starlette, Flask-CORS, `CORSConfig` of Litestar) that answers every origin is a warning with credentials and information without.',
    why: 'A page that somebody has open in a browser inside your network uses the model, and reads the answers.',
    howToFix: 'Name the origins.',
    avoid: [
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    location / {\n      auth_request /auth;\n      if ($request_method = OPTIONS) {\n        add_header Access-Control-Allow-Origin $http_origin;\n        add_header Access-Control-Allow-Credentials true;\n        return 204;\n      }\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
        note: 'Whatever page asks is allowed, with cookies.',
      },
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: key-auth\n      - name: cors\n        config:\n          origins: ["*"]\n          credentials: true\n    routes:\n      - name: all\n        paths: [/]\n',
      },
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
        file: 'nginx.conf',
        text: 'http {\n  map $http_origin $allowed {\n    default "";\n    https://app.example.org $http_origin;\n  }\n  server {\n    listen 443 ssl;\n    location / {\n      auth_request /auth;\n      add_header Access-Control-Allow-Origin $allowed;\n      add_header Access-Control-Allow-Credentials true;\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: key-auth\n      - name: cors\n        config:\n          origins: [https://app.example.org]\n          credentials: true\n    routes:\n      - name: all\n        paths: [/]\n',
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
