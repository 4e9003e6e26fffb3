import { defineRule } from '../rule.ts';
import { checkRevisions } from './revision.ts';

export const modelRevision = defineRule({
  subject: 'text',
  meta: {
    id: 'pin/model-revision',
    title: 'A model is loaded from a hub without a pinned revision',
    severity: 'info',
    description:
      'A call (`from_pretrained`, `snapshot_download`, `hf_hub_download`, `pipeline`, `vllm.LLM`), a training config (axolotl, LLaMA-Factory), a server’s arguments (`vllm serve`, `--model-id`), a model of the vLLM production stack (`modelURL`) or a storage address (`hf://`) names a model and no full commit. Where no revision is named, that is one information a file, because nearly no file names one; a branch, a tag or a short hash that is written out is a warning. With `trust_remote_code` it is an error of its own rule. What is computed is not judged.',
    why: 'The repository can change between the run that was reviewed and the run that counts: other weights, a pickle instead of safetensors, another tokenizer.',
    howToFix:
      'Write the full commit: `revision="<40 hexadecimal digits>"`, `revision_of_model:` (axolotl), `model_revision:` (LLaMA-Factory), `--revision`, `hf://org/model:<commit>`. The hub’s page "Files and versions" shows it.',
    avoid: [
      {
        file: 'train.py',
        text: "from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained('org/model')\n",
      },
      {
        file: 'train.yaml',
        text: 'model_name_or_path: org/model\nmodel_revision: main\nstage: sft\n',
        note: '`main` moves.',
      },
      {
        file: 'serve.yaml',
        text: 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: vllm\n          image: vllm/vllm-openai:v0.9.0\n          command: [vllm, serve, org/model]\n',
      },
    ],
    prefer: [
      {
        file: 'train.py',
        text: "from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained('org/model', revision='0123456789abcdef0123456789abcdef01234567')\n",
      },
      {
        file: 'config.yaml',
        text: 'base_model: org/model\nrevision_of_model: 0123456789abcdef0123456789abcdef01234567\nsequence_len: 2048\n',
      },
      {
        file: 'local.py',
        text: "from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained('./model', revision=rev)\n",
      },
    ],
    references: [
      {
        title: 'Transformers documentation: from_pretrained, revision',
        url: 'https://huggingface.co/docs/transformers/main_classes/model',
      },
    ],
    cwe: [494],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1', 'MAP 4.1'],
    euAiAct: ['Article 15(5)', 'Annex IV(2)(c)'],
    since: '0.1.0',
  },
  check(text, report) {
    checkRevisions(text, 'model', report);
  },
});
