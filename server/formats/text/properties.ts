import { Pair, parseLines } from 'dot-properties';
import { scalarsOf } from './configScalars.ts';
import type { ConfigMapping } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ConfigText, type TextProblem } from './parse.ts';

/**
 * A `.properties` file, `kong.conf` or `.env`: one mapping of texts. Grammar: `java.util.Properties.load`, which the other two
 * agree with but for quotes around a value and a remark behind it.
 */
export function parseProperties(text: string): ConfigText<'properties'> {
  const lines = new LineIndex(text);
  const root: ConfigMapping = { kind: 'mapping', entries: [], range: lines.range(0, text.length), flow: false };
  const problems: TextProblem[] = [];
  for (const line of parseLines(text, true)) {
    if (!(line instanceof Pair) || !line.range) continue;
    if (root.entries.length >= textLimits.facts) {
      const message = `there are more than ${textLimits.facts} values`;
      problems.push({ code: 'limit-facts', line: lines.position(line.range[0]).line, message });
      break;
    }
    const [keyStart, keyEnd, from, end] = line.range;
    // `export KEY=value`, as a shell reads it.
    const exported = line.key === 'export' ? /^(\w+)=/.exec(text.slice(from, end)) : null;
    const start = exported ? from + exported[0].length : from;
    const written = text.slice(start, end);
    // ` # remark` behind a value: kong.conf and dotenv have such, and no value of the others holds it.
    const remark = /\s#/.exec(written)?.index ?? written.length;
    const bare = written.slice(0, remark).trimEnd();
    const quote = bare.length > 1 && /^["']/.test(bare) && bare.endsWith(bare[0] ?? '') ? 1 : 0;
    const whole = remark === written.length && quote === 0 && exported === null;
    root.entries.push({
      key: exported?.[1] ?? line.key,
      keyRange: exported ? lines.range(from, start - 1) : lines.range(keyStart, keyEnd),
      value: {
        kind: 'scalar',
        value: whole ? line.value : bare.slice(quote, bare.length - quote),
        range: lines.range(start, start + bare.length),
        innerRange: lines.range(start + quote, start + bare.length - quote),
        style: quote === 1 ? 'quoted' : 'plain',
        source: bare.slice(quote, bare.length - quote),
      },
    });
  }
  return { language: 'properties', documents: [root], scalars: scalarsOf([root]), problems };
}
