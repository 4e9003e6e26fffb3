import { itemsAt, mappingsIn, nodeAt, textAt } from '../formats/text/configTree.ts';
import type { ConfigNode, TextRange } from '../formats/text/facts.ts';
import type { Weakness } from './facts.ts';

/** A connection manager that others reach, and the name of its listener. */
export interface Edge {
  name: string;
  config: ConfigNode;
  range: TextRange;
}

/** Lines of a connection manager that Envoy's guide for edge proxies sets, by the key that shows that they are there. */
const edgeLines: Readonly<Record<string, string>> = {
  use_remote_address: 'use_remote_address: true',
  normalize_path: 'normalize_path: true',
  merge_slashes: 'merge_slashes: true',
  path_with_escaped_slashes_action: 'path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT',
};

/**
 * What Envoy leaves off because it stands inside a mesh by default, once a file. Source: "Configuring Envoy as an edge proxy",
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
 */
export function edgeWeakness(document: ConfigNode, edges: readonly Edge[]): Weakness[] {
  const bounded = nodeAt(document, 'overload_manager') !== undefined;
  for (const edge of edges) {
    const keys = missingIn(edge.config, document);
    const missing = [...keys, ...(bounded ? [] : ['overload_manager'])];
    if (missing.length === 0) continue;
    const rules =
      keys.length > 0
        ? 'a path or a header that it and the server behind it read differently gets past its rules'
        : 'nothing keeps many connections from taking all of its memory';
    return [
      {
        kind: 'edge-defaults',
        severity: 'info',
        message: `${JSON.stringify(edge.name)} is reached from the network and leaves out ${missing.join(', ')}: ${rules}. Set ${missing.length === 1 ? 'it' : 'them'} as for an edge.`,
        range: edge.range,
        ...fixOf(edge.config, keys),
      },
    ];
  }
  return [];
}

function missingIn(config: ConfigNode, document: ConfigNode): string[] {
  // What is written was decided, whatever it is: behind another proxy `use_remote_address: false` is right.
  const missing = Object.keys(edgeLines).filter((key) => !nodeAt(config, key));
  if (!nodeAt(config, 'common_http_protocol_options', 'headers_with_underscores_action'))
    missing.push('headers_with_underscores_action');
  return missing.filter((key) => key !== 'normalize_path' || !setByRuntime(document));
}

/** The default of `normalize_path` may be set for all listeners by a layer of the runtime. */
function setByRuntime(document: ConfigNode): boolean {
  return itemsAt(document, 'layered_runtime', 'layers').some((layer) =>
    [...mappingsIn(layer)].some(({ node }) =>
      node.entries.some(({ key }) => /^(?:http_connection_manager\.)?normalize_path$/.test(key)),
    ),
  );
}

/** Adds the lines of the connection manager that are not there at all, before its second key. */
function fixOf(config: ConfigNode, missing: readonly string[]): Pick<Weakness, 'fix'> {
  const lines = missing.flatMap((key) => edgeLines[key] ?? []);
  if (missing.includes('headers_with_underscores_action') && !nodeAt(config, 'common_http_protocol_options'))
    lines.push('common_http_protocol_options:', '  headers_with_underscores_action: REJECT_REQUEST');
  const place = config.kind === 'mapping' && !config.flow ? config.entries[1]?.keyRange : undefined;
  if (!place || lines.length === 0) return {};
  const { line, column } = place;
  return {
    fix: {
      id: 'set-safe-value',
      title: 'Set what an edge proxy wants',
      range: { line, column, endLine: line, endColumn: column },
      newText: lines.map((each) => `${each}\n${' '.repeat(column - 1)}`).join(''),
    },
  };
}

/** Whether a listener only takes what goes out. */
export function isOutbound(listener: ConfigNode): boolean {
  return textAt(listener, 'traffic_direction') === 'OUTBOUND';
}
