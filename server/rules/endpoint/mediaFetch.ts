import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const mediaFetch = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/media-fetch',
    title: 'Requests tell the server what to fetch or to read',
    severity: 'warning',
    description:
      'A vLLM that others reach may read files of its machine as pictures and videos (`--allowed-local-media-path`), or serves a model that sees or hears (by its name, or by options such as `--limit-mm-per-prompt`) and does not say from which hosts media may come (`--allowed-media-domains`). The latter is information, because nearly nobody says so; servers of text alone are left out.',
    why: 'A request with `image_url: http://169.254.169.254/...` has the server ask what only it reaches: the metadata service of the cloud, with its credentials, or a service of your network (server-side request forgery).',
    howToFix:
      'Name the hosts: `--allowed-media-domains media.example.org`. Set `VLLM_MEDIA_URL_ALLOW_REDIRECTS=0`, and keep the server from the metadata service by a network policy. Take `--allowed-local-media-path` out, or name a folder that holds nothing else.',
    avoid: [
      {
        file: 'compose.yaml',
        text: 'services:\n  chat:\n    image: vllm/vllm-openai:v0.9.0\n    command: --model ./models/chat --allowed-local-media-path /\n',
      },
      {
        file: 'serve.yaml',
        text: 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: chat\n      image: vllm/vllm-openai:v0.9.0\n      args: [--model, ./models/Qwen2.5-VL-7B-Instruct, --limit-mm-per-prompt, "image=2"]\n',
      },
    ],
    prefer: [
      {
        file: 'compose.yaml',
        text: 'services:\n  chat:\n    image: vllm/vllm-openai:v0.9.0\n    command: --model ./models/Qwen2.5-VL-7B-Instruct --allowed-media-domains media.example.org\n',
      },
      {
        file: 'serve.yaml',
        text: 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: chat\n      image: vllm/vllm-openai:v0.9.0\n      args: [--model, ./models/llama-3-8b]\n',
        note: 'A model of text alone.',
      },
    ],
    references: [
      { title: 'vLLM documentation: security', url: 'https://docs.vllm.ai/en/latest/usage/security/' },
      {
        title: 'CVE-2026-24779, vLLM',
        url: 'https://github.com/vllm-project/vllm/security/advisories/GHSA-qh4c-xf7m-gxfc',
      },
    ],
    ...endpointMappings,
    cwe: [918, 22],
  },
  check(text, report) {
    reportWeaknesses('media-fetch', text, report);
  },
});
