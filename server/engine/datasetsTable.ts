import type { Field, Shape } from './configurationTable.ts';

const path = (what: string): Shape => ({ kind: 'string', what });

/** The key `datasets` of `weighbridge.yaml`. */
export const datasetsField: Field = {
  shape: {
    kind: 'record',
    fields: {
      'known-clean': {
        shape: path('a file, relative to this file'),
        description:
          'SHA-256 of files and records that are known to be clean, as sha256sum writes them. A scan for poisoning says nothing of these.',
        examples: ['data/known-clean.sha256'],
      },
      marks: {
        shape: path('a file, relative to this file'),
        description: 'What people found out about single records, one mark a line, with its reason.',
        default: 'weighbridge-marks.jsonl',
        examples: ['data/marks.jsonl'],
      },
      'embedding-model': {
        shape: path('a folder, relative to this file'),
        description:
          'Folder of an ONNX export of a sentence-transformers model (model.onnx, tokenizer.json), by which a scan for poisoning compares texts. Without it, by hashed words.',
        examples: ['models/all-MiniLM-L6-v2'],
      },
    },
  },
  description: 'Where what is known of training data is kept.',
};
