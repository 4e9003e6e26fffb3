import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from '../formats/text/parse.ts';
import type { Weakness } from './facts.ts';
import { postureOf } from './postureOf.ts';

const listener = (fields: string, { head = '', address = '0.0.0.0' } = {}): string => `static_resources:
  listeners:
  - name: in
${head}    address: {socket_address: {address: ${address}, port_value: 8443}}
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
${fields}`;
const overload = 'overload_manager: {}\n';

async function weaknesses(text: string): Promise<Weakness[]> {
  return postureOf(await parseText('yaml', text), 'envoy.yaml').weaknesses;
}

/** What is left out, by the message. */
async function leftOut(text: string): Promise<string[]> {
  const [found] = (await weaknesses(text)).filter(({ kind }) => kind === 'edge-defaults');
  return /leaves out (.*?):/.exec(found?.message ?? '')?.[1]?.split(', ') ?? [];
}

const all = [
  'use_remote_address',
  'normalize_path',
  'merge_slashes',
  'path_with_escaped_slashes_action',
  'headers_with_underscores_action',
];

test('an edge that keeps the defaults of a mesh, once a file; what the light bulb adds is enough', async () => {
  const text = listener('') + overload;
  assert.deepEqual(await leftOut(text), all);
  const [found] = await weaknesses(text);
  assert.equal(found?.severity, 'info');
  const { range, newText } = found.fix ?? assert.fail('no fix');
  const lines = text.split('\n');
  const line = lines[range.line - 1] ?? '';
  lines[range.line - 1] = line.slice(0, range.column - 1) + newText + line.slice(range.column - 1);
  assert.deepEqual(await weaknesses(lines.join('\n')), []);
  const second = listener('').replace('static_resources:\n  listeners:\n', '');
  assert.equal((await weaknesses(listener('') + second)).length, 1);
});

test('what is written was decided, and what a runtime sets is set', async () => {
  const written =
    '          use_remote_address: false\n          normalize_path: false\n          merge_slashes: true\n' +
    '          path_with_escaped_slashes_action: KEEP_UNCHANGED\n' +
    '          common_http_protocol_options: {headers_with_underscores_action: ALLOW}\n';
  assert.deepEqual(await leftOut(listener(written)), ['overload_manager']);
  assert.deepEqual(await leftOut(listener(written) + overload), []);
  const runtime = 'layered_runtime: {layers: [{static_layer: {http_connection_manager.normalize_path: true}}]}\n';
  assert.ok(!(await leftOut(listener('') + runtime)).includes('normalize_path'));
});

test('loopback and what goes out are no edges', async () => {
  assert.deepEqual(await leftOut(listener('', { address: '127.0.0.1' })), []);
  assert.deepEqual(await leftOut(listener('', { head: '    traffic_direction: OUTBOUND\n' })), []);
  assert.deepEqual(await leftOut(listener('', { head: '    traffic_direction: INBOUND\n' }) + overload), all);
});

test('an upstream that trusts all public authorities wants a name', async () => {
  const cluster = (validation: string, rest = ''): string =>
    `static_resources:\n  clusters:\n  - name: model\n${rest}    transport_socket:\n      typed_config:\n        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext\n        common_tls_context:\n          validation_context: {${validation}}\n`;
  const open = 'trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}';
  const [found] = await weaknesses(cluster(open));
  assert.deepEqual([found?.kind, found?.severity, found?.range.line], ['upstream-unverified', 'info', 8]);
  assert.deepEqual(await weaknesses(cluster('trusted_ca: {filename: /etc/ours/ca.pem}')), []);
  const named = `${open}, match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: model.example.org}}]`;
  assert.deepEqual(await weaknesses(cluster(named)), []);
  const forward = '    cluster_type: {name: envoy.clusters.dynamic_forward_proxy}\n';
  assert.deepEqual(await weaknesses(cluster(open, forward)), []);
});
