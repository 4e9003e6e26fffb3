import { version } from '../engine/build.ts';
import { percentEncoded } from '../files/diskPath.ts';
import { jsonText } from './json.ts';

export interface PolicySarifRule {
  id: string;
  title: string;
}

export interface PolicySarifResult {
  rule: string;
  level: 'error' | 'warning';
  message: string;
  /** Relative to the working directory, with `/`. */
  path: string;
  /** Lines, 1-based; null for the file as a whole. */
  place: { line: number; endLine: number } | null;
  /** Such as the line of the policy that denied. */
  related: { message: string; path: string; line: number }[];
}

/** Diagnostics of policies, or what a gate denies, as SARIF 2.1.0. */
export function policySarif(rules: readonly PolicySarifRule[], results: readonly PolicySarifResult[]): string {
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  return jsonText({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Weighbridge',
            version,
            informationUri: 'https://github.com/weighbridge-dev/weighbridge',
            rules: rules.map(({ id, title }) => ({ id, shortDescription: { text: title } })),
          },
        },
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The working directory.' } } },
        results: results.map(({ rule, level, message, path, place, related }) => ({
          ruleId: rule,
          ruleIndex: index.get(rule) ?? -1,
          level,
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: at(path),
                ...(place ? { region: { startLine: place.line, endLine: place.endLine } } : {}),
              },
            },
          ],
          ...(related.length === 0
            ? {}
            : {
                relatedLocations: related.map((each, id) => ({
                  id,
                  message: { text: each.message },
                  physicalLocation: { artifactLocation: at(each.path), region: { startLine: each.line } },
                })),
              }),
        })),
      },
    ],
  });
}

const at = (path: string) => ({ uri: percentEncoded(path), uriBaseId: '%SRCROOT%' });
