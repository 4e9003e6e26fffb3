import { dealias, itemsAt, leafAt, mappingsIn, nodeAt, textAt } from '../formats/text/configTree.ts';
import { isFalse, isTrue } from '../formats/text/dynamicValue.ts';
import type { ConfigLeaf, ConfigNode, TextRange } from '../formats/text/facts.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { note, type Endpoint, type Weakness } from './facts.ts';

/** The type of a message of Envoy (`@type`); empty where it has none. */
export function typeOf(config: ConfigNode | undefined): string {
  return textAt(config, '@type') ?? '';
}

/**
 * What a filter chain says of TLS and of the certificates of those who come in. Source: `DownstreamTlsContext` and `CertificateValidationContext` of the API
 * reference, extensions.transport_sockets.tls.v3: without `trusted_ca` no certificate is verified; with it one is optional, unless
 * `require_client_certificate`, `match_typed_subject_alt_names` or the hash of a certificate is written, too.
 */
export function downstreamTls(chain: ConfigNode, endpoint: Endpoint, weaknesses: Weakness[]): void {
  const socket = nodeAt(chain, 'transport_socket');
  const tls = nodeAt(socket, 'typed_config');
  if (!socket || !tls) return;
  note(endpoint, 'tls', 'enforced', 'a TLS transport socket', lineOf(socket.range));
  const required = leafAt(tls, 'require_client_certificate');
  const check = checkOf(nodeAt(tls, 'common_tls_context'));
  const place = required?.range ?? check.names?.range ?? check.pins?.range ?? check.authority?.range;
  if (!place) return;
  const isRequired = isTrue(required?.value) || check.names !== null || check.pins !== null;
  const why = brokenBy(check);
  if (why === null && isRequired) {
    const who = check.names
      ? ', of peers whose names are written'
      : check.pins
        ? ', of those whose hashes are written'
        : '';
    const own = check.authority?.kind === 'own' || check.pins !== null;
    note(
      endpoint,
      'clientCertificate',
      own ? 'enforced' : 'delegated',
      `a client certificate is required${who}`,
      place,
    );
    if (own) note(endpoint, 'authentication', 'enforced', `by client certificate${who}`, place);
    return;
  }
  if (isRequired) {
    note(endpoint, 'clientCertificate', 'not-enforced', 'no authority is named, or any is accepted', place);
    weaknesses.push({
      kind: 'mtls-not-enforced',
      severity: 'error',
      message: `${JSON.stringify(endpoint.name)} asks for a client certificate and accepts any: ${why ?? ''}. Name the authority (validation_context.trusted_ca).`,
      range: place,
    });
    return;
  }
  // Rules about who was authenticated turn away who shows none.
  if (why === null && [...mappingsIn(chain)].some(({ node }) => nodeAt(node, 'authenticated') !== undefined)) {
    note(endpoint, 'clientCertificate', 'delegated', 'rules ask who was authenticated', place);
    return;
  }
  note(endpoint, 'clientCertificate', 'not-enforced', 'not required', place);
  if (why !== null) return;
  weaknesses.push({
    kind: 'mtls-not-enforced',
    severity: 'warning',
    message: `${JSON.stringify(endpoint.name)} checks client certificates where they come, and lets in who shows none. Set require_client_certificate to true.`,
    range: place,
    ...(required && {
      fix: { id: 'set-safe-value', title: 'Require a client certificate', range: required.range, newText: 'true' },
    }),
  });
}

/** How a context of TLS checks the certificate of a peer, with the places that say so. */
interface PeerCheck {
  /** `own`: a file or a text is named here; `public`: that of all public authorities; `elsewhere`: a secret service has it. */
  authority: { kind: 'own' | 'public' | 'elsewhere'; range: TextRange } | null;
  /** Names that are compared, unless one of them fits all. */
  names: { range: TextRange } | null;
  /** Hashes of certificates or keys: they need no authority. */
  pins: { range: TextRange } | null;
  /** `trust_chain_verification: ACCEPT_UNTRUSTED`. */
  untrusted: boolean;
}

function checkOf(common: ConfigNode | undefined): PeerCheck {
  const contexts = [
    nodeAt(common, 'validation_context'),
    nodeAt(common, 'combined_validation_context', 'default_validation_context'),
  ].filter((each) => each !== undefined);
  const secret =
    nodeAt(common, 'validation_context_sds_secret_config') ??
    nodeAt(common, 'combined_validation_context', 'validation_context_sds_secret_config') ??
    nodeAt(common, 'validation_context_certificate_provider_instance') ??
    contexts.map((context) => nodeAt(context, 'ca_certificate_provider_instance')).find((each) => each !== undefined);
  const first = (...keys: string[]) =>
    contexts.flatMap((context) => keys.map((key) => nodeAt(context, key))).find((each) => each !== undefined);
  const own = first('trusted_ca', 'custom_validator_config');
  const file = leafAt(own, 'filename')?.value;
  const isPublic = (typeof file === 'string' && publicAuthorities.test(file)) || first('system_root_certs');
  const authority = own ?? first('system_root_certs') ?? secret;
  const names = contexts.flatMap((context) => [
    ...itemsAt(context, 'match_typed_subject_alt_names').map((item) => nodeAt(item, 'matcher')),
    ...itemsAt(context, 'match_subject_alt_names').map((item) => dealias(item)),
  ]);
  const pins = first('verify_certificate_hash', 'verify_certificate_spki');
  const [name] = names;
  return {
    authority: authority
      ? { kind: isPublic ? 'public' : own ? 'own' : 'elsewhere', range: lineOf(authority.range) }
      : null,
    names: name && !names.some(fitsAll) ? { range: lineOf(name.range) } : null,
    pins: pins?.kind === 'sequence' && pins.items.length > 0 ? { range: lineOf(pins.range) } : null,
    untrusted: contexts.some((context) => textAt(context, 'trust_chain_verification') === 'ACCEPT_UNTRUSTED'),
  };
}

/** Why a certificate that somebody made alone would pass; null where it would not. */
function brokenBy({ authority, names, pins, untrusted }: PeerCheck): string | null {
  if (untrusted && pins === null) return 'untrusted chains are accepted';
  if (pins !== null) return null;
  if (authority === null) return 'no authority is named';
  if (authority.kind === 'public' && names === null)
    return 'all public authorities are trusted, and no name is compared: whoever owns a domain has one';
  return null;
}

/** A matcher of names that any name passes. */
function fitsAll(matcher: ConfigNode | undefined): boolean {
  const begins = ['prefix', 'suffix', 'contains'].map((key) => leafAt(matcher, key));
  const pattern = textAt(matcher, 'safe_regex', 'regex');
  return begins.some((leaf) => leaf?.value === '') || (pattern !== undefined && /^\^?\.[*+]\$?$/.test(pattern));
}

/** How a cluster checks the certificate of what stands behind it. */
export function checkCluster(cluster: ConfigNode, weaknesses: Weakness[]): void {
  const tls = nodeAt(cluster, 'transport_socket', 'typed_config');
  if (!typeOf(tls).endsWith('UpstreamTlsContext')) return;
  const common = nodeAt(tls, 'common_tls_context');
  const keys = [
    'validation_context',
    'combined_validation_context',
    'validation_context_sds_secret_config',
    'validation_context_certificate_provider_instance',
  ];
  if (isFalse(leafAt(tls, 'enabled')?.value)) return;
  const place = leafAt(cluster, 'name') ?? leafAt(tls, '@type');
  if (keys.some((key) => nodeAt(common, key))) {
    const authority = namelessAuthority(cluster, common);
    if (authority)
      weaknesses.push({
        kind: 'upstream-unverified',
        severity: 'info',
        message: `The connection to ${JSON.stringify(textAt(cluster, 'name') ?? 'the upstream')} trusts all public authorities and asks for no name: any certificate that one of them has given somebody passes. Name the host (match_typed_subject_alt_names, or auto_sni_san_validation).`,
        range: authority.range,
      });
    return;
  }
  weaknesses.push({
    kind: 'upstream-unverified',
    severity: 'warning',
    message: `The connection to ${JSON.stringify(textAt(cluster, 'name') ?? 'the upstream')} is encrypted and accepts any certificate. Name the authority (validation_context.trusted_ca).`,
    range: place?.range ?? lineOf(cluster.range),
  });
}

/** The file of all public authorities, where the certificate may be of any name. A dynamic forward proxy compares names by itself. */
function namelessAuthority(cluster: ConfigNode, common: ConfigNode | undefined): ConfigLeaf | undefined {
  const keys = /^(?:match_(?:typed_)?subject_alt_names|verify_certificate_(?:hash|spki)|auto_(?:sni_)?san_validation)$/;
  const all = [...mappingsIn(cluster)].map(({ node }) => node);
  if (all.some(({ entries }) => entries.some(({ key, value }) => keys.test(key) && !isFalseNode(value))))
    return undefined;
  if (all.some((node) => textAt(node, 'name') === 'envoy.clusters.dynamic_forward_proxy')) return undefined;
  for (const path of [['validation_context'], ['combined_validation_context', 'default_validation_context']]) {
    const file = leafAt(common, ...path, 'trusted_ca', 'filename');
    if (typeof file?.value === 'string' && publicAuthorities.test(file.value)) return file;
  }
  return undefined;
}

/** Where distributions keep the authorities of the public web. */
const publicAuthorities =
  /^\/etc\/(?:ssl\/(?:certs\/ca-certificates\.crt|cert\.pem|ca-bundle\.pem)|pki\/(?:tls\/certs\/ca-bundle\.crt|ca-trust\/extracted\/pem\/tls-ca-bundle\.pem))$/;

function isFalseNode(node: ConfigNode): boolean {
  const leaf = dealias(node);
  return leaf?.kind === 'scalar' && isFalse(leaf.value);
}
