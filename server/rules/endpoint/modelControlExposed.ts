import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const modelControlExposed = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/model-control-exposed',
    title: 'Who reaches the endpoint can change the model',
    severity: 'warning',
    description:
      'Requests may load, unload or replace models: Triton’s `--model-control-mode=explicit` without a restricted API, vLLM’s `VLLM_ALLOW_RUNTIME_LORA_UPDATING` (an error), Ollama on every address, TorchServe’s `enable_model_api`, a location of nginx that hands them on. LiteLLM with `model_name: "*"`, and a model of Triton that serves all of its versions (`version_policy: {all {}}`), are information. A server of Compose that is published on 127.0.0.1 alone is left out.',
    why: 'NVIDIA says of Triton’s model control that it can lead to arbitrary code execution; with the others, somebody else’s model answers your users.',
    howToFix: 'Load models at start, restrict the API, or put it where only your pipeline gets.',
    avoid: [
      {
        file: 'serve.yaml',
        text: 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: triton\n      image: nvcr.io/nvidia/tritonserver:25.01-py3\n      args: [tritonserver, --model-repository=/models, --model-control-mode=explicit]\n',
      },
      {
        file: 'config.pbtxt',
        text: 'name: "reviews"\nplatform: "onnxruntime_onnx"\nversion_policy: { all { } }\n',
        note: 'A version that was withdrawn still answers.',
      },
    ],
    prefer: [
      {
        file: 'config.pbtxt',
        text: 'name: "reviews"\nplatform: "onnxruntime_onnx"\nversion_policy: { latest { num_versions: 1 } }\n',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  chat:\n    image: ollama/ollama:0.6.0\n    environment:\n      OLLAMA_HOST: 0.0.0.0\n    ports: ["127.0.0.1:11434:11434"]\n',
        note: 'Published on this machine alone.',
      },
      {
        file: 'serve.yaml',
        text: 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: triton\n      image: nvcr.io/nvidia/tritonserver:25.01-py3\n      args: [tritonserver, --model-repository=/models, --model-control-mode=none]\n',
      },
    ],
    references: [
      {
        title: 'Triton documentation: secure deployment considerations',
        url: 'https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/customization_guide/deploy.html',
      },
    ],
    ...endpointMappings,
    cwe: [306, 749],
  },
  check(text, report) {
    reportWeaknesses('model-control-exposed', text, report);
  },
});
