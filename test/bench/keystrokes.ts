import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TimedServer } from './languageServer.ts';
import { longTexts } from './longTexts.ts';
import { medianOf, type Cost } from './measure.ts';
import type { Goal, Row } from './table.ts';

/** Seconds from a keystroke to its diagnostics at the 95th percentile. */
const mostSeconds = 0.02;
/** What an editor closes by itself. */
const pairs: Readonly<Record<string, string>> = { '(': ')', '{': '}', '"': '"' };

/** Places of a text at which the line is typed. */
const places = 5;

/**
 * Types a line into texts of 5,000 lines, key by key, at places from their ends to their beginnings. Brackets and quotes come in pairs, as
 * editors write them. The client asks for the diagnostics of each version (as VS Code does), so that an answer is awaited that is about
 * this version and no other. Nothing in the server waits before it begins: there is no time without a delay to set beside it.
 */
export async function benchKeystrokes(folder: string, weighbridge: readonly string[]): Promise<Row[]> {
  const workspace = path.join(folder, 'typing');
  mkdirSync(workspace);
  for (const { file, text } of Object.values(longTexts)) writeFileSync(path.join(workspace, file), text);
  const rows: Row[] = [];
  for (const [name, { file, language, text, behind, typed }] of Object.entries(longTexts)) {
    const server = new TimedServer([...weighbridge, 'lsp', '--stdio']);
    const scanned = server.scanned();
    await server.start(workspace, { textDocument: { diagnostic: {} } });
    await scanned;
    const document = server.open(path.join(workspace, file), language);
    // The first answer reads the whole text.
    await document.diagnostics();
    const lines = text.split('\n');
    const found = lines.flatMap((line, index) => (line.startsWith(behind) ? [index] : []));
    const costs: Cost[] = [];
    for (let place = 0; place < places; place++) {
      // From the last one upwards, so that the places above stay where they are.
      const at = found[Math.floor(((places - 1 - place) * (found.length - 1)) / (places - 1))] ?? 0;
      let [line, character] = [at, (lines[at] ?? '').length];
      let closed = '';
      for (const key of typed) {
        // Writing the sign that the editor has written moves behind it.
        if (closed.startsWith(key)) {
          closed = closed.slice(1);
          character++;
          continue;
        }
        const pair = pairs[key] ?? '';
        closed = pair + closed;
        const worked = server.cpuSeconds();
        const begun = performance.now();
        document.insert({ line, character }, key + pair);
        await document.diagnostics();
        const seconds = (performance.now() - begun) / 1000;
        costs.push({ seconds, cpuSeconds: server.cpuSeconds() - worked, peakBytes: server.peakBytes() });
        if (key === '\n') [line, character] = [line + 1, 0];
        else character++;
      }
    }
    await server.stop();
    rows.push({
      job: `keystroke to diagnostics: ${name}, ${lines.length.toLocaleString('en')} lines`,
      ours: medianOf(costs),
      peers: {},
      goals: [percentileGoal(costs)],
    });
  }
  return rows;
}

function percentileGoal(costs: readonly Cost[]): Goal {
  const sorted = costs.map(({ seconds }) => seconds).toSorted((a, b) => a - b);
  const reached = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
  return {
    wanted: `95 % below ${mostSeconds * 1000} ms`,
    reached: `${(reached * 1000).toFixed(1)} ms`,
    met: reached < mostSeconds,
  };
}
