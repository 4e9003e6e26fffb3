import { defineRule } from '../rule.ts';

const pickles = /\.(?:bin|pt|pth|ckpt|pkl|pickle)$/i;

export const pickleTwin = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/pickle-twin',
    title: 'The same weights stand beside as a pickle',
    severity: 'info',
    description:
      'A directory holds weights as safetensors and again as a pickle, under the names that transformers, diffusers and PEFT look for or under one name with two endings. Loaders that know safetensors take those; the pickle is left for those that do not.',
    why: 'The pickle is loaded by old versions, by `use_safetensors=False` and by scripts with a fixed name. Nobody looks at it any more, and it runs code when it is loaded; whether it holds the same weights, nobody knows either.',
    howToFix: 'Delete the pickle, once nothing loads it by name.',
    avoid: [
      {
        file: 'm/model.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [{ file: 'm/pytorch_model.bin', pickle: 'PROTO 2\nEMPTY_DICT\nSTOP' }],
      },
    ],
    prefer: [
      {
        file: 'm/model.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [{ file: 'm/config.json', text: '{}\n' }],
      },
    ],
    references: [
      {
        title: 'Transformers documentation: safetensors is preferred',
        url: 'https://huggingface.co/docs/transformers/main_classes/model',
      },
    ],
    cwe: [502, 1104],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    const safe = new Set(
      directory.artifacts.filter(({ format }) => format === 'safetensors').map(({ name }) => stemOf(name)),
    );
    const twins = directory.artifacts
      .filter(({ name, format }) => format !== 'safetensors' && pickles.test(name) && safe.has(stemOf(name)))
      .map(({ name }) => name);
    if (twins.length === 0) return;
    report({
      message: `${twins.slice(0, 3).join(', ')}${twins.length > 3 ? ' and more' : ''} stands beside the same weights as safetensors: loaders that do not know those still run the pickle. Delete it once nothing loads it by name.`,
      evidence: { pickles: twins.slice(0, 20), count: twins.length },
    });
  },
});

/** `pytorch_model-00001-of-00002.bin` and `model-00001-of-00002.safetensors` have the stem `model`. */
function stemOf(name: string): string {
  return name
    .replace(/\.\w+$/, '')
    .replace(/-\d{5}-of-\d{5}$/, '')
    .replace(/^pytorch_model/, 'model')
    .replace(/^pytorch_lora/, 'lora');
}
