import { regressionHtml, regressionJson, regressionText } from '../report/scans/regression.ts';
import type { Command } from './io.ts';
import { commonHelp, readArguments } from './options.ts';
import { minimum } from './robustness.ts';
import { commonJob, modelFile, samplesOf, scanHelp, scanOptions } from './scans/scanArguments.ts';
import { runScanCommand } from './scans/scanCommand.ts';

const help = `Usage: weighbridge regress CANDIDATE.onnx PRODUCTION.onnx --samples FILE [OPTION...]

Compares how two classifiers behave on the same samples: how often they agree, on clean samples and on noisy ones, whether one is right more
often (McNemar's test), which classes shift, and on which samples they differ most.

${scanHelp}
  --min-agreement A   Exit code 1 when they agree on fewer samples
  --format FORMAT     text (default), json or html

${commonHelp}
Examples:
  weighbridge regress models/candidate.onnx models/production.onnx --samples data/probes.npz
  weighbridge regress models/candidate.onnx models/production.onnx --samples data/probes.npz --min-agreement 0.95
`;

export const regress: Command = {
  help,
  run(args, io) {
    const { values, positionals } = readArguments('regress', args, {
      ...scanOptions,
      'min-agreement': { type: 'string' },
    });
    const models = modelFile('regress', positionals, io.cwd, 2);
    const least = minimum(values, 'min-agreement');
    return runScanCommand(io, {
      kind: 'regression',
      values,
      models,
      job: {
        candidate: models[0]!,
        production: models[1]!,
        samples: samplesOf(values, 'regress', io.cwd),
        ...commonJob(values),
      },
      run: (run, digests) => ({ ...run, production: { path: positionals[1]!, ...digests[1]! } }),
      json: regressionJson,
      text: regressionText,
      html: regressionHtml,
      fails: ({ agreement }) => least !== null && agreement < least,
    });
  },
};
