import assert from 'node:assert/strict';
import { parseText, textLanguage } from '../formats/text/parse.ts';
import type { Endpoint, Posture } from './facts.ts';
import { postureOf } from './postureOf.ts';

/** What a text of that name says of the ways into models. */
export async function postureOfText(file: string, text: string): Promise<Posture> {
  const language = textLanguage(file);
  assert.ok(language, file);
  return postureOf(await parseText(language, text), file);
}

/** What is weak, as `severity kind line`; the defaults of a mesh, which nearly every Envoy keeps, left out. */
export async function weak(file: string, text: string): Promise<string[]> {
  const { weaknesses } = await postureOfText(file, text);
  return weaknesses
    .filter(({ kind }) => kind !== 'edge-defaults')
    .map(({ severity, kind, range }) => `${severity} ${kind} ${range.line}`);
}

/** What is known of the first endpoint, as `state: what the line says`. */
export function cells({ endpoints }: Posture): Partial<Record<keyof Endpoint['controls'], string>> {
  const controls = Object.entries(endpoints[0]?.controls ?? {}).filter(([, { state }]) => state !== 'not-visible');
  return Object.fromEntries(controls.map(([name, { state, says }]) => [name, `${state}: ${says}`]));
}
