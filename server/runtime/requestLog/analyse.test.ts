import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomFrom } from '../../datasets/statistics/random.ts';
import { MemorySource } from '../../formats/source.ts';
import { analyseLog } from './analyse.ts';

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
});
