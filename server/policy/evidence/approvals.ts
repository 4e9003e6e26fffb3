import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { TrustGlobs } from '../../engine/trustGlobs.ts';
import type { Configuration } from '../../engine/configuration.ts';
import { entriesOf } from '../../files/folderEntries.ts';
import type { Json } from '../../formats/facts.ts';
import { endOf } from '../../rules/policy/expiry.ts';
import type { Roles } from '../roles.ts';
import { fieldsOf, readYamlDocument, textOf } from '../yamlDocument.ts';
import type { ApprovalEvidence } from './document.ts';

/**
 * Approvals are files that people commit: `{gate, digest, approver, reason, expires}`. One that has a signature beside it
 * (`weighbridge sign APPROVAL`) counts only if the trust policy knows who signed.
 * @param digests of the model, bare hexadecimal.
 */
export async function readApprovals(
  { policy: { approvals: folder }, ...configuration }: Configuration,
  digests: ReadonlySet<string>,
  roles: Roles,
  now: number,
): Promise<ApprovalEvidence[]> {
  if (folder === null || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const files = entriesOf(folder)
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
  const found: ApprovalEvidence[] = [];
  for (const file of files) {
    const fields = fieldsOf(readYamlDocument(file));
    const signature = `${file}.sig`;
    const isSigned = existsSync(signature);
    const signatureProblem = isSigned ? await signatureProblemOf(file, signature, configuration) : null;
    const approver = textOf(fields['approver']) ?? '';
    const problem = problemOf(fields, digests, now) ?? signatureProblem;
    found.push({
      file: relative(configuration.folder, file).replaceAll('\\', '/'),
      gate: textOf(fields['gate']) ?? '',
      approver,
      roles: roles.of(approver),
      reason: textOf(fields['reason']) ?? '',
      valid: problem === null,
      problem,
      attestation: isSigned ? 'signed' : 'recorded',
    });
  }
  return found;
}

function problemOf(fields: Record<string, Json>, digests: ReadonlySet<string>, now: number): string | null {
  for (const name of ['gate', 'approver', 'reason', 'digest', 'expires']) {
    if (textOf(fields[name]) === null) return `it lacks "${name}"`;
  }
  const expires = endOf(textOf(fields['expires']) ?? '');
  if (Number.isNaN(expires)) return 'it expires on no date';
  if (expires < now) return `it expired on ${textOf(fields['expires'])}`;
  const digest = (textOf(fields['digest']) ?? '').replace(/^sha256:/, '').toLowerCase();
  return digests.has(digest) ? null : 'it is about another model, or an older version of this one';
}

async function signatureProblemOf(
  file: string,
  signature: string,
  configuration: Omit<Configuration, 'policy'>,
): Promise<string | null> {
  const { trustsOf } = await import('../../signing/trustPolicyFiles.ts');
  const { verifyModel } = await import('../../signing/verifyModel.ts');
  const { folder, trustPolicy } = configuration;
  const globs = await TrustGlobs.of(configuration as Configuration, folder);
  const entry = globs.entryForFile(relative(folder, file).replaceAll('\\', '/'));
  if (entry === null) return 'it is signed, and weighbridge.yaml trusts nobody to sign it';
  const { trusts } = await trustsOf(trustPolicy, entry);
  const result = await verifyModel({ model: file, signature, trust: trusts });
  return result.verified ? null : `its signature does not hold: ${result.reason ?? 'unknown'}`;
}
