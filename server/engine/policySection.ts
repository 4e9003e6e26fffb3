import { resolve } from 'node:path';
import type { Plain } from './configurationCheck.ts';
import { record } from './plain.ts';

/** Where a repository keeps what its gates need; absolute paths, null where nothing is said. */
export interface PolicySettings {
  /** Folder of the workspace's own policies. */
  folder: string | null;
  /** YAML file of accepted exceptions. */
  exceptions: string | null;
  /** Folder of recorded approvals. */
  approvals: string | null;
  /** Folder of recorded evidence: results of scans and tests that were made elsewhere. */
  evidence: string | null;
  /** YAML file that says who has which role. */
  roles: string | null;
  /** The log that decisions are appended to; null for none. */
  auditLog: string | null;
}

export const noPolicySettings: PolicySettings = {
  folder: null,
  exceptions: null,
  approvals: null,
  evidence: null,
  roles: null,
  auditLog: null,
};

/** Decisions of a repository that has a configuration are recorded unless it says otherwise. */
const usualLog = '.weighbridge/decisions.jsonl';

/** The settings of a section that was checked against its shape. */
export function policySettingsOf(section: Plain, folder: string): PolicySettings {
  const fields = record(section);
  const path = (key: string): string | null => {
    const value = fields[key];
    return typeof value === 'string' && value !== '' ? resolve(folder, value) : null;
  };
  return {
    folder: path('folder'),
    exceptions: path('exceptions'),
    approvals: path('approvals'),
    evidence: path('evidence'),
    roles: path('roles'),
    auditLog: path('audit-log') ?? resolve(folder, usualLog),
  };
}
