import { stringify } from 'yaml';

export interface AlertOptions {
  /** The label `model` of the metrics. */
  model: string;
  /** Seconds between two looks. */
  interval: number;
}

/** Alert rules over the metrics of `DriftMetrics`, and the unit tests that `promtool test rules` runs. */
export function alertRules({ model, interval }: AlertOptions): string {
  const of = `{model=${quoted(model)}}`;
  // Three looks may fail before silence itself is an alert.
  const stale = interval * 3;
  return stringify(
    {
      groups: [
        {
          name: 'weighbridge-drift',
          rules: [
            {
              alert: 'ModelDrift',
              expr: `ml_drift_alarm${of} == 1`,
              for: seconds(interval),
              labels: { severity: 'page' },
              annotations: {
                summary: 'The answers of {{ $labels.model }} have drifted from its baseline.',
                description:
                  'See which features with weighbridge drift check; roll back if nothing was meant to change.',
              },
            },
            {
              alert: 'ModelProbesFail',
              expr: `ml_probe_success${of} == 0`,
              for: seconds(interval * 2),
              labels: { severity: 'page' },
              annotations: { summary: '{{ $labels.model }} does not answer all its probes.' },
            },
            {
              alert: 'ModelProbesStale',
              expr: `time() - ml_drift_last_look_timestamp_seconds${of} > ${stale}`,
              for: '1m',
              labels: { severity: 'ticket' },
              annotations: { summary: `Nobody has looked at {{ $labels.model }} for ${seconds(stale)}.` },
            },
            {
              alert: 'ModelProbesAbsent',
              expr: `absent(ml_drift_alarm${of})`,
              for: seconds(stale),
              labels: { severity: 'ticket' },
              annotations: { summary: `There are no drift metrics of ${printable(model)}.` },
            },
          ],
        },
      ],
    },
    { lineWidth: 0 },
  );
}

/** @param rulesFile as the tests name it, relative to themselves. */
export function alertTests({ model, interval }: AlertOptions, rulesFile: string): string {
  const of = `{model=${quoted(model)}}`;
  const step = seconds(interval);
  const labels = (severity: string) => ({ severity, model });
  return stringify(
    {
      rule_files: [rulesFile],
      evaluation_interval: step,
      tests: [
        {
          name: 'a drift that stays is told of, one that passes is not',
          interval: step,
          input_series: [
            { series: `ml_drift_alarm${of}`, values: '0 1 0 1 1 1' },
            { series: `ml_probe_success${of}`, values: '1 1 1 1 1 1' },
          ],
          alert_rule_test: [
            { eval_time: seconds(interval * 2), alertname: 'ModelDrift', exp_alerts: [] },
            {
              eval_time: seconds(interval * 5),
              alertname: 'ModelDrift',
              exp_alerts: [
                {
                  exp_labels: labels('page'),
                  exp_annotations: {
                    summary: `The answers of ${model} have drifted from its baseline.`,
                    description:
                      'See which features with weighbridge drift check; roll back if nothing was meant to change.',
                  },
                },
              ],
            },
          ],
        },
        {
          name: 'a model that does not answer is told of',
          interval: step,
          input_series: [{ series: `ml_probe_success${of}`, values: '1 0 0 0 0' }],
          alert_rule_test: [
            {
              eval_time: seconds(interval * 4),
              alertname: 'ModelProbesFail',
              exp_alerts: [
                {
                  exp_labels: labels('page'),
                  exp_annotations: { summary: `${model} does not answer all its probes.` },
                },
              ],
            },
          ],
        },
        {
          name: 'silence is told of',
          interval: step,
          input_series: [{ series: 'something_else', values: '1x10' }],
          alert_rule_test: [
            {
              eval_time: seconds(interval * 5),
              alertname: 'ModelProbesAbsent',
              exp_alerts: [
                {
                  exp_labels: labels('ticket'),
                  exp_annotations: { summary: `There are no drift metrics of ${printable(model)}.` },
                },
              ],
            },
          ],
        },
      ],
    },
    { lineWidth: 0 },
  );
}

/** A string of PromQL. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Braces would be taken for a template of the annotation. */
function printable(text: string): string {
  return text.replaceAll('{{', '{ {').replaceAll('}}', '} }');
}

function seconds(value: number): string {
  return `${Math.max(1, Math.round(value))}s`;
}
