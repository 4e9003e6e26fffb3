import { itemsAt, leafAt, nodeAt, textAt } from '../formats/text/configTree.ts';
import type { ConfigNode } from '../formats/text/facts.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { endpointOf, note, type ControlState, type Endpoint, type Posture, type Weakness } from './facts.ts';

/**
 * Istio: a gateway's servers are ways in; what its policies ask of those who come in is shown as one, too. Source: istio.io/latest/docs/reference/config,
 * `PeerAuthentication`, `RequestAuthentication`, `AuthorizationPolicy` and `Gateway`.
 */
export function istioPosture(document: ConfigNode): Posture {
  switch (textAt(document, 'kind')) {
    case 'PeerAuthentication':
      return peerAuthentication(document);
    case 'RequestAuthentication':
      return requestAuthentication(document);
    case 'AuthorizationPolicy':
      return authorizationPolicy(document);
    case 'Gateway':
      return gateway(document);
    default:
      return { endpoints: [], weaknesses: [] };
  }
}

/** A policy as an endpoint: other policies, and whatever stands in front, are said elsewhere. */
function policyOf(document: ConfigNode): Endpoint {
  const name = textAt(document, 'metadata', 'name') ?? textAt(document, 'kind') ?? 'object';
  const endpoint = endpointOf('Istio', name, lineOf(leafAt(document, 'kind')?.range ?? document.range));
  endpoint.complete = false;
  return endpoint;
}

function peerAuthentication(document: ConfigNode): Posture {
  const endpoint = policyOf(document);
  const mode = leafAt(document, 'spec', 'mtls', 'mode');
  if (!mode) return { endpoints: [endpoint], weaknesses: [] };
  const says = `mTLS ${String(mode.value)}`;
  note(endpoint, 'clientCertificate', mode.value === 'STRICT' ? 'enforced' : 'not-enforced', says, mode.range);
  if (!/^(?:PERMISSIVE|DISABLE)$/.test(String(mode.value))) return { endpoints: [endpoint], weaknesses: [] };
  const weakness: Weakness = {
    kind: 'mtls-not-enforced',
    severity: 'warning',
    message: `The mesh takes connections without a certificate, too (mode: ${String(mode.value)}). Set it to STRICT.`,
    range: mode.range,
    fix: { id: 'set-safe-value', title: 'Require certificates in the mesh', range: mode.range, newText: 'STRICT' },
  };
  return { endpoints: [endpoint], weaknesses: [weakness] };
}

/** A request that brings no token passes it: an AuthorizationPolicy has to ask for one, mostly in another file. */
function requestAuthentication(document: ConfigNode): Posture {
  const endpoint = policyOf(document);
  const rules = nodeAt(document, 'spec', 'jwtRules');
  const says = 'tokens are checked where they come; an AuthorizationPolicy has to ask for them';
  if (rules) note(endpoint, 'authentication', 'delegated', says, lineOf(rules.range));
  return { endpoints: [endpoint], weaknesses: [] };
}

/** What a rule of a policy asks of who sends a request. */
type Asks = 'who' | 'something' | 'nothing-there' | 'nothing';

/** What an `ALLOW` of such rules comes to. */
const allowed: Readonly<Record<Asks, { state: ControlState; says: string }>> = {
  nothing: { state: 'not-enforced', says: 'everybody is let in' },
  'nothing-there': { state: 'not-enforced', says: 'everybody is let in to what its rules name' },
  something: { state: 'delegated', says: 'rules decide, by what the request says' },
  who: { state: 'enforced', says: 'who may come in is named' },
};

function authorizationPolicy(document: ConfigNode): Posture {
  const endpoint = policyOf(document);
  const action = leafAt(document, 'spec', 'action');
  const rules = itemsAt(document, 'spec', 'rules');
  const place = lineOf(action?.range ?? leafAt(document, 'metadata', 'name')?.range ?? endpoint.range);
  const done = (weaknesses: Weakness[] = []): Posture => ({ endpoints: [endpoint], weaknesses });
  if (action?.value === 'CUSTOM') {
    note(endpoint, 'authentication', 'delegated', 'an authorization service is asked', place);
    return done();
  }
  if (action?.value === 'AUDIT') {
    note(endpoint, 'authentication', 'not-enforced', 'requests are only written down', place);
    return done();
  }
  if (action?.value === 'DENY') {
    const strangers = rules.find((rule) => deniesStrangers(rule));
    if (strangers)
      note(endpoint, 'authentication', 'enforced', 'who shows nothing is turned away', lineOf(strangers.range));
    return done();
  }
  // ALLOW is the default. Without a rule it fits nobody, and everybody is turned away.
  if (rules.length === 0) {
    note(endpoint, 'authentication', 'enforced', 'nobody is let in', place);
    return done();
  }
  // One rule that fits is enough, so that the weakest counts.
  const order: readonly Asks[] = ['nothing', 'nothing-there', 'something', 'who'];
  const asked = rules.map((rule) => ({ rule, asks: asksOf(rule) }));
  const weakest = asked.toSorted((one, other) => order.indexOf(one.asks) - order.indexOf(other.asks))[0];
  if (!weakest) return done();
  const { state, says } = allowed[weakest.asks];
  const line = lineOf(weakest.rule.range);
  note(endpoint, 'authentication', state, says, line);
  if (weakest.asks !== 'nothing') return done();
  return done([
    {
      kind: 'auth-not-enforced',
      severity: 'warning',
      message: `The policy ${JSON.stringify(endpoint.name)} lets everybody in: a rule of ALLOW that asks for nothing fits every request, whatever the others ask. Name who may come (from: source), or take it out, which lets nobody in.`,
      range: line,
    },
  ]);
}

/** A rule holds where `from`, `to` and `when` all hold; what is left out holds always. */
function asksOf(rule: ConfigNode): Asks {
  const sources = itemsAt(rule, 'from');
  const conditions = itemsAt(rule, 'when');
  if (sources.length > 0 && sources.every((source) => namesWho(nodeAt(source, 'source')))) return 'who';
  if (conditions.some((condition) => identities.test(textAt(condition, 'key') ?? ''))) return 'who';
  if (conditions.length > 0 || (sources.length > 0 && !sources.some((source) => isAnybody(nodeAt(source, 'source')))))
    return 'something';
  const operations = itemsAt(rule, 'to');
  return operations.length === 0 || operations.some((each) => isAnything(nodeAt(each, 'operation')))
    ? 'nothing'
    : 'nothing-there';
}

/** Keys of a source that a certificate or a token shows; addresses are of whoever stands in front. */
const shown = ['principals', 'requestPrincipals', 'namespaces', 'serviceAccounts'];
const identities = /^(?:request\.auth\.|source\.(?:principal|namespace|serviceAccount)$)/;

function namesWho(source: ConfigNode | undefined): boolean {
  return shown.some((key) => itemsAt(source, key).length > 0);
}

/** All addresses there are. */
function isAnybody(source: ConfigNode | undefined): boolean {
  return ['ipBlocks', 'remoteIpBlocks'].some((key) =>
    itemsAt(source, key).some((_, index) => /^(?:0\.0\.0\.0|::)\/0$/.test(textAt(source, key, index) ?? '')),
  );
}

/** An operation of which each part is `*`. */
function isAnything(operation: ConfigNode | undefined): boolean {
  if (operation?.kind !== 'mapping') return true;
  return operation.entries.every(
    ({ key }) =>
      !key.startsWith('not') &&
      itemsAt(operation, key).some((_, index) => /^(?:\*|\/\*)$/.test(textAt(operation, key, index) ?? '')),
  );
}

/** `DENY` of whoever shows no token, or no certificate of the mesh. */
function deniesStrangers(rule: ConfigNode): boolean {
  return itemsAt(rule, 'from').some((source) =>
    ['notRequestPrincipals', 'notPrincipals', 'notNamespaces'].some((key) => itemsAt(source, 'source', key).length > 0),
  );
}

function gateway(document: ConfigNode): Posture {
  const name = textAt(document, 'metadata', 'name') ?? 'Gateway';
  const endpoints = itemsAt(document, 'spec', 'servers').map((server) => {
    const port = leafAt(server, 'port', 'number');
    const endpoint = endpointOf(
      'Istio gateway',
      `${name} ${String(port?.value ?? '')}`.trim(),
      lineOf(port?.range ?? server.range),
    );
    endpoint.reach = 'network';
    endpoint.complete = false;
    const tls = leafAt(server, 'tls', 'mode');
    if (tls) note(endpoint, 'tls', 'enforced', `tls ${String(tls.value)}`, tls.range);
    if (tls?.value === 'MUTUAL') note(endpoint, 'clientCertificate', 'enforced', 'tls MUTUAL', tls.range);
    return endpoint;
  });
  return { endpoints, weaknesses: [] };
}
