import path from 'node:path';
import { complianceFacts } from '../../engine/complianceFacts.ts';
import { WeighbridgeError } from '../../errors.ts';
import { complianceReport } from '../../report/compliance/complianceReport.ts';
import { complianceHtml } from '../../report/compliance/html.ts';
import { complianceMarkdown } from '../../report/compliance/markdown.ts';
import { jsonText, tool } from '../../report/json.ts';
import type { ServerContext } from '../context.ts';
import type { ComplianceReportOutcome } from '../protocol.ts';
import { describeProgress, type LongWork } from './longWork.ts';

/** Scans every folder of the workspace anew, and writes the report of each in all its forms. */
export async function writeComplianceReport(context: ServerContext, run: LongWork): Promise<ComplianceReportOutcome> {
  const folders = context.folders.all();
  if (folders.length === 0)
    throw new WeighbridgeError('bad-usage', 'Open a folder first: the report is about a workspace.');
  const reports: ComplianceReportOutcome['reports'] = [];
  for (const folder of folders) {
    const at = new Date();
    const scan = await folder.scan(undefined, {
      signal: run.signal,
      onProgress: (progress) => run.report(describeProgress(progress), progress.done, progress.total),
    });
    const { configuration } = folder.scanner;
    const facts = await complianceFacts(scan, folder.path, configuration, at.getTime(), run.signal);
    const report = complianceReport(path.basename(folder.path), facts, at);
    reports.push({
      name: report.name,
      html: complianceHtml(report),
      markdown: complianceMarkdown(report),
      json: jsonText({ schemaVersion: 1, tool, ...report }),
    });
  }
  context.status.started();
  return { reports };
}
