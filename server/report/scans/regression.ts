import type { RegressionScan } from '../../scans/regression.ts';
import { jsonText, tool } from '../json.ts';
import { printable } from '../printable.ts';
import { bars, escaped, list, paragraph, section, table } from './page.ts';
import { runJson, runRows, type ScannedModel, type ScanRun } from './run.ts';

/** A candidate, and the model that it is to replace. */
export interface RegressionRun extends ScanRun {
  production: ScannedModel;
}

export function regressionJson(scan: RegressionScan, run: RegressionRun): string {
  const { agreement, agreementInterval, perturbedAgreement, mcnemarP, onlyProductionRight, onlyCandidateRight } = scan;
  const { accuracy, calibration, perClass, largest, samples } = scan;
  const found = {
    ...{ agreement, agreementInterval, perturbedAgreement, mcnemarP, onlyProductionRight, onlyCandidateRight },
    ...{ accuracy, calibration, perClass, largest, samples },
  };
  const plain = runJson(run);
  return jsonText({
    schemaVersion: 1,
    tool,
    kind: 'regression',
    ...found,
    ...plain,
    candidate: run.model,
    production: run.production,
  });
}

const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(1)} %`);
const pValue = (value: number | null): string =>
  value === null ? '-' : value < 0.001 ? value.toExponential(1) : value.toFixed(3);

export function regressionText(scan: RegressionScan, run: RegressionRun): string {
  const [low, high] = scan.agreementInterval;
  const lines = [
    `${printable(run.model.path)} against ${printable(run.production.path)}: ${percent(scan.agreement)} of ${scan.samples} samples alike (95 %: ${percent(low)} to ${percent(high)})`,
    ...scan.perturbedAgreement.map(
      ({ noise, agreement }) => `  with noise of ${noise} of the range: ${percent(agreement)} alike`,
    ),
  ];
  if (scan.accuracy) {
    lines.push(
      `  right: production ${percent(scan.accuracy.production)}, candidate ${percent(scan.accuracy.candidate)}; only one of them: ${scan.onlyProductionRight}, ${scan.onlyCandidateRight}; McNemar p ${pValue(scan.mcnemarP)}`,
      `  calibration error: production ${percent(scan.calibration!.production)}, candidate ${percent(scan.calibration!.candidate)}`,
    );
  }
  for (const each of scan.perClass) {
    lines.push(
      `  class ${String(each.class).padStart(3)}  production ${String(each.production).padStart(5)}  candidate ${String(each.candidate).padStart(5)}  alike ${percent(each.agreement).padStart(7)}`,
    );
  }
  const [first] = scan.largest;
  if (first)
    lines.push(
      `  furthest apart: sample ${first.sample}, ${first.production} became ${first.candidate} (${first.divergence.toFixed(3)} bits)`,
    );
  lines.push('', ...scan.notes.map((note) => `note: ${printable(note)}`));
  lines.push(
    `${run.provider.used}, seed ${run.seed}, ${(run.durationMs / 1000).toFixed(1)} s, candidate ${run.model.digest}`,
  );
  return `${lines.join('\n')}\n`;
}

/** The content of a page. */
export function regressionHtml(scan: RegressionScan, run: RegressionRun): string {
  return [
    `<h1>Regression: ${escaped(run.model.path)} against ${escaped(run.production.path)}</h1>`,
    `<p class="verdict neutral" role="status">${escaped(`${percent(scan.agreement)} of ${scan.samples} samples alike`)}</p>`,
    section(
      'Agreement',
      table(
        'Agreement',
        ['Samples', 'Alike'],
        [
          ['as they are', percent(scan.agreement)],
          ...scan.perturbedAgreement.map(({ noise, agreement }) => [`with noise of ${noise}`, percent(agreement)]),
        ],
      ),
      scan.accuracy === null
        ? ''
        : table(
            'With labels',
            ['', 'Production', 'Candidate'],
            [
              ['Right', percent(scan.accuracy.production), percent(scan.accuracy.candidate)],
              ['Right alone', String(scan.onlyProductionRight), String(scan.onlyCandidateRight)],
              ['Calibration error', percent(scan.calibration!.production), percent(scan.calibration!.candidate)],
              ['McNemar p', pValue(scan.mcnemarP), ''],
            ],
          ),
    ),
    section(
      'Classes',
      bars(
        'Disagreement by class',
        scan.perClass.map((each) => ({
          label: String(each.class),
          value: each.agreement === null ? 0 : 1 - each.agreement,
          marked: false,
        })),
        null,
      ),
      table(
        'Shifts',
        ['Class', 'Production', 'Candidate', 'Alike'],
        scan.perClass.map((each) => [
          String(each.class),
          String(each.production),
          String(each.candidate),
          percent(each.agreement),
        ]),
      ),
    ),
    section(
      'Furthest apart',
      table(
        'Samples',
        ['Sample', 'Label', 'Production', 'Candidate', 'Divergence (bits)'],
        scan.largest.map((each) => [
          String(each.sample),
          each.label === null ? '-' : String(each.label),
          String(each.production),
          String(each.candidate),
          each.divergence.toFixed(3),
        ]),
      ),
    ),
    section(
      'Run',
      table(
        'How this was measured',
        ['What', 'Value'],
        [...runRows(run), ['Production', `${run.production.path} ${run.production.digest}`]],
      ),
      list(scan.notes),
    ),
    section(
      'Limits',
      paragraph(
        'Agreement on clean samples says nothing of a backdoor: a model with one agrees as well as a clean one that was trained again. Scan for backdoors, too.',
      ),
    ),
  ].join('');
}
