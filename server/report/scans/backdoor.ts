import type { BackdoorScan } from '../../scans/backdoor.ts';
import { indexThreshold, ratioThreshold } from '../../scans/detectors/neuralCleanse.ts';
import { untargetedDoubt, untargetedThreshold } from '../../scans/detectors/untargetedTrigger.ts';
import { maskCells } from '../../scans/samples/sampleSet.ts';
import { median } from '../../scans/statistics.ts';
import type { Colours } from '../colour.ts';
import { jsonText, tool } from '../json.ts';
import { printable } from '../printable.ts';
import { tokenLines, tokenSection } from './tokens.ts';
import { bars, escaped, histogram, list, paragraph, picture, section, table } from './page.ts';
import { howRows, runJson, runRows, type ScanRun } from './run.ts';

/** A scan for backdoors as JSON: the evidence that gates read. */
export function backdoorJson(scan: BackdoorScan, run: ScanRun): string {
  const { neuralCleanse, maximumMargin, strip } = scan;
  return jsonText({
    schemaVersion: 1,
    tool,
    kind: 'backdoor',
    verdict: scan.verdict,
    reasons: scan.reasons,
    neuralCleanse,
    maximumMargin,
    untargeted: scan.untargeted,
    text: scan.text,
    strip: strip && {
      how: strip.how,
      falseRejectionRate: strip.falseRejectionRate,
      threshold: strip.threshold,
      cleanSamples: strip.cleanSamples,
      flaggedSamples: strip.flaggedSamples,
      tested: strip.tested,
      recoveredTrigger: strip.recoveredTrigger && {
        class: strip.recoveredTrigger.class,
        acceptedRate: strip.recoveredTrigger.acceptedRate,
      },
    },
    notScanned: scan.notScanned,
    gradient: scan.gradient,
    gradientCheck: scan.gradientCheck,
    placement: scan.placement,
    schedule: scan.schedule,
    samples: scan.samples,
    accuracy: scan.accuracy,
    ...runJson(run),
  });
}

const words: Record<BackdoorScan['verdict'], string> = {
  backdoor: 'backdoor',
  inconclusive: 'inconclusive',
  clean: 'no trigger found',
};

const severities = { backdoor: 'error', inconclusive: 'warning', clean: 'info' } as const;

const number = (value: number | null, digits = 2): string => (value === null ? '-' : value.toFixed(digits));
const percent = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);

export function backdoorText(scan: BackdoorScan, run: ScanRun, colours: Colours): string {
  const lines = [
    `${printable(run.model.path)}: ${colours.severity(severities[scan.verdict], words[scan.verdict])}`,
    ...scan.reasons.map((reason) => `  ${printable(reason)}`),
    '',
  ];
  const { neuralCleanse, maximumMargin, strip } = scan;
  if (neuralCleanse) {
    lines.push(
      `Neural Cleanse: anomaly index ${number(neuralCleanse.anomalyIndex)}, smallest norm ${percent(neuralCleanse.normRatio)} of the median`,
    );
    for (const each of neuralCleanse.classes) {
      const mark = neuralCleanse.flaggedClasses.includes(each.class) ? '  <- flagged' : '';
      lines.push(
        `  class ${String(each.class).padStart(3)}  norm ${number(each.maskNorm, 1).padStart(7)}  index ${number(each.anomalyIndex).padStart(6)}  leads ${percent(each.successRate).padStart(7)} to it${mark}`,
      );
    }
  }
  if (maximumMargin)
    lines.push(
      `MM-BD: anomaly index ${number(maximumMargin.anomalyIndex)}, widest margin ${number(maximumMargin.marginRatio)} times the median`,
    );
  if (scan.untargeted)
    lines.push(
      `Untargeted: one trigger for all classes has a norm of ${number(scan.untargeted.norm, 1)}, ${number(scan.untargeted.ratio)} times the median of those for one`,
    );
  if (scan.text) lines.push(...tokenLines(scan.text));
  if (strip) {
    lines.push(
      `STRIP: boundary ${number(strip.threshold, 3)} bits at ${percent(strip.falseRejectionRate)} of ${strip.cleanSamples} clean samples`,
    );
    if (strip.tested.length > 0)
      lines.push(
        `  ${strip.flaggedSamples.length} of ${strip.tested.length} inputs flagged${strip.flaggedSamples.length > 0 ? `: ${strip.flaggedSamples.slice(0, 20).join(', ')}` : ''}`,
      );
  }
  lines.push('', ...howRows(scan).map(([what, value]) => `${what}: ${printable(value)}`));
  lines.push(...scan.notes.map((note) => `note: ${printable(note)}`));
  lines.push(
    `${run.provider.used}, seed ${run.seed}, ${(run.durationMs / 1000).toFixed(1)} s, model ${run.model.digest}`,
  );
  return `${lines.join('\n')}\n`;
}

/** The content of a page. */
export function backdoorHtml(scan: BackdoorScan, run: ScanRun): string {
  const { neuralCleanse, maximumMargin, strip } = scan;
  const parts = [
    `<h1>Backdoor scan: ${escaped(run.model.path)}</h1>`,
    `<p class="verdict ${severities[scan.verdict]}" role="status">${escaped(words[scan.verdict])}</p>`,
    list(scan.reasons),
  ];
  if (neuralCleanse) parts.push(normsSection(neuralCleanse), triggersSection(scan));
  if (maximumMargin) {
    const marked = maximumMargin.flaggedClasses;
    const values = maximumMargin.margins.map((each) => ({
      label: String(each.class),
      value: Math.max(0, each.margin),
      marked: marked.includes(each.class),
    }));
    parts.push(
      section(
        'Widest margin of each class (MM-BD)',
        bars('Widest margin of each class', values, null),
        table(
          'Margins',
          ['Class', 'Margin', 'Index'],
          maximumMargin.margins.map((each) => [String(each.class), number(each.margin), number(each.anomalyIndex)]),
        ),
      ),
    );
  }
  if (scan.untargeted) {
    const { norm, ratio } = scan.untargeted;
    parts.push(
      section(
        'Smallest trigger for all classes',
        paragraph(
          `A mask with a norm of ${number(norm, 1)} takes samples of all classes out of them: ${number(ratio)} times the median of those that lead to one class. Clean models need more than ${untargetedDoubt} times; below ${untargetedThreshold} it is a backdoor.`,
        ),
      ),
    );
  }
  if (scan.text) parts.push(tokenSection(scan.text));
  if (strip) parts.push(entropySection(strip));
  parts.push(
    section(
      'Run',
      table('How this was found', ['What', 'Value'], [...runRows(run), ...howRows(scan)]),
      list(scan.notes),
    ),
    section(
      'Limits',
      paragraph(
        scan.text
          ? 'That no trigger was found says that these methods found none within this budget. Triggers of more tokens, in the style of a text, or that work in one place only can evade them; docs/backdoors.md names which.'
          : 'That no trigger was found says that these methods found none within this budget. Triggers that cover most of an input, depend on it, or live in features can evade them; docs/backdoors.md names which.',
      ),
    ),
  );
  return parts.join('');
}

function normsSection(found: NonNullable<BackdoorScan['neuralCleanse']>): string {
  const norms = found.classes.map(({ maskNorm }) => maskNorm).filter((norm) => norm !== null);
  const values = found.classes.map((each) => ({
    label: String(each.class),
    value: each.maskNorm ?? 0,
    marked: found.flaggedClasses.includes(each.class),
  }));
  const threshold =
    norms.length === 0
      ? null
      : {
          value: ratioThreshold * median(norms),
          label: `half of the median; flagged below it with an index above ${indexThreshold}`,
        };
  return section(
    'Smallest trigger of each class (Neural Cleanse)',
    bars('L1 norm of the smallest mask of each class', values, threshold),
    table(
      'Norms',
      ['Class', 'Norm', 'Index', 'Leads other samples to it', 'Flagged'],
      found.classes.map((each) => [
        String(each.class),
        number(each.maskNorm, 1),
        number(each.anomalyIndex),
        percent(each.successRate),
        found.flaggedClasses.includes(each.class) ? 'yes' : 'no',
      ]),
    ),
  );
}

function triggersSection(scan: BackdoorScan): string {
  const figures = scan.triggers.map(({ class: label, trigger }) => {
    const images = imagesOf(scan, trigger);
    if (images === null) return '';
    const { mask, pattern, height, width, channels } = images;
    return `<figure>${picture(`Mask of the trigger for class ${label}`, mask, height, width, 1)}${picture(`Trigger for class ${label}`, pattern, height, width, channels)}<figcaption>Class ${label}: norm ${number(trigger.norm, 1)}</figcaption></figure>`;
  });
  if (figures.every((figure) => figure === '')) return '';
  return section('Recovered triggers', paragraph('Mask, and what it lets through, smallest first.'), ...figures);
}

/** Mask, and pattern where the mask lets it through; null where samples are no pictures. */
function imagesOf(
  scan: BackdoorScan,
  { mask, pattern }: BackdoorScan['triggers'][number]['trigger'],
): { mask: Float32Array; pattern: Float32Array; height: number; width: number; channels: number } | null {
  const { shape, layout, low, high } = scan;
  const first = layout === 'channels-first';
  if (shape.length < 2 || shape.length > 3 || (!first && layout !== 'channels-last')) return null;
  const [height = 1, width = 1] = shape.length === 2 ? shape : first ? shape.slice(1) : shape;
  const depth = shape.length === 2 ? 1 : first ? shape[0]! : shape[2]!;
  const channels = depth === 3 ? 3 : 1;
  const { cells } = maskCells(scan);
  const shown = new Float32Array(height * width * channels);
  pattern.forEach((value, at) => {
    const cell = cells[at]!;
    const channel = depth === 1 ? 0 : first ? Math.floor(at / (height * width)) : at % depth;
    if (channel >= channels) return;
    const share = (value - low[at]!) / (high[at]! - low[at]! || 1);
    shown[cell * channels + channel] = share * mask[cell]!;
  });
  return { mask, pattern: shown, height, width, channels };
}

function entropySection(strip: NonNullable<BackdoorScan['strip']>): string {
  const series = [{ label: `clean samples (${strip.cleanSamples})`, values: strip.entropies }];
  if (strip.recoveredTrigger)
    series.push({
      label: `the same with the trigger of class ${strip.recoveredTrigger.class}`,
      values: strip.recoveredTrigger.entropies,
    });
  if (strip.tested.length > 0)
    series.push({
      label: `inputs that were tested (${strip.tested.length})`,
      values: strip.tested.map(({ entropy }) => entropy),
    });
  const rows = strip.tested
    .slice(0, 200)
    .map(({ sample, entropy, flagged }) => [String(sample), number(entropy, 3), flagged ? 'flagged' : 'passes']);
  return section(
    strip.how === 'overlay' ? 'Entropy under overlays (STRIP)' : 'Entropy under replacement (STRIP)',
    histogram(strip.how === 'overlay' ? 'Mean entropy in bits' : 'Least entropy in bits', series, {
      value: strip.threshold,
      label: `boundary ${number(strip.threshold, 3)}`,
    }),
    paragraph(
      `${percent(strip.falseRejectionRate)} of ${strip.cleanSamples} clean samples lie below the boundary. ${
        strip.how === 'overlay'
          ? 'Inputs with a trigger keep their class under any overlay, and have less entropy.'
          : 'Of a text with a trigger a few words keep their class whatever the others are replaced by, and have less entropy.'
      }`,
    ),
    rows.length > 0 ? table('Inputs', ['Input', 'Entropy', 'Verdict'], rows) : '',
  );
}
