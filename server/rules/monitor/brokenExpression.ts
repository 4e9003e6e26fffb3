import { itemsAt, leafAt, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigLeaf, TextRange } from '../../formats/text/facts.ts';
import { promqlBreak, type PromqlBreak } from '../../formats/text/promql.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { alertMappings } from './mappings.ts';

export const brokenExpression = defineRule({
  subject: 'text',
  meta: {
    id: 'monitor/broken-expression',
    title: 'An expression of Prometheus breaks its grammar',
    severity: 'error',
    description:
      'The `expr` of an alerting or recording rule (a rules file, or a PrometheusRule) is no PromQL, by the grammar that the editor of Prometheus itself uses. What a template fills in (`{{ }}`, `$name`) is not judged; nor is whether functions and metrics exist.',
    why: 'Prometheus refuses the whole file for one such expression, and an operator the whole object: none of its alerts rings, and what the model does is not watched.',
    howToFix: 'Repair the expression at the place that the finding names. `promtool check rules FILE` checks the file.',
    avoid: [
      {
        file: 'alerts.yaml',
        text: 'groups:\n  - name: model\n    rules:\n      - alert: Drift\n        expr: max_over_time(ml_feature_drift[30m) > 0.2\n        for: 30m\n      - alert: DriftGone\n        expr: absent(ml_feature_drift)\n        for: 15m\n',
      },
    ],
    prefer: [
      {
        file: 'alerts.yaml',
        text: 'groups:\n  - name: model\n    rules:\n      - record: ml:errors:rate5m\n        expr: |\n          # Of all replicas.\n          sum by (model) (rate(ml_errors_total{code=~"5.."}[5m]))\n            / on (model) group_left sum by (model) (rate(ml_requests_total[5m]))\n      - alert: Drift\n        expr: max_over_time(ml_feature_drift[30m]) > 0.2\n        for: 30m\n      - alert: DriftGone\n        expr: absent(ml_feature_drift)\n        for: 15m\n',
      },
      {
        file: 'templates/alerts.yaml',
        text: 'groups:\n  - name: model\n    rules:\n      - alert: Up\n        expr: up{job="$job"} == {{ .Values.limit }}\n        for: 5m\n',
        note: 'A template fills it in.',
      },
    ],
    ...alertMappings,
    since: '0.1.0',
  },
  check(text, report) {
    for (const document of documentsOf(text, 'prometheus-rules')) {
      for (const group of itemsAt(nodeAt(document, 'spec') ?? document, 'groups')) {
        for (const rule of itemsAt(group, 'rules')) {
          const expression = leafAt(rule, 'expr');
          if (typeof expression?.value !== 'string' || /\{\{|\{%|\[\[|\$\{?[A-Za-z_]/.test(expression.value)) continue;
          const broken = promqlBreak(expression.value);
          if (broken === null) continue;
          const name = textAt(rule, 'alert') ?? textAt(rule, 'record') ?? 'a rule';
          report({
            message: `The expression of ${quoted(name)} is no PromQL ${broken.found === '' ? 'where it ends' : `at ${quoted(broken.found)}`}: Prometheus refuses the whole file, and none of its alerts rings.`,
            location: placeOf(placeIn(expression, broken)),
            evidence: { rule: name, offset: broken.offset, found: broken.found },
          });
        }
      }
    }
  },
});

/** The place of a break, where the text stands in one line as it is; otherwise the whole expression. */
function placeIn({ innerRange, source, value, style }: ConfigLeaf, { offset, found }: PromqlBreak): TextRange {
  const { line, column, endLine, endColumn } = innerRange;
  if (line !== endLine || source !== value || style === 'block') return innerRange;
  const from = Math.min(column + offset, Math.max(column, endColumn - 1));
  return { line, column: from, endLine, endColumn: Math.min(Math.max(from + found.length, from + 1), endColumn) };
}
