import type { PythonCall, PythonString, TextRange } from '../formats/text/facts.ts';
import { isInside } from '../formats/text/ranges.ts';
import { endpointOf, everyPage, note, type Posture, type Weakness } from './facts.ts';

/** `@bentoml.service(...)`: BentoML's services say in code what they limit. */
export function bentoPosture(calls: readonly PythonCall[], strings: readonly PythonString[]): Posture {
  const weaknesses: Weakness[] = [];
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
      const origin = anyOrigin(keywords['http'], calls, strings);
      if (origin) weaknesses.push(everyPage('access_control_allow_origins', 'warning', origin));
      return endpoint;
    });
  return { endpoints, weaknesses };
}

/** `"*"` among the origins of `http={"cors": {"enabled": True, "access_control_allow_origins": ["*"]}}`. */
function anyOrigin(
  http: { range: TextRange } | undefined,
  calls: readonly PythonCall[],
  strings: readonly PythonString[],
): TextRange | undefined {
  if (!http) return undefined;
  for (const { callee, keywords, range } of calls) {
    const origins = keywords['access_control_allow_origins'] ?? keywords['access_control_allow_origin'];
    if (callee !== 'dict' || !origins || !isInside(range, http.range) || keywords['enabled']?.value === false) continue;
    const star = strings.find(({ value, range: own }) => value === '*' && isInside(own, origins.range));
    if (star) return star.innerRange;
  }
  return undefined;
}
