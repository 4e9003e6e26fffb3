import { mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Configuration } from '../../engine/configuration.ts';

/** Results that scans leave beside a model when no folder for evidence is configured. */
const scanKinds = ['backdoor', 'robustness', 'regression'] as const;
export type ScanEvidence = (typeof scanKinds)[number];

/** Those that are there, absolute. @param model absolute; a folder has none: what stands in it is the model. */
export function evidenceBeside(model: string): string[] {
  return scanKinds
    .map((kind) => `${model}.${kind}.json`)
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** Where the result of a scan is kept: in the configured folder, which is made where it is missing, or beside the model. */
export function evidencePlace({ policy }: Configuration, kind: ScanEvidence, model: string): string {
  if (policy.evidence === null) return `${model}.${kind}.json`;
  mkdirSync(policy.evidence, { recursive: true });
  return join(policy.evidence, evidenceName(kind, model));
}

/** The name of a result in the configured folder, where results about all models stand. */
export const evidenceName = (kind: ScanEvidence, model: string): string =>
  `${basename(dirname(model))}-${basename(model)}.${kind}.json`;
