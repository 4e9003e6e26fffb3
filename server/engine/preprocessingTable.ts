import { resampleFilters } from '../scans/samples/resample.ts';
import type { Field, Shape } from './configurationTable.ts';

const numbers: Shape = { kind: 'list', items: { kind: 'number' } };
const sides: Shape = { kind: 'list', items: { kind: 'integer', minimum: 1 } };

/** The section `preprocessing`. */
export const preprocessingField: Field = {
  shape: {
    kind: 'list',
    items: {
      kind: 'record',
      fields: {
        models: {
          shape: { kind: 'list', items: { kind: 'string', what: 'a glob, as in .gitignore' } },
          description: 'Globs of the ONNX models that this is about; the first entry that names a model counts.',
          required: true,
          hint: 'write "models: [models/*.onnx]"',
          examples: [['models/resnet*.onnx']],
        },
        range: {
          shape: numbers,
          description: 'What black and white are for the model. Instead of scale, mean and std.',
          examples: [[0, 1]],
        },
        scale: {
          shape: { kind: 'number' },
          description: 'What a pixel from 0 to 255 is multiplied with.',
          default: 1 / 255,
        },
        mean: {
          shape: numbers,
          description: 'What is taken away then: one number, or one a channel.',
          examples: [[0.485, 0.456, 0.406]],
        },
        std: {
          shape: numbers,
          description: 'What is divided by then: one number, or one a channel.',
          examples: [[0.229, 0.224, 0.225]],
        },
        size: {
          shape: sides,
          description: 'Height and width that pictures are brought to; one number is the shorter side.',
          examples: [[224, 224], [256]],
        },
        crop: {
          shape: sides,
          description: 'Height and width of the middle that is cut out then.',
          examples: [[224, 224]],
        },
        resample: {
          shape: { kind: 'choice', values: resampleFilters },
          description: "Filter by which pictures are brought to their size; Pillow's names.",
          default: 'bilinear',
        },
        layout: {
          shape: { kind: 'choice', values: ['channels-first', 'channels-last'] },
          description: 'Order of the axes, where the shape of the input does not tell.',
        },
        channels: {
          shape: { kind: 'choice', values: ['rgb', 'bgr'] },
          description: 'Order of the colours; mean and std are in the same order.',
          default: 'rgb',
        },
      },
    },
  },
  description: 'How pictures become inputs of ONNX models, for scans that run them.',
  default: [],
  examples: [[{ models: ['models/digits*.onnx'], range: [0, 1] }]],
};
