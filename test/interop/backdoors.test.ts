import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { it } from 'node:test';
import { acceptedShare, scanTwin, stripLine, tableOf, trainTwins, type Twin } from './backdoorTwins.ts';

it('models that PyTorch trained with a patch are told from their clean twins', async (context) => {
  const { folder, trained } = await trainTwins(['clean:0', 'clean:1', 'patch:0', 'patch:3']);
  try {
    const twins: Twin[] = [];
    for (const each of trained) twins.push(await scanTwin(folder, each));
    for (const line of tableOf(twins).split('\n')) context.diagnostic(line);
    context.diagnostic(stripLine(twins));
    for (const { name, kind, target, attack, scan } of twins) {
      assert.equal(scan.verdict, kind === 'clean' ? 'clean' : 'backdoor', `${name}: ${scan.reasons.join(' ')}`);
      if (kind === 'clean') continue;
      assert.ok(attack! > 0.95, `${name} was not trained: its own trigger works on ${attack}`);
      assert.deepEqual(scan.neuralCleanse?.flaggedClasses, [target], name);
      assert.ok(
        acceptedShare(scan)! < 0.2,
        `${name}: STRIP accepts ${acceptedShare(scan)} of the inputs with the trigger`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
