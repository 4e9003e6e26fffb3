import assert from 'node:assert/strict';
import type { MutationReport } from './mutationRun.ts';

/** What no damage may do: make a reader throw, silence a dangerous call, pass unnoticed, or take more than 200 MB. */
export function checkMutations(report: MutationReport): void {
  console.log(
    `${report.subjects} files, ${report.copies} copies, peak memory ${Math.round(report.peakMemory / 2 ** 20)} MB`,
  );
  assert.deepEqual(report.thrown.slice(0, 5), [], `${report.thrown.length} copies made a reader or a rule throw`);
  assert.deepEqual(report.silent.slice(0, 20), [], `${report.silent.length} copies hid a dangerous call`);
  assert.deepEqual(report.unnoticed.slice(0, 20), [], `${report.unnoticed.length} cut files raised nothing`);
  assert.ok(report.peakMemory < 200 * 2 ** 20, `peak memory was ${report.peakMemory} bytes`);
}
