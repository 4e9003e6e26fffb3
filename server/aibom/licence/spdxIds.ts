import { schemaText } from '../schemas.ts';

let ids: ReadonlyMap<string, string> | undefined;

/** Ids of the SPDX licence list by their lower-case spelling, as CycloneDX' own schema has them; deprecated ones among them. */
export function spdxIds(): ReadonlyMap<string, string> {
  ids ??= new Map((JSON.parse(schemaText('spdx')) as { enum: string[] }).enum.map((id) => [id.toLowerCase(), id]));
  return ids;
}
