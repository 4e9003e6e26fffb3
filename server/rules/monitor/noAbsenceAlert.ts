import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { quoted } from '../place.ts';
import { alertsIn } from './alerts.ts';
import { alertMappings } from './mappings.ts';

export const noAbsenceAlert = defineRule({
  subject: 'text',
  meta: {
    id: 'monitor/no-absence-alert',
    title: 'Nobody is told when a model is not watched any more',
    severity: 'info',
    description:
      'Alerting rules of Prometheus speak of metrics of a model, and none of the file asks whether they are there (`absent`, `absent_over_time`, `up == 0`). Once a file.',
    why: 'When the exporter dies or the job is renamed, every limit is kept for ever: the model drifts, and nothing rings.',
    howToFix: 'Add a rule with `absent(METRIC)`, with a `for` that is longer than a restart takes.',
    avoid: [
      {
        file: 'alerts.yaml',
        text: 'groups:\n  - name: model\n    rules:\n      - alert: Drift\n        expr: ml_feature_drift > 0.2\n        for: 30m\n',
      },
    ],
    prefer: [
      {
        file: 'alerts.yaml',
        text: 'groups:\n  - name: model\n    rules:\n      - alert: Drift\n        expr: ml_feature_drift > 0.2\n        for: 30m\n      - alert: DriftGone\n        expr: absent(ml_feature_drift)\n        for: 15m\n',
      },
      {
        file: 'node.yaml',
        text: 'groups:\n  - name: node\n    rules:\n      - alert: DiskFull\n        expr: node_filesystem_avail_bytes < 1e9\n        for: 30m\n',
        note: 'Not about a model.',
      },
    ],
    ...alertMappings,
  },
  check(text, report) {
    const alerts = alertsIn(text);
    const [first] = alerts;
    if (!first || /\babsent(?:_over_time)?\s*\(|\bup\s*(?:\{[^}]*\})?\s*(?:==|<)/.test(text.text)) return;
    report({
      message: `Alerts speak of metrics of a model (${quoted(first.metric)}), and none asks whether they are there: when they stop, nothing rings. Add one with absent(...).`,
      location: placeOf(first.expression.innerRange),
      evidence: { metric: first.metric },
    });
  },
});
