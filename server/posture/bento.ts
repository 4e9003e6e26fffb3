import type { PythonCall } from '../formats/text/facts.ts';
import { endpointOf, note, type Posture } from './facts.ts';

/** `@bentoml.service(...)`: BentoML's services say in code what they limit. */
export function bentoPosture(calls: readonly PythonCall[]): Posture {
  const endpoints = calls
    .filter(({ callee }) => callee === 'bentoml.service')
    .map(({ keywords, range }) => {
      const endpoint = endpointOf('BentoML', String(keywords['name']?.value ?? 'service'), {
        ...range,
        endLine: range.line,
        endColumn: range.column + 1,
      });
      endpoint.reach = 'network';
      endpoint.complete = false;
      const traffic = keywords['traffic'];
      const inside = calls.find(
        ({ callee, range: own }) =>
          callee === 'dict' &&
          traffic !== undefined &&
          own.line === traffic.range.line &&
          own.column === traffic.range.column,
      );
      const timeout = inside?.keywords['timeout'];
      if (timeout) note(endpoint, 'timeout', 'enforced', `timeout ${String(timeout.value ?? '')}`, timeout.range);
      const concurrency = inside?.keywords['max_concurrency'] ?? inside?.keywords['concurrency'];
      if (concurrency)
        note(
          endpoint,
          'modelRateLimit',
          'enforced',
          `max_concurrency ${String(concurrency.value ?? '')}`,
          concurrency.range,
        );
      return endpoint;
    });
  return { endpoints, weaknesses: [] };
}
