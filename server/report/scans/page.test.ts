import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bars, curves, histogram } from './page.ts';

/** Labels below a chart: where their middle is, and what they say. */
function below(svg: string): { x: number; label: string }[] {
  const texts = [...svg.matchAll(/<text x="([\d.]+)" y="210"[^>]*>([^<]*)</g)];
  return texts.map(([, x, label]) => ({ x: Number(x), label: label! }));
}

describe('a chart', () => {
  it('of few bars names each, and of many those that have room, and always those that stand out', () => {
    const values = (count: number, marked: number[]) =>
      Array.from({ length: count }, (_, index) => ({ label: String(index), value: 1, marked: marked.includes(index) }));
    const few = below(bars('norms', values(6, [3]), null)).map(({ label }) => label);
    assert.deepEqual(few, ['0', '1', '2', '3 !', '4', '5']);
    const many = below(bars('norms', values(150, [77]), null));
    assert.ok(many.some(({ label }) => label === '77 !'));
    assert.ok(many.length > 10);
    for (const [index, { x, label }] of many.slice(1).entries()) {
      const before = many[index]!;
      // A digit at 11 px is about 7 px wide.
      assert.ok(x - before.x >= (7 * (label.length + before.label.length)) / 2, `${before.label} and ${label} overlap`);
    }
  });

  it('says what its lines mean beside the drawing', () => {
    const threshold = { value: 0.5, label: 'half of the <median>' };
    for (const chart of [
      bars('norms', [{ label: '0', value: 1, marked: true }], threshold),
      histogram('bits', [{ label: 'clean', values: [0.1, 0.9] }], threshold),
    ]) {
      const [drawing = '', keys = ''] = chart.split('</svg><ul class="legend">');
      assert.match(drawing, /<line class="threshold"/);
      assert.doesNotMatch(drawing, /half of/);
      assert.match(keys, /<line class="threshold"[^>]*><\/svg>half of the &lt;median&gt;/);
    }
  });

  it('of curves has a gap where nothing was measured', () => {
    const drawn = curves('accuracy', ['0', '0.1', '0.2', '0.3'], [{ label: 'fgsm', values: [1, null, 0.5, 0.25] }]);
    const [, path = ''] = /<path[^>]* d="([^"]*)"/.exec(drawn) ?? [];
    assert.equal(path.replace(/[\d. ]+/g, ''), 'MML');
    assert.equal(drawn.match(/<circle/g)?.length, 3);
  });
});
