import { WeighbridgeError } from '../errors.ts';
import { backdoorHtml, backdoorJson, backdoorText } from '../report/scans/backdoor.ts';
import { backdoorMethods } from '../scans/backdoor.ts';
import { scheduleNames } from '../scans/detectors/schedule.ts';
import type { Command } from './io.ts';
import { choice, commonHelp, file, readArguments, text } from './options.ts';
import { choices, commonJob, modelFile, numbers, samplesOf, scanHelp, scanOptions } from './scans/scanArguments.ts';
import { runScanCommand } from './scans/scanCommand.ts';

const help = `Usage: weighbridge backdoor MODEL.onnx --samples FILE [OPTION...]

Looks for a backdoor in a classifier: for each class it searches for the smallest trigger that leads other samples to it (Neural
Cleanse), for the widest margin (MM-BD) and for one trigger that all classes share, and tests inputs under overlays (STRIP). In a
classifier of text it searches for tokens that do so, and replaces words. Nothing is sent anywhere, and no Python is needed.
Exit code 1 when there is a backdoor. "clean" means that no trigger was found by these methods within this budget.

${scanHelp}
What is searched:
  --method NAMES      Of neural-cleanse, mm-bd, untargeted and strip, with commas between them; default: all
  --schedule NAME     fast (default), thorough, or official (that of the authors of Neural Cleanse)
  --classes NUMBERS   Only these classes
  --inputs FILE       Inputs that STRIP tests one by one, as --samples are given
  --frr SHARE         Share of clean samples that STRIP may flag (default 0.01)
  --fail-on VERDICT   backdoor (default), inconclusive (or worse), or never
  --format FORMAT     text (default), json or html

${commonHelp}
Examples:
  weighbridge backdoor models/digits.onnx --samples data/held-out.npz
  weighbridge backdoor models/reviews/model.onnx --samples data/held-out.csv
  weighbridge backdoor models/signs.onnx --samples data/signs --range 0,1 --format html --output report.html
`;

export const backdoor: Command = {
  help,
  run(args, io) {
    const { values, positionals } = readArguments('backdoor', args, {
      ...scanOptions,
      method: { type: 'string' },
      schedule: { type: 'string' },
      classes: { type: 'string' },
      inputs: { type: 'string' },
      frr: { type: 'string' },
      'fail-on': { type: 'string' },
    });
    const models = modelFile('backdoor', positionals, io.cwd);
    const samples = samplesOf(values, 'backdoor', io.cwd);
    const failOn = choice(values, 'fail-on', ['backdoor', 'inconclusive', 'never'], 'backdoor');
    const inputs = file(values, 'inputs', io.cwd);
    return runScanCommand(io, {
      kind: 'backdoor',
      values,
      models,
      job: {
        model: models[0]!,
        samples,
        inputs: inputs === undefined ? null : { ...samples, path: inputs, labels: null },
        methods: choices(values, 'method', backdoorMethods) ?? backdoorMethods,
        schedule: choice(values, 'schedule', scheduleNames, 'fast'),
        ...commonJob(values),
        classes: numbers(values, 'classes'),
        falseRejectionRate: share(text(values, 'frr') ?? '0.01'),
        known: [],
      },
      run: (run) => run,
      json: backdoorJson,
      text: backdoorText,
      html: backdoorHtml,
      fails: ({ verdict }) =>
        (verdict === 'backdoor' && failOn !== 'never') || (verdict === 'inconclusive' && failOn === 'inconclusive'),
    });
  },
};

function share(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number > 0 && number < 0.5) return number;
  throw new WeighbridgeError('bad-usage', `--frr must be a share between 0 and 0.5, not "${value}"`);
}
