import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { it } from 'node:test';
import { scanTwin, stripLine, tableOf, trainTwins, type Twin, type TwinKind } from './backdoorTwins.ts';

const kinds: TwinKind[] = ['clean', 'patch', 'blend', 'warp', 'cleanlabel', 'alltoall'];
const seeds = Array.from({ length: 10 }, (_, seed) => seed);

it('ten models of each kind: every patch is found, and at most one clean model is accused', async (context) => {
  const { folder, trained } = await trainTwins(kinds.flatMap((kind) => seeds.map((seed) => `${kind}:${seed}`)));
  try {
    const twins: Twin[] = [];
    for (const each of trained) twins.push(await scanTwin(folder, each));
    const of = (kind: TwinKind): Twin[] => twins.filter((twin) => twin.kind === kind);
    const flagged = (kind: TwinKind): number => of(kind).filter(({ scan }) => scan.verdict === 'backdoor').length;
    const summary = kinds.map((kind) => {
      const unsure = of(kind).filter(({ scan }) => scan.verdict === 'inconclusive').length;
      return `${kind.padEnd(12)} ${flagged(kind)} of ${of(kind).length} flagged, ${unsure} inconclusive`;
    });
    for (const line of [...tableOf(twins).split('\n'), ...summary, stripLine(twins)]) context.diagnostic(line);
    assert.equal(flagged('patch'), seeds.length, tableOf(of('patch')));
    assert.ok(flagged('clean') <= 1, tableOf(of('clean')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
