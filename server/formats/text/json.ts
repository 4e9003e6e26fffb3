import { visit, type JSONPath } from 'jsonc-parser';
import type { ConfigScalar } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ParsedText, type TextProblem } from './parse.ts';

/** Scalars of a JSON text, comments and trailing commas allowed. */
export function parseJson(text: string): ParsedText {
  const lines = new LineIndex(text);
  const scalars: ConfigScalar[] = [];
  const problems: TextProblem[] = [];
  const report = (code: TextProblem['code'], line: number | null, message: string): void => {
    if (!problems.some((problem) => problem.code === code)) problems.push({ code, line, message });
  };
  let depth = 0;
  const enter = (_offset: number, _length: number, line: number): boolean => {
    depth++;
    if (depth <= textLimits.depth) return true;
    report('limit-depth', line + 1, `objects and arrays are nested deeper than ${textLimits.depth}`);
    return false;
  };
  const leave = (): void => {
    depth--;
  };
  try {
    visit(
      text,
      {
        onObjectBegin: enter,
        onObjectEnd: leave,
        onArrayBegin: enter,
        onArrayEnd: leave,
        onLiteralValue(value: unknown, offset, length, line, _character, path: () => JSONPath) {
          if (scalars.length >= textLimits.facts) {
            report('limit-facts', line + 1, `there are more than ${textLimits.facts} values`);
            return;
          }
          const quoted = text[offset] === '"' ? 1 : 0;
          const closed = quoted === 1 && length > 1 && text[offset + length - 1] === '"' ? 1 : 0;
          scalars.push({
            path: path(),
            value: value as ConfigScalar['value'],
            range: lines.range(offset, offset + length),
            innerRange: lines.range(offset + quoted, offset + length - closed),
          });
        },
        onError(_error, _offset, _length, line) {
          report('malformed', line + 1, 'the text is not JSON');
        },
      },
      { allowTrailingComma: true },
    );
  } catch (error) {
    // The scanner descends once a level even where nothing is reported, so a hostile nesting can exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    report('limit-depth', null, `objects and arrays are nested deeper than ${textLimits.depth}`);
  }
  return { language: 'json', scalars, problems };
}
