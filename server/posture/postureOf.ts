import { documentsIn, kindsOf } from '../formats/text/kinds.ts';
import { launchesIn } from '../formats/text/launches.ts';
import type { EmbeddedText, TextFacts } from '../formats/text/parse.ts';
import type { TextKind } from '../formats/text/kinds.ts';
import type { ConfigNode, TextRange } from '../formats/text/facts.ts';
import { azurePosture } from './azure.ts';
import { bentoPosture } from './bento.ts';
import { envoyPosture } from './envoy.ts';
import { mostEndpoints, type Endpoint, type Posture } from './facts.ts';
import { istioPosture } from './istio.ts';
import { kongConfPosture, kongPosture } from './kong.ts';
import { nginxPosture } from './nginx.ts';
import { serverPosture } from './servers.ts';
import { kservePosture, litellmPosture, rayServePosture, torchservePosture } from './serving.ts';
import { tritonModelPosture } from './tritonModel.ts';
import { vllmStackPosture } from './vllmStack.ts';

/** Readers by what a document is. */
const readers: readonly [kind: TextKind, read: (document: ConfigNode) => Posture][] = [
  ['azure-ml', azurePosture],
  ['envoy', envoyPosture],
  ['kong', kongPosture],
  ['kong-conf', kongConfPosture],
  ['istio', istioPosture],
  ['kserve', kservePosture],
  ['litellm', litellmPosture],
  ['ray-serve', rayServePosture],
  ['torchserve', torchservePosture],
  ['triton', tritonModelPosture],
  ['vllm-stack', vllmStackPosture],
];

const known = new WeakMap<object, Posture>();

/** The ways into models that a text opens, and what protects each. Nothing of a text is asked for twice. */
export function postureOf(text: TextFacts, path: string): Posture {
  const key =
    'documents' in text
      ? text.documents
      : 'directives' in text
        ? text.directives
        : 'instructions' in text
          ? text.instructions
          : 'words' in text
            ? text.words
            : 'calls' in text
              ? text.calls
              : text.requirements;
  let posture = known.get(key);
  if (!posture) {
    posture = bounded(read(text, path));
    known.set(key, posture);
  }
  return posture;
}

function bounded(posture: Posture): Posture {
  const { endpoints } = posture;
  return endpoints.length > mostEndpoints
    ? { ...posture, endpoints: endpoints.slice(0, mostEndpoints), leavesOut: true }
    : posture;
}

/**
 * The ways into models that a text opens, and those of the texts inside it, at the places where they stand in it: the first `mostEndpoints`.
 */
export function endpointsIn(text: TextFacts, path: string): Required<Omit<Posture, 'weaknesses'>> {
  const own = postureOf(text, path);
  const endpoints = [...own.endpoints];
  let leavesOut = own.leavesOut === true;
  for (const inner of ('embedded' in text ? text.embedded : undefined) ?? []) {
    const found = endpointsIn(inner.facts, inner.name);
    leavesOut ||= found.leavesOut;
    endpoints.push(...found.endpoints.map((endpoint) => outerEndpoint(endpoint, inner)));
  }
  return { endpoints: endpoints.slice(0, mostEndpoints), leavesOut: leavesOut || endpoints.length > mostEndpoints };
}

function outerEndpoint(endpoint: Endpoint, inner: EmbeddedText): Endpoint {
  const controls = Object.entries(endpoint.controls).map(([name, control]) => [
    name,
    { ...control, range: control.range && outerRange(control.range, inner) },
  ]);
  return {
    ...endpoint,
    range: outerRange(endpoint.range, inner),
    controls: Object.fromEntries(controls) as Endpoint['controls'],
  };
}

function outerRange(range: TextRange, { places, outer }: EmbeddedText): TextRange {
  return places?.range(range) ?? outer;
}

function read(text: TextFacts, path: string): Posture {
  if ('directives' in text) return nginxPosture(text.directives);
  if ('calls' in text) return bentoPosture(text.calls, text.strings);
  if ('requirements' in text) return { endpoints: [], weaknesses: [] };
  const found: Posture[] = [];
  if ('documents' in text) {
    for (const document of documentsIn(text.documents)) {
      const kinds = kindsOf(document, text.language, path);
      for (const [kind, reader] of readers) if (kinds.has(kind)) found.push(reader(document));
    }
    if (text.language === 'yaml' || text.language === 'json') found.push(serverPosture(launchesIn(text, path)));
  } else found.push(serverPosture(launchesIn(text, path)));
  return {
    endpoints: found.flatMap(({ endpoints }) => endpoints),
    weaknesses: found.flatMap(({ weaknesses }) => weaknesses),
  };
}
