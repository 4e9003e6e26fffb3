import type { DriftTarget } from '../runtime/drift/baseline.ts';
import type { CanaryResult } from '../runtime/drift/canary.ts';
import type { DriftCheck, FeatureDrift } from '../runtime/drift/compare.ts';
import { jsonText, tool } from './json.ts';
import { count, printable } from './printable.ts';

/** A look in the documented form. */
export function driftJson(check: DriftCheck, target: DriftTarget): string {
  return jsonText({ schemaVersion: 1, tool, target, ...withoutSides(check) });
}

/** `samples` is the smaller of the two sides, beside both of them. */
function withoutSides(check: DriftCheck) {
  const { samples, ...rest } = check;
  return { ...rest, samples: Math.min(samples.baseline, samples.current), sides: samples };
}

export function driftText(check: DriftCheck, target: DriftTarget): string {
  const name = printable(target.model ?? target.name);
  return `${verdictOf(check, name)}\n${rowsOf(check)}`;
}

function verdictOf({ status, samples, needed, look, features }: DriftCheck, name: string): string {
  const few = Math.min(samples.baseline, samples.current);
  switch (status) {
    case 'alarm': {
      const names = [...new Set(features.filter(({ alarm }) => alarm).map((feature) => printable(feature.name)))];
      return `${name} has drifted from its baseline: ${names.slice(0, 5).join(', ')}. If nothing was meant to change, roll back. (Look ${look})`;
    }
    case 'ok':
      return `${name} answers as it did: no change is both significant and large enough to matter, over ${count(few, 'probe')}. (Look ${look})`;
    case 'insufficient':
      return `Too few probes to tell whether ${name} has drifted: ${few}, and this look needs ${needed}. Add probes and record a new baseline. (Look ${look})`;
  }
}

function rowsOf({ features }: DriftCheck): string {
  const header = ['', 'feature', 'statistic', 'value', 'p', 'effect', 'floor'];
  const rows = features.map((feature) => [
    feature.alarm ? '!' : '',
    printable(feature.name),
    feature.statistic,
    ...numbersOf(feature),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function numbersOf({ value, pValue, effect, floor }: FeatureDrift): string[] {
  return [value, pValue, effect, floor].map((number) => String(Number(number.toPrecision(3))));
}

export function canaryJson({ decision, reason, check }: CanaryResult): string {
  return jsonText({
    schemaVersion: 1,
    tool,
    decision,
    reason,
    ...(check ? { check: withoutSides(check) } : { check: null }),
  });
}

export function canaryText({ decision, reason, check }: CanaryResult): string {
  const words = { promote: 'Promote', hold: 'Hold', rollback: 'Roll back' }[decision];
  return `${words}. ${printable(reason)}\n${check ? rowsOf(check) : ''}`;
}
