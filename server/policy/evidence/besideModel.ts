import { statSync } from 'node:fs';

/** Results that scans leave beside a model when no folder for evidence is configured. */
const kinds = ['backdoor', 'robustness', 'regression'] as const;

/** Those that are there, absolute. @param model absolute; a folder has none: what stands in it is the model. */
export function evidenceBeside(model: string): string[] {
  return kinds
    .map((kind) => `${model}.${kind}.json`)
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
