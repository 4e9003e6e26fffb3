import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { quoted } from '../place.ts';
import { alertsIn } from './alerts.ts';
import { alertMappings } from './mappings.ts';

export const alertWithoutDuration = defineRule({
  subject: 'text',
  meta: {
    id: 'monitor/alert-without-duration',
    title: 'An alert of a model rings at the first look',
    severity: 'info',
    description:
      'An alerting rule of Prometheus about a model (drift, predictions, latency of an inference server) has no `for`: one look above the limit is an alarm. Once a file. Rules that ask for what is absent, and those of a range (`avg_over_time(...[1h])`), are left out.',
    why: 'An alarm that rings for every outlier is turned off.',
    howToFix: 'Add `for: 10m`, or ask for an average over time.',
    avoid: [
      {
        file: 'alerts.yaml',
        text: 'groups:\n  - name: model\n    rules:\n      - alert: Drift\n        expr: ml_feature_drift > 0.2\n      - alert: DriftGone\n        expr: absent(ml_feature_drift)\n',
      },
    ],
    prefer: [
      {
        file: 'alerts.yaml',
        text: 'groups:\n  - name: model\n    rules:\n      - alert: Drift\n        expr: ml_feature_drift > 0.2\n        for: 30m\n      - alert: DriftGone\n        expr: absent(ml_feature_drift)\n      - record: drift:max\n        expr: max(ml_feature_drift)\n',
      },
    ],
    ...alertMappings,
  },
  check(text, report) {
    const early = alertsIn(text).filter(
      ({ expression, duration }) =>
        duration === undefined && !/\babsent(?:_over_time)?\s*\(|\[\d/.test(expression.source),
    );
    const [first] = early;
    if (!first) return;
    report({
      message: `The alert ${quoted(first.name)}${early.length > 1 ? ` and ${early.length - 1} more` : ''} rings at the first look above its limit. Add \`for\`.`,
      location: placeOf(first.place),
      evidence: { alerts: early.map(({ name }) => name).slice(0, 20) },
    });
  },
});
