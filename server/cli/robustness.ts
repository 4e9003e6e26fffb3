import { WeighbridgeError } from '../errors.ts';
import { robustnessHtml, robustnessJson, robustnessText } from '../report/scans/robustness.ts';
import { attackNames, usualAttacks } from '../scans/robustness.ts';
import type { Command } from './io.ts';
import { commonHelp, readArguments, text, type OptionValues } from './options.ts';
import {
  choices,
  commonJob,
  modelFile,
  numbers,
  samplesOf,
  scanHelp,
  scanOptions,
  wholeNumber,
} from './scans/scanArguments.ts';
import { runScanCommand } from './scans/scanCommand.ts';

const help = `Usage: weighbridge robustness MODEL.onnx --samples FILE [OPTION...]

Measures what is left of a classifier's accuracy when samples are changed a little so that it errs: by one step along the gradient (FGSM),
by many (PGD, in two norms), and without gradients (Square Attack).

${scanHelp}
Attacks:
  --attacks NAMES     Of fgsm, pgd-linf, pgd-l2 and square, with commas between them; default: all
  --epsilon LIST      Largest change of an element, as shares of its range (default 0.00784,0.0157,0.0314: 2, 4 and 8 of 255)
  --epsilon-l2 LIST   Euclidean length of the change, in shares of the range (default 0.25,0.5,1)
  --steps N           Of PGD (default 20)
  --queries N         Of the Square Attack, a sample (default 200)
  --min-accuracy A    Exit code 1 when an attack leaves less
  --format FORMAT     text (default), json or html

${commonHelp}
Examples:
  weighbridge robustness models/digits.onnx --samples data/held-out.npz
  weighbridge robustness models/digits.onnx --samples data/held-out.npz --attacks pgd-linf --epsilon 0.1,0.2 --format json
`;

export const robustness: Command = {
  help,
  run(args, io) {
    const { values, positionals } = readArguments('robustness', args, {
      ...scanOptions,
      attacks: { type: 'string' },
      epsilon: { type: 'string' },
      'epsilon-l2': { type: 'string' },
      steps: { type: 'string' },
      queries: { type: 'string' },
      'min-accuracy': { type: 'string' },
    });
    const models = modelFile('robustness', positionals, io.cwd);
    const least = minimum(values, 'min-accuracy');
    return runScanCommand(io, {
      kind: 'robustness',
      values,
      models,
      job: {
        model: models[0]!,
        samples: samplesOf(values, 'robustness', io.cwd),
        attacks: choices(values, 'attacks', attackNames) ?? attackNames,
        epsilons: distances(values, 'epsilon') ?? usualAttacks.epsilons,
        epsilonsL2: distances(values, 'epsilon-l2') ?? usualAttacks.epsilonsL2,
        steps: wholeNumber(values, 'steps', usualAttacks.steps, 1),
        queries: wholeNumber(values, 'queries', usualAttacks.queries, 1),
        ...commonJob(values),
      },
      run: (run) => run,
      json: robustnessJson,
      text: robustnessText,
      html: robustnessHtml,
      fails: ({ attacks }) => least !== null && attacks.some(({ accuracy }) => accuracy < least),
    });
  },
};

function distances(values: OptionValues, name: string): number[] | null {
  const list = numbers(values, name);
  if (list === null || list.every((each) => each > 0)) return list;
  throw new WeighbridgeError('bad-usage', `--${name} must be greater than 0`);
}

/** A share that must be reached; null when none is asked for. @throws {WeighbridgeError} `bad-usage`. */
export function minimum(values: OptionValues, name: string): number | null {
  const value = text(values, name);
  if (value === undefined) return null;
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new WeighbridgeError('bad-usage', `--${name} must be a share from 0 to 1, not "${value}"`);
}
