import { defineRule } from '../rule.ts';
import { postureOf } from '../../posture/postureOf.ts';
import { placeOf } from '../load/place.ts';
import { endpointMappings } from './mappings.ts';

export const noTimeout = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/no-timeout',
    title: 'A request to a model may take for ever',
    severity: 'warning',
    description:
      "A time-out of an endpoint is set to nothing (`request_timeout: 0s` or a route's `timeout: 0s` of Envoy), and no other one holds. Defaults are not called missing: nginx and Kong wait for a minute, Envoy's streams end after five minutes without a sign.",
    why: 'A few hundred requests that never end hold every worker, which costs a caller nothing.',
    howToFix: 'Set one. Answers that are streamed want `stream_idle_timeout` instead of a limit to the whole.',
    avoid: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 127.0.0.1, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                stream_idle_timeout: 0s\n                request_timeout: 0s\n                route_config: {name: models}\n',
      },
    ],
    prefer: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 127.0.0.1, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                stream_idle_timeout: 60s\n                request_timeout: 0s\n                route_config: {name: models}\n',
        note: 'Answers may be long; what says nothing for a minute ends.',
      },
    ],
    references: [
      {
        title: 'Envoy documentation: how do I configure timeouts?',
        url: 'https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts',
      },
    ],
    ...endpointMappings,
    cwe: [400],
  },
  check(text, report) {
    for (const { name, product, controls } of postureOf(text, text.path).endpoints) {
      const { state, says, range } = controls.timeout;
      if (state !== 'not-enforced' || range === null) continue;
      report({
        message: `${product} ${JSON.stringify(name)} lets a request take for ever (${says}). Set a time-out.`,
        location: placeOf(range),
        evidence: { control: 'timeout', says },
      });
    }
  },
});
