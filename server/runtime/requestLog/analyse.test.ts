import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomFrom } from '../../statistics/random.ts';
import { MemorySource } from '../../formats/source.ts';
import { analyseLog } from './analyse.ts';
import { recordOf } from './record.ts';
import { WindowCounts } from './windows.ts';

const minute = 60_000;
const start = Date.parse('2026-03-01T08:00:00Z');
const random = randomFrom(3);
const digest = (text: string) => Buffer.from(text.padEnd(16, '.')).toString('hex');

interface Entry {
  minute: number;
  client: string;
  output?: string;
  violations?: string[];
}

function line({ minute: at, client, output = `out-${Math.floor(random() * 1e9)}`, violations = [] }: Entry): string {
  return JSON.stringify({
    time: new Date(start + at * minute + Math.floor(random() * minute)).toISOString(),
    client,
    model: 'churn',
    input_hash: `sha256:${digest(`in-${Math.floor(random() * 1e9)}`)}`,
    output_hash: digest(output),
    latency_ms: 20 * random(),
    violations,
  });
}

/** Two hours of twenty clients, each with a rate of its own; one in a hundred requests breaks a rule, one in fifty gets the common refusal. */
function ordinary(): string[] {
  const lines: string[] = [];
  for (let at = 0; at < 120; at++) {
    for (let client = 0; client < 20; client++) {
      const requests = Math.floor(random() * (2 + client / 2));
      for (let request = 0; request < requests; request++) {
        lines.push(
          line({
            minute: at,
            client: `client-${client}`,
            ...(random() < 0.02 ? { output: 'refusal' } : {}),
            violations: random() < 0.01 ? ['prompt-injection'] : [],
          }),
        );
      }
    }
  }
  return lines;
}

const analyse = (lines: string[]) => analyseLog(new MemorySource(Buffer.from(lines.join('\n'))), { windowMs: minute });

describe('an inference log', () => {
  it('has nothing to tell of while all goes its usual way', () => {
    for (let run = 0; run < 20; run++) {
      const { findings, records, clients } = analyse(ordinary());
      assert.ok(records > 3000);
      assert.equal(clients, 20);
      assert.deepEqual(findings, []);
    }
  });

  it('shows a client whose rate leaps, one that is new, and not the others', () => {
    const lines = ordinary();
    for (let request = 0; request < 90; request++) {
      lines.push(line({ minute: 61, client: 'client-3' }), line({ minute: 80, client: 'stranger' }));
    }
    const { findings } = analyse(lines);
    assert.deepEqual(
      findings.map(({ kind, client, from }) => [kind, client, from]),
      [
        ['rate', 'client-3', '2026-03-01T09:01:00.000Z'],
        ['rate', 'stranger', '2026-03-01T09:20:00.000Z'],
      ],
    );
    assert.match(
      findings[0]?.message ?? '',
      /client-3 asked 9\d times in this window, and usually \d times\. Limit the rate/,
    );
  });

  it('shows an answer that repeats where it did not, and violations that come in a burst', () => {
    const lines = ordinary();
    for (let request = 0; request < 40; request++) {
      lines.push(line({ minute: 30, client: `client-${request % 20}`, output: 'stuck' }));
      lines.push(
        line({ minute: 90, client: `client-${request % 20}`, ...(request < 15 ? { violations: ['jailbreak'] } : {}) }),
      );
    }
    const { findings } = analyse(lines);
    assert.deepEqual(findings.map(({ kind }) => kind).sort(), ['repeated-output', 'violations']);
    assert.match(findings.find(({ kind }) => kind === 'violations')?.message ?? '', /^Filters found 1\d violations/);
  });

  it('tells of lines that are none, with their numbers and without what they hold, and goes on', () => {
    const broken = [
      'not json with a secret',
      '[]',
      '{"time":"yesterday"}',
      line({ minute: 1, client: 'x' }).replace(/"client":"x",/, ''),
      line({ minute: 1, client: 'x' }).replace(/"output_hash":"[^"]*"/, '"output_hash":"the answer in plain text"'),
      line({ minute: 1, client: 'x' }).replace(/"latency_ms":[^,]*/, '"latency_ms":-1'),
      line({ minute: 1, client: 'x' }).replace(/"violations":\[\]/, '"violations":"none"'),
      '',
    ];
    const { findings, records, malformed } = analyse([...broken, line({ minute: 1, client: 'fine' })]);
    assert.equal(records, 1);
    assert.equal(malformed, 7);
    assert.deepEqual(
      findings.map(({ line: number }) => number),
      [1, 2, 3, 4, 5, 6, 7],
    );
    assert.doesNotMatch(JSON.stringify(findings), /secret|plain text/);
    assert.equal(analyse([]).records, 0);
  });

  it('takes no time without its offset: it would be another moment on another machine', () => {
    const at = (time: string) =>
      recordOf(line({ minute: 1, client: 'x' }).replace(/"time":"[^"]*"/, `"time":"${time}"`));
    assert.equal(at('2026-03-01T08:00:00'), '"time" is no RFC 3339 time');
    assert.equal(at('2026-03-01 08:00:00'), '"time" is no RFC 3339 time');
    for (const time of ['2026-03-01T08:00:00Z', '2026-03-01T10:00:00.000+02:00', '2026-03-01 03:00:00-05:00']) {
      const record = at(time);
      assert.ok(typeof record !== 'string', time);
      assert.equal(record.time, start);
    }
  });

  it('keeps no more counts than its limit, and says how many requests it left out', () => {
    const counts = new WindowCounts(10, 10, 3);
    for (const window of [1, 2]) for (const key of ['a', 'b']) counts.add(window, key);
    counts.add(1, 'a');
    assert.equal(counts.dropped, 1);
    assert.deepEqual([counts.count(1, 'a'), counts.count(2, 'a'), counts.count(2, 'b')], [2, 1, 0]);
    const lines = Array.from({ length: 20_050 }, (_, index) => line({ minute: index, client: 'one' }));
    assert.equal(analyse(lines).notCounted, 50, 'windows are limited too');
  });
});
