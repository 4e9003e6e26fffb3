import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { backdoorJob, samplesAt } from '../../server/scans/backdoorJob.fixture.ts';
import { runScan } from '../../server/scans/process/scanProcess.ts';
import { judgeNorms } from '../../server/scans/detectors/neuralCleanse.ts';
import { schedules } from '../../server/scans/detectors/schedule.ts';
import { trainTwins } from './backdoorTwins.ts';
import { runPython } from './python.ts';

it('Neural Cleanse comes to the verdict of the same in PyTorch', async (context) => {
  const { folder, trained } = await trainTwins(['clean:0', 'patch:0']);
  const { steps, batches, initialCost, patience, stopPatience } = schedules.thorough;
  try {
    for (const { name, kind, target } of trained) {
      const rules = [steps, batches, initialCost, patience, stopPatience].map(String);
      const answer = await runPython('neuralCleanse.py', [folder, name, ...rules]);
      const { norms, seconds } = JSON.parse(answer) as { norms: (number | null)[]; seconds: number };
      const none = { mask: new Float32Array(0), pattern: new Float32Array(0), successRate: 1 };
      const theirs = judgeNorms(new Map(norms.map((norm, label) => [label, norm === null ? null : { ...none, norm }])));
      const samples = samplesAt(path.join(folder, 'samples.npz'), { range: [0, 1] });
      const job = backdoorJob(path.join(folder, `${name}.onnx`), samples, {
        ...{ methods: ['neural-cleanse'], schedule: 'thorough', threads: 1 },
      });
      const scan = await runScan('backdoor', job);
      const ours = scan.neuralCleanse!;
      context.diagnostic(
        `${name}: index ${ours.anomalyIndex?.toFixed(2)} (PyTorch ${theirs.anomalyIndex?.toFixed(2)}), ratio ${ours.normRatio?.toFixed(2)} (${theirs.normRatio?.toFixed(2)}), time ${(scan.durationMs / 1000 / seconds).toFixed(2)} of PyTorch's`,
      );
      // Both begin at random: norms differ, and what they say of the model must not.
      for (const judged of [ours, theirs]) {
        if (kind === 'clean') assert.deepEqual(judged.flaggedClasses, [], name);
        else assert.deepEqual(judged.suspiciousClasses, [target], name);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
