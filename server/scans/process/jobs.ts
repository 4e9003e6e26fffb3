import { describeModel, type DescribeJob, type ModelDescription } from './describeModel.ts';
import type { ScanOrder, ScanProgress } from './protocol.ts';

/** Every scan: what it is told, and what it answers. */
export interface ScanJobs {
  describe: { job: DescribeJob; result: ModelDescription };
}

/** Where a scan tells how far it is. */
export interface ScanReporter {
  progress(progress: ScanProgress): void;
  partial(partial: unknown): void;
}

export function runJob(order: ScanOrder, reporter: ScanReporter): Promise<ScanJobs[keyof ScanJobs]['result']> {
  void reporter;
  return describeModel(order.job);
}
