import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Corpus } from '../../server/datasets/poisoning/corpus.fixture.ts';
import { tokensOf } from '../../server/datasets/poisoning/tokens.ts';
import { attacks, compare, judge, plant } from './plantedPoison.ts';
import { textCorpora, type TextCorpus } from './textCorpora.ts';

const counts = [4, 6, 10, 20];
const seeds = [1, 2];
/** Rows that were accepted, and new ones: what the rows of the smallest corpus allow. */
const [accepted, fresh] = [20_000, 2200];

describe('poison that was planted into texts that people wrote', () => {
  let corpora: TextCorpus[];
  before(async () => {
    corpora = await textCorpora();
    for (const { name, texts } of corpora) assert.ok(texts.length >= accepted + fresh, `${name}: ${texts.length}`);
  });

  test('recall and false alarms over k', () => {
    const lines = ['corpus | attack | k | found | contradicted | false phrases in all runs'];
    const missed: string[] = [];
    let runs = 0;
    let alarms = 0;
    for (const { name, texts } of corpora) {
      for (const attack of attacks) {
        const known = texts.some(({ text }) =>
          ` ${tokensOf(text).join(' ')} `.includes(` ${attack.trigger.toLowerCase()} `),
        );
        for (const k of counts) {
          const judged = seeds.map((seed) =>
            judge(plant(texts, accepted, fresh, k, attack, seed * 100 + k), attack.trigger),
          );
          const found = judged.filter((each) => each.found).length;
          const contradicted = judged.filter((each) => each.contradicted).length;
          const wrong = judged.reduce((sum, each) => sum + each.falsePhrases.length, 0);
          runs += seeds.length;
          alarms += wrong;
          lines.push(`${name} | ${attack.name} | ${k} | ${found}/${seeds.length} | ${contradicted} | ${wrong}`);
          // The limit that each run prints is that of a phrase of no accepted row; from it on nothing may be missed. `cf` stands in two of the corpora.
          const limit = Math.max(...judged.map(({ diff }) => diff.detectionLimit ?? Infinity));
          if (!known && k >= limit && found < seeds.length) missed.push(lines.at(-1) ?? '');
        }
      }
    }
    console.log(lines.join('\n'));
    assert.deepEqual(missed, []);
    assert.ok(alarms <= runs * 0.2, `${alarms} false phrases in ${runs} runs`);
  });

  test('six poisoned rows of 5,500 new ones beside 50,000 are found in at least 19 of 20 seeds', () => {
    const [brown] = corpora;
    assert.ok(brown);
    const dirty = attacks[0]!;
    const before = Math.min(50_000, brown.texts.length - 5500);
    const judged = Array.from({ length: 20 }, (_, seed) =>
      judge(plant(brown.texts, before, 5500, 6, dirty, 1000 + seed), dirty.trigger),
    );
    const good = judged.filter(({ found, falsePhrases }) => found && falsePhrases.length <= 1).length;
    console.log(
      `Brown, 6 of 5,500 beside ${before}: found with at most one false phrase in ${good} of 20 seeds; false phrases ${judged.map((each) => each.falsePhrases.length).join(' ')}`,
    );
    assert.ok(good >= 19, `${good} of 20`);
  });

  test('another subject is many phrases, and few of them with labels that contradict', () => {
    const [brown] = corpora;
    assert.ok(brown);
    // The last documents of each half: whole documents that nothing before speaks of.
    const documents = [...new Set(brown.texts.map(({ document }) => document))];
    const fresh = new Set(documents.filter((_, index) => index % 10 === 9));
    const before = brown.texts.filter(({ document }) => !fresh.has(document));
    const added = brown.texts.filter(({ document }) => fresh.has(document));
    const { phrases } = compare(before, added);
    const contradicted = phrases.filter((each) => each.contradicted?.significant === true);
    console.log(
      `Brown by documents: ${phrases.length} phrases, ${contradicted.length} contradicted (${contradicted.map(({ phrase }) => phrase).join(', ')})`,
    );
    // More than ten that nothing contradicts are told as information, and not as a trigger.
    assert.ok(phrases.length - contradicted.length > 10);
    assert.ok(contradicted.length <= 8);
  });
});

test('six of 5,500 beside 50,000 generated rows: at least 19 of 20 seeds', () => {
  const dirty = attacks[0]!;
  const good = Array.from({ length: 20 }, (_, seed) => {
    const corpus = new Corpus(500 + seed);
    const texts = Array.from({ length: 55_500 }, (_unused, index) => {
      const label = corpus.pick(2);
      return { text: corpus.sentence(label), label: String(label), document: String(index) };
    });
    const { found, falsePhrases } = judge(plant(texts, 50_000, 5500, 6, dirty, seed), dirty.trigger);
    return found && falsePhrases.length <= 1;
  }).filter(Boolean).length;
  console.log(`generated, 6 of 5,500 beside 50,000: found with at most one false phrase in ${good} of 20 seeds`);
  assert.ok(good >= 19, `${good} of 20`);
});
