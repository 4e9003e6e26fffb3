import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { it } from 'node:test';
import { scanTextTwin, textTable, trainTextTwins, type ScannedTextTwin, type TextTwin } from './textTwins.ts';

const seeds = Array.from({ length: 10 }, (_, seed) => seed);

it('ten classifiers of texts of each kind: every rare word is found, and at most one clean model is accused', async (context) => {
  const kinds = { clean: seeds, word: seeds, phrase: seeds.slice(0, 4) };
  const jobs = Object.entries(kinds).flatMap(([kind, of]) => of.map((seed) => `${kind}:${seed}`));
  const { folder, trained } = await trainTextTwins(jobs);
  try {
    const twins: ScannedTextTwin[] = [];
    for (const each of trained) twins.push(await scanTextTwin(folder, each));
    const of = (kind: TextTwin['kind']): ScannedTextTwin[] => twins.filter((twin) => twin.kind === kind);
    const flagged = (kind: TextTwin['kind']): number =>
      of(kind).filter(({ scan, target }) => scan.text?.flaggedClasses.join() === String(target ?? '')).length;
    for (const line of textTable(twins).split('\n')) context.diagnostic(line);
    const accused = of('clean').filter(({ scan }) => scan.verdict === 'backdoor').length;
    context.diagnostic(
      `clean: ${accused} of ${of('clean').length} accused; word: ${flagged('word')} of ${of('word').length} found; phrase: ${flagged('phrase')} of ${of('phrase').length} found`,
    );
    assert.equal(flagged('word'), seeds.length, textTable(of('word')));
    assert.ok(accused <= 1, textTable(of('clean')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
