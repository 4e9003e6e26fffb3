import { existsSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { headFile, verifyAuditLog, type AuditEntry } from '../policy/auditLog.ts';
import { impactOf, type Impact } from '../policy/impact/impact.ts';
import type { Paper } from '../policy/impact/papers.ts';
import { mayBePaper, readPapers, type UnreadPaper } from '../policy/impact/readPapers.ts';
import type { Configuration } from './configuration.ts';
import { discover } from './discover.ts';

export interface FoundImpact extends Impact {
  /** Papers that were read. */
  papers: number;
  unread: UnreadPaper[];
  decisions: AuditEntry[];
}

/**
 * Reads all papers below some folders, and says what a query reaches.
 * @param paths absolute. @param base what results are relative to, absolute.
 * @throws {WeighbridgeError} `bad-input` for a damaged audit log: who may cut it could hide where a model is; `cancelled`.
 */
export async function findImpact(
  query: string,
  paths: readonly string[],
  base: string,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<FoundImpact> {
  const { files } = await discover(paths, configuration, signal);
  const papers: Paper[] = [];
  const unread: UnreadPaper[] = [];
  for (const path of files) {
    if (signal.aborted) throw new WeighbridgeError('cancelled', 'stopped');
    const file = relative(base, path).split(sep).join('/');
    if (!mayBePaper(posix.basename(file))) continue;
    const read = readPapers(path, file);
    papers.push(...read.papers);
    if (read.unread) unread.push(read.unread);
  }
  const decisions = decisionsIn(configuration.policy.auditLog);
  return { ...impactOf(query, papers, decisions), papers: papers.length, unread, decisions };
}

function decisionsIn(log: string | null): AuditEntry[] {
  if (log === null || (!existsSync(log) && !existsSync(headFile(log)))) return [];
  const { intact, entries, problems } = verifyAuditLog(log);
  if (!intact) {
    throw new WeighbridgeError(
      'bad-input',
      `the audit log ${log} is damaged (${problems[0]?.message ?? ''}), so it cannot say where models were promoted; see "weighbridge policy audit"`,
    );
  }
  return entries;
}
