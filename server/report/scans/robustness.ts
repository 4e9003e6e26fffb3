import type { RobustnessScan } from '../../scans/robustness.ts';
import { jsonText, tool } from '../json.ts';
import { printable } from '../printable.ts';
import { curves, escaped, list, paragraph, section, table } from './page.ts';
import { howRows, runJson, runRows, type ScanRun } from './run.ts';

export function robustnessJson(scan: RobustnessScan, run: ScanRun): string {
  const { cleanAccuracy, attacks, notRun, samples } = scan;
  return jsonText({
    schemaVersion: 1,
    tool,
    kind: 'robustness',
    cleanAccuracy,
    attacks,
    notRun,
    samples,
    gradientCheck: scan.gradientCheck,
    placement: scan.placement,
    ...runJson(run),
  });
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const rounded = (value: number): string => String(Number(value.toPrecision(3)));

export function robustnessText(scan: RobustnessScan, run: ScanRun): string {
  const lines = [
    `${printable(run.model.path)}: ${percent(scan.cleanAccuracy)} right without an attack (${scan.samples} samples)`,
    ...scan.attacks.map(
      ({ name, epsilon, accuracy, interval: [low, high] }) =>
        `  ${name.padEnd(9)} epsilon ${rounded(epsilon).padEnd(8)} ${percent(accuracy).padStart(7)} right  (95 %: ${percent(low)} to ${percent(high)})`,
    ),
    ...scan.notRun.map(
      ({ name, epsilon, reason }) =>
        `  ${name.padEnd(9)} epsilon ${rounded(epsilon).padEnd(8)} not run: ${printable(reason)}`,
    ),
    '',
    ...howRows(scan).map(([what, value]) => `${what}: ${printable(value)}`),
    ...scan.notes.map((note) => `note: ${printable(note)}`),
    `${run.provider.used}, seed ${run.seed}, ${(run.durationMs / 1000).toFixed(1)} s, model ${run.model.digest}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The content of a page. */
export function robustnessHtml(scan: RobustnessScan, run: ScanRun): string {
  const names = [...new Set(scan.attacks.map(({ name }) => name))];
  const charts = (of: readonly string[], title: string): string => {
    const attacks = scan.attacks.filter(({ name }) => of.includes(name));
    if (attacks.length === 0) return '';
    const epsilons = [...new Set(attacks.map(({ epsilon }) => epsilon))].sort((a, b) => a - b);
    const series = names
      .filter((name) => of.includes(name))
      .map((name) => ({
        label: name,
        values: [
          scan.cleanAccuracy,
          ...epsilons.map(
            (each) => attacks.find((attack) => attack.name === name && attack.epsilon === each)?.accuracy ?? null,
          ),
        ],
      }));
    return curves(title, ['0', ...epsilons.map(rounded)], series);
  };
  return [
    `<h1>Robustness: ${escaped(run.model.path)}</h1>`,
    `<p class="verdict neutral" role="status">${escaped(`${percent(scan.cleanAccuracy)} of ${scan.samples} samples right without an attack`)}</p>`,
    section(
      'Accuracy under attack',
      charts(['fgsm', 'pgd-linf', 'square'], 'Accuracy by the largest change of an element, as a share of its range'),
      charts(['pgd-l2'], 'Accuracy by the Euclidean length of the change, in shares of the range'),
      table(
        'Attacks',
        ['Attack', 'Epsilon', 'Accuracy', '95 % interval'],
        scan.attacks.map(({ name, epsilon, accuracy, interval: [low, high] }) => [
          name,
          rounded(epsilon),
          percent(accuracy),
          `${percent(low)} to ${percent(high)}`,
        ]),
      ),
      list(
        scan.notRun.map(
          ({ name, epsilon, reason }) => `${name}, epsilon ${rounded(epsilon)}: not run, because ${reason}`,
        ),
      ),
    ),
    section(
      'Run',
      table('How this was measured', ['What', 'Value'], [...runRows(run), ...howRows(scan)]),
      list(scan.notes),
    ),
    section(
      'Limits',
      paragraph('Accuracy under these attacks is an upper bound: stronger attacks, or more steps, can only lower it.'),
    ),
  ].join('');
}
