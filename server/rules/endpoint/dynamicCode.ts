import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const dynamicCode = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/dynamic-code',
    title: 'The server runs code that comes with models or configuration',
    severity: 'warning',
    description:
      'vLLM’s development paths (an error) and pickles between its processes (`VLLM_ALLOW_INSECURE_SERIALIZATION`), TorchServe that installs what archives ask for (`install_py_dep_per_model`) or loads from any address (unless `use_env_allowed_urls` says that a variable names them), Kong out of its sandbox (`untrusted_lua = on`), Kong’s functions in Lua and Triton’s execution environments (information).',
    why: 'Who can put a model there runs code in the server.',
    howToFix:
      'Bake dependencies into the image, name the addresses that models come from, and read what is left as code.',
    avoid: [
      {
        file: 'compose.yaml',
        text: 'services:\n  chat:\n    image: vllm/vllm-openai:v0.9.0\n    command: --model org/chat\n    environment:\n      VLLM_ALLOW_INSECURE_SERIALIZATION: "1"\n',
      },
      { file: 'config.properties', text: 'inference_address=http://127.0.0.1:8080\ninstall_py_dep_per_model=true\n' },
      { file: 'kong.conf', text: 'database = off\nproxy_listen = 0.0.0.0:8443 ssl\nuntrusted_lua = on\n' },
    ],
    prefer: [
      { file: 'config.properties', text: 'inference_address=http://127.0.0.1:8080\ninstall_py_dep_per_model=false\n' },
      {
        file: 'kong.conf',
        text: 'database = off\nproxy_listen = 0.0.0.0:8443 ssl\nuntrusted_lua_sandbox_requires = cjson.safe\n',
      },
      {
        file: 'config.properties',
        text: 'inference_address=http://127.0.0.1:8080\nmanagement_address=http://0.0.0.0:8081\nuse_env_allowed_urls=true\n',
        note: 'The addresses stand in a variable. (That management is reached from outside is another finding.)',
      },
    ],
    references: [
      { title: 'TorchServe documentation: security policy', url: 'https://github.com/pytorch/serve/security/policy' },
    ],
    ...endpointMappings,
    cwe: [94, 829],
  },
  check(text, report) {
    reportWeaknesses('dynamic-code', text, report);
  },
});
