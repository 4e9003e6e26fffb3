import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promqlBreak } from './promql.ts';

test('expressions that Prometheus takes', () => {
  for (const expression of [
    'up == 0',
    'rate(http_requests_total{job="a",code=~"5.."}[5m]) > 0.5',
    'sum by (job) (rate(a[1m])) / on(job) group_left sum(b)',
    'quantile_over_time(0.9, x[1h:5m]) offset -5m',
    'x @ end() and y unless on (job) z',
    'label_replace(up, "a", "$1", "b", "(.*)")',
    '{__name__="ml:drift:max"} > Inf',
    '\n  # why\n  sum(x)\n   > bool 3\n',
  ])
    assert.equal(promqlBreak(expression), null, expression);
});

test('where others break', () => {
  const cases: [expression: string, offset: number, found: string][] = [
    ['rate(x[5m)', 9, ')'],
    ['x > > 2', 4, '>'],
    ['x{a=b}', 4, 'b}'],
    ['sum x by (y)', 4, 'x'],
    ['rate(x[5m]', 10, ''],
    ['', 0, ''],
  ];
  for (const [expression, offset, found] of cases)
    assert.deepEqual(promqlBreak(expression), { offset, found }, expression);
});

test('any nesting and any length end', () => {
  for (const unit of ['(', '{a="', 'sum(', '-', '[', 'a+', '"', ')', 'x[5m:', '#\n', '\0', '\u{1F600}']) {
    const text = unit.repeat(60_000 / unit.length);
    const broken = promqlBreak(text);
    assert.ok(broken === null || (broken.offset >= 0 && broken.offset <= text.length));
  }
  assert.equal(promqlBreak('('.repeat(100_000)), null, 'too long to be read');
});
