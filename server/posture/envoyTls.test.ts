import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cells, postureOfText, weak } from './posture.fixture.ts';

const authority = 'trusted_ca: {filename: /etc/envoy/clients.pem}';
const names = 'match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: spiffe://a/b}}]';
const required = 'require_client_certificate: true\n          ';

/** A listener with TLS; what it validates stands on the line behind what it requires. */
const listener = (validation: string, before = '', filters = ''): string => `static_resources:
  listeners:
  - name: in
    address: {socket_address: {address: 0.0.0.0, port_value: 8443}}
    filter_chains:
    - transport_socket:
        name: tls
        typed_config:
          ${before}common_tls_context: {${validation}}
${filters}`;
const context = (fields: string): string => `validation_context: {${fields}}`;

async function certificate(text: string): Promise<string | undefined> {
  return cells(await postureOfText('envoy.yaml', text)).clientCertificate;
}

describe('client certificates of Envoy', () => {
  test('an authority, and names of peers beside it', async () => {
    const any = listener(context(authority), required);
    assert.equal(await certificate(any), 'enforced: a client certificate is required');
    const named = listener(context(`${authority}, ${names}`), required);
    assert.equal(
      await certificate(named),
      'enforced: a client certificate is required, of peers whose names are written',
    );
    assert.deepEqual([...(await weak('e.yaml', any)), ...(await weak('e.yaml', named))], []);
  });

  test('names require a certificate by themselves, and so does a hash, which needs no authority', async () => {
    assert.match((await certificate(listener(context(`${authority}, ${names}`)))) ?? '', /^enforced: .* names/);
    const pinned = listener(
      context('verify_certificate_hash: ["DF6FF72FE9116521268F6F2DD4966F51DF479883FE7037B39F75916AC3049D1A"]'),
    );
    assert.match((await certificate(pinned)) ?? '', /^enforced: .* hashes/);
    assert.deepEqual(await weak('e.yaml', pinned), []);
  });

  test('without an authority any certificate passes, whatever its name', async () => {
    const missing = ['error mtls-not-enforced 9'];
    assert.deepEqual(await weak('e.yaml', listener(context(''), required)), missing);
    assert.deepEqual(await weak('e.yaml', listener('', required)), missing);
    assert.deepEqual(await weak('e.yaml', listener(context(names), required)), ['error mtls-not-enforced 9']);
    const untrusted = context(`${authority}, trust_chain_verification: ACCEPT_UNTRUSTED`);
    assert.deepEqual(await weak('e.yaml', listener(untrusted, required)), missing);
    assert.match((await certificate(listener(untrusted, required))) ?? '', /^not-enforced/);
  });

  test('the authorities of the public web hold only with names, and no name is one that all fit', async () => {
    const web = 'trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}';
    assert.deepEqual(await weak('e.yaml', listener(context(web), required)), ['error mtls-not-enforced 9']);
    assert.deepEqual(await weak('e.yaml', listener(context(`${web}, ${names}`), required)), []);
    const all = 'match_typed_subject_alt_names: [{san_type: DNS, matcher: {safe_regex: {regex: ".*"}}}]';
    assert.deepEqual(await weak('e.yaml', listener(context(`${web}, ${all}`), required)), [
      'error mtls-not-enforced 9',
    ]);
  });

  test('an authority alone asks for nothing, unless rules ask who was authenticated', async () => {
    assert.deepEqual(await weak('e.yaml', listener(context(authority))), ['warning mtls-not-enforced 9']);
    assert.equal(await certificate(listener(context(authority))), 'not-enforced: not required');
    const rules =
      '      filters:\n      - name: rbac\n        typed_config: {rules: {policies: {a: {principals: [{authenticated: {}}]}}}}\n';
    assert.deepEqual(await weak('e.yaml', listener(context(authority), '', rules)), []);
    assert.match((await certificate(listener(context(authority), '', rules))) ?? '', /^delegated/);
  });

  test('an authority that a secret service has, and one of SPIFFE', async () => {
    const secret =
      'combined_validation_context: {default_validation_context: {}, validation_context_sds_secret_config: {name: ca}}';
    assert.match((await certificate(listener(secret, required))) ?? '', /^delegated/);
    const spiffe = context('custom_validator_config: {name: envoy.tls.cert_validator.spiffe}');
    assert.match((await certificate(listener(spiffe, required))) ?? '', /^enforced/);
    assert.deepEqual(
      [...(await weak('e.yaml', listener(secret, required))), ...(await weak('e.yaml', listener(spiffe, required)))],
      [],
    );
  });

  test('TLS without a word about clients says nothing of them', async () => {
    assert.equal(await certificate(listener('tls_certificates: []')), undefined);
  });
});
