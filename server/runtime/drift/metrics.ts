import { Gauge, Registry, type OpenMetricsContentType } from 'prom-client';
import type { DriftCheck } from './compare.ts';

/** The metrics of looks at one model, in the text form that Prometheus reads. */
export class DriftMetrics {
  readonly #registry: Registry<OpenMetricsContentType>;
  readonly #model: string;
  readonly #drift: Gauge;
  readonly #effect: Gauge;
  readonly #pValue: Gauge;
  readonly #samples: Gauge;
  readonly #alarm: Gauge;
  readonly #look: Gauge;
  readonly #success: Gauge;

  /** @param model the label under which the metrics stand. */
  constructor(model: string) {
    this.#model = model;
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    this.#registry = registry;
    const gauge = (name: string, help: string, ...labelNames: string[]) =>
      new Gauge({ name, help, labelNames: ['model', ...labelNames], registers: [registry] });
    this.#drift = gauge(
      'ml_feature_drift',
      'A statistic of how far answers are from the baseline.',
      'feature',
      'statistic',
    );
    this.#effect = gauge(
      'ml_feature_drift_effect',
      'The size of the change; alarms need it at its floor or above.',
      'feature',
      'statistic',
    );
    this.#pValue = gauge(
      'ml_drift_pvalue',
      'Corrected probability of such a change by chance.',
      'feature',
      'statistic',
    );
    this.#samples = gauge('ml_drift_samples', 'Answers of the last look.');
    this.#alarm = gauge('ml_drift_alarm', '1 when the last look alarmed, else 0.');
    this.#look = gauge('ml_drift_last_look_timestamp_seconds', 'When the model was last asked successfully.');
    this.#success = gauge('ml_probe_success', '1 when all probes of the last look were answered, else 0.');
  }

  record(check: DriftCheck, at: Date): void {
    const model = this.#model;
    this.#drift.reset();
    this.#effect.reset();
    this.#pValue.reset();
    for (const { name, statistic, value, effect, pValue } of check.features) {
      const labels = { model, feature: name, statistic };
      this.#drift.set(labels, value);
      this.#effect.set(labels, effect);
      this.#pValue.set(labels, pValue);
    }
    this.#samples.set({ model }, check.samples.current);
    this.#alarm.set({ model }, check.alarm ? 1 : 0);
    this.#look.set({ model }, at.getTime() / 1000);
    this.#success.set({ model }, 1);
  }

  /** The probes could not all be answered: what is known stays, and its age tells. */
  fail(): void {
    this.#success.set({ model: this.#model }, 0);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
