import { Counter, Histogram, Registry, type OpenMetricsContentType } from 'prom-client';

/** What Prometheus is told of the service. */
export class ServiceMetrics {
  readonly #registry = new Registry<OpenMetricsContentType>();
  readonly #requests: Counter;
  readonly #decisions: Counter;
  readonly #refusals: Counter;
  readonly #seconds: Histogram;

  constructor() {
    this.#registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const registers = [this.#registry];
    const counter = (name: string, help: string, ...labelNames: string[]) =>
      new Counter({ name: `weighbridge_admission_${name}`, help, labelNames, registers });
    this.#requests = counter('requests_total', 'Requests, by route and status.', 'route', 'status');
    this.#decisions = counter('decisions_total', 'Decisions, by what was asked and the answer.', 'purpose', 'decision');
    this.#refusals = counter('refusals_total', 'Clients that were refused, by why.', 'why');
    this.#seconds = new Histogram({
      name: 'weighbridge_admission_request_seconds',
      help: 'How long requests took.',
      labelNames: ['route'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  request(route: string, status: number, seconds: number): void {
    this.#requests.inc({ route, status });
    this.#seconds.observe({ route }, seconds);
  }

  decision(purpose: string, allow: boolean): void {
    this.#decisions.inc({ purpose, decision: allow ? 'allow' : 'deny' });
  }

  refusal(why: 'missing' | 'bad' | 'rate'): void {
    this.#refusals.inc({ why });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
