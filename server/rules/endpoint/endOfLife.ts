import { launchesIn } from '../../formats/text/launches.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf, type TextSubject } from '../text.ts';

export const endOfLife = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/end-of-life',
    title: 'A model server that nobody repairs any more',
    severity: 'info',
    description:
      'A file configures or starts TorchServe or Text Generation Inference, whose repositories are archived: bugs that are found stay. Once a file. A TorchServe before 0.8.2 is an error where its image says so: its management interface loads models from any address (CVE-2023-43654).',
    why: 'A bug that becomes known tomorrow is open for as long as the server runs.',
    howToFix:
      'Move to a server that is maintained (vLLM, SGLang, Triton, KServe), and keep the old one away from networks until then.',
    avoid: [
      { file: 'config.properties', text: 'inference_address=http://127.0.0.1:8080\nmodel_store=/models\n' },
      {
        file: 'compose.yaml',
        text: 'services:\n  serve:\n    image: pytorch/torchserve:0.8.1-gpu\n    command: torchserve --start\n',
        note: '"ShellTorch".',
      },
    ],
    prefer: [
      {
        file: 'compose.yaml',
        text: 'services:\n  chat:\n    image: vllm/vllm-openai:v0.9.0\n    command: --model ./model\n',
      },
    ],
    references: [
      { title: 'TorchServe: notice of limited maintenance', url: 'https://docs.pytorch.org/serve/' },
      {
        title: 'Text Generation Inference: maintenance mode',
        url: 'https://huggingface.co/docs/text-generation-inference',
      },
      { title: 'CVE-2023-43654, TorchServe', url: 'https://github.com/advisories/GHSA-8fxr-qfr9-p34w' },
    ],
    cwe: [1104],
    atlas: ['AML.T0010.001', 'AML.T0049'],
    owasp: ['LLM03:2025', 'ML06:2023'],
    nistAiRmf: ['MANAGE 2.4', 'GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    const said = new Set<string>();
    for (const { product, version, range } of serversIn(text)) {
      if (said.has(product)) continue;
      said.add(product);
      const isOpen = product === 'TorchServe' && version !== null && isBefore(version, [0, 8, 2]);
      report({
        message: isOpen
          ? `TorchServe ${version} loads models from any address that a request names, which runs code (CVE-2023-43654), and nobody repairs TorchServe any more. Move to a server that is maintained.`
          : `${product} is archived: bugs that become known stay open. Move to a server that is maintained.`,
        severity: isOpen ? 'error' : 'info',
        location: placeOf(range),
        evidence: { product, version },
      });
    }
  },
});

interface Server {
  product: string;
  version: string | null;
  range: TextRange;
}

function* serversIn(text: TextSubject): Generator<Server> {
  for (const { image, words, node, range } of launchesIn(text, text.path)) {
    const torch = image === undefined ? null : /(?:^|\/)torchserve[\w-]*(?::(\d+(?:\.\d+)+))?/.exec(image);
    const started = words.find(({ value }) => /(?:^|\/)(?:torchserve|text-generation-launcher)$/.test(value));
    const place = started?.range ?? node?.entries.find(({ key }) => key === 'image')?.value.range ?? range;
    if (torch) yield { product: 'TorchServe', version: torch[1] ?? null, range: place };
    else if (started?.value.endsWith('torchserve')) yield { product: 'TorchServe', version: null, range: place };
    if (started?.value.endsWith('launcher') || /(?:^|\/)text-generation-inference(?::|@|$)/.test(image ?? ''))
      yield { product: 'Text Generation Inference', version: null, range: place };
  }
  for (const document of documentsOf(text, 'torchserve')) {
    const [first] = document.kind === 'mapping' ? document.entries : [];
    if (first) yield { product: 'TorchServe', version: null, range: first.keyRange };
  }
}

function isBefore(version: string, wanted: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, each] of wanted.entries()) if ((parts[index] ?? 0) !== each) return (parts[index] ?? 0) < each;
  return false;
}
