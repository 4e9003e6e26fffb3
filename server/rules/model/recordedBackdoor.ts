import type { RecordedScan } from '../directory.ts';
import { defineRule } from '../rule.ts';

const weights = {
  file: 'models/digits/model.safetensors',
  safetensors: { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
};
const scan: RecordedScan = {
  name: 'model.safetensors',
  file: 'models/digits/model.safetensors.backdoor.json',
  verdict: 'backdoor',
  reasons: ['A trigger for class 3 is far smaller than those of other classes, and leads nearly all samples to it.'],
  isCurrent: true,
};

export const recordedBackdoor = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/backdoor',
    title: 'A scan found a backdoor in the model',
    severity: 'error',
    description:
      'A scan for backdoors is recorded about a model, beside it (`MODEL.backdoor.json`) or in the folder `policy.evidence` of `weighbridge.yaml`, and its verdict is `backdoor` (an error) or `inconclusive` (a warning). The record names the digests of the bytes that were scanned, the files of the weights with them. When the model has other bytes by now, the record says nothing of them any more, whatever its verdict was: then it is information.',
    why: 'A model with a backdoor passes every test, and does what an attacker wants when an input bears the trigger. Nothing in the file shows it, so what a scan has found must not be forgotten when the window is closed.',
    howToFix:
      'Do not use the model. Find out where it comes from and what it was trained on, and train it again from data that is verified. Where the model was replaced, scan it again: `weighbridge backdoor MODEL.onnx --samples FILE`, or *Weighbridge: Scan for Backdoors...* in the editor. After an inconclusive verdict, scan with `--schedule official` or more samples.',
    avoid: [{ ...weights, scans: [scan], note: 'The recorded scan of these bytes found a backdoor.' }],
    prefer: [{ ...weights, scans: [{ ...scan, verdict: 'clean' }], note: 'The recorded scan found no trigger.' }],
    references: [
      {
        title: 'Neural Cleanse: Identifying and Mitigating Backdoor Attacks in Neural Networks',
        url: 'https://sites.cs.ucsb.edu/~bolunwang/assets/docs/backdoor-sp19.pdf',
      },
    ],
    cwe: [506],
    atlas: ['AML.T0018.000'],
    owasp: ['ML10:2023', 'LLM04:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 2.4'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ scans }, report) {
    for (const { name, file, verdict, reasons, isCurrent } of scans) {
      const evidence = { file, verdict };
      if (!isCurrent) {
        report({
          artifact: name,
          severity: 'info',
          message: `${name} changed since it was scanned for backdoors: ${file} is about other bytes. Scan it again.`,
          evidence,
        });
      } else if (verdict !== 'clean') {
        const advice = verdict === 'backdoor' ? 'Do not use this model.' : 'Scan it longer, or with more samples.';
        report({
          artifact: name,
          severity: verdict === 'backdoor' ? 'error' : 'warning',
          message: [...reasons, advice].join(' '),
          evidence,
        });
      }
    }
  },
});
