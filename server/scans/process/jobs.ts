import { scanForBackdoors, type BackdoorJob, type BackdoorScan } from '../backdoor.ts';
import { compareBehaviour, type RegressionJob, type RegressionScan } from '../regression.ts';
import { testRobustness, type RobustnessJob, type RobustnessScan } from '../robustness.ts';
import { embedTexts, type EmbedJob, type Embedded } from '../embedding/embedTexts.ts';
import { scoreRows, type ScoredRows, type ScoreRowsJob } from '../rowScores/scoreRows.ts';
import { answerProbes, type AnswerJob, type ModelAnswers } from '../answerProbes.ts';
import { describeModel, type DescribeJob, type ModelDescription } from './describeModel.ts';
import type { ScanKind, ScanOrder, ScanProgress } from './protocol.ts';

/** Every scan: what it is told, and what it answers. */
export interface ScanJobs {
  answer: { job: AnswerJob; result: ModelAnswers };
  describe: { job: DescribeJob; result: ModelDescription };
  embed: { job: EmbedJob; result: Embedded };
  scoreRows: { job: ScoreRowsJob; result: ScoredRows };
  backdoor: { job: BackdoorJob; result: BackdoorScan };
  robustness: { job: RobustnessJob; result: RobustnessScan };
  regression: { job: RegressionJob; result: RegressionScan };
}

/** Where a scan tells how far it is. */
export interface ScanReporter {
  progress(progress: ScanProgress): void;
  partial(partial: unknown): void;
}

type Runner<K extends ScanKind> = (job: ScanJobs[K]['job'], reporter: ScanReporter) => Promise<ScanJobs[K]['result']>;

const runners: { [K in ScanKind]: Runner<K> } = {
  answer: answerProbes,
  describe: describeModel,
  embed: embedTexts,
  scoreRows,
  backdoor: scanForBackdoors,
  robustness: testRobustness,
  regression: compareBehaviour,
};

export function runJob({ kind, job }: ScanOrder, reporter: ScanReporter): Promise<unknown> {
  return (runners[kind] as Runner<ScanKind>)(job, reporter);
}
