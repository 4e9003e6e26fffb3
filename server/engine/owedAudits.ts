import { dirname, posix, relative, resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { openAudits } from '../policy/evidence/audits.ts';
import type { AuditEvidence } from '../policy/evidence/document.ts';
import type { OwedAudit } from '../rules/directory.ts';
import type { Configuration } from './configuration.ts';
import { slashes } from './gitignore.ts';

/**
 * Which audits the models of a folder owe, by the log of decisions.
 * @param base absolute. @param now milliseconds. @param onError told when the log is damaged: who may cut it could hide a debt.
 * @returns from a folder and the models in it, relative to the base.
 */
export function owedAudits(
  base: string,
  { file, policy: { auditLog } }: Configuration,
  now: number,
  onError: (path: string, message: string) => void,
): (folder: string, artifacts: readonly string[]) => OwedAudit[] {
  let open: AuditEvidence[] = [];
  try {
    open = openAudits(auditLog, now);
  } catch (error) {
    if (!(error instanceof WeighbridgeError) || auditLog === null) throw error;
    onError(slashes(relative(base, auditLog)), error.message);
  }
  const owing = new Map<string, OwedAudit[]>();
  // Gates are run from where the configuration stands, and write models as they were named there.
  const top = file === null ? base : dirname(file);
  for (const { model, id, due, overdue } of open) {
    const path = posix.normalize(slashes(relative(base, resolve(top, model)))) || '.';
    owing.set(path, [...(owing.get(path) ?? []), { id, due, overdue }]);
  }
  return (folder, artifacts) =>
    owing.size === 0 ? [] : [folder, ...artifacts].flatMap((path) => owing.get(path) ?? []);
}
