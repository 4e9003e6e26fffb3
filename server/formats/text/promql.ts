import { parser } from '@prometheus-io/lezer-promql';

/** UTF-16 code units of an expression that is parsed: the longest of real rules take a few thousand. */
const longest = 64 << 10;

/** Where an expression of Prometheus breaks its grammar; null where it does not. */
export interface PromqlBreak {
  /** UTF-16 code units from its start. */
  offset: number;
  /** What stands there, a few characters; empty at the end. */
  found: string;
}

/**
 * Looks an expression of PromQL through for its first break of the grammar; what functions there are, and of which types, is not asked. An expression
 * that is longer than 64 Ki characters is not read.
 */
export function promqlBreak(expression: string): PromqlBreak | null {
  if (expression.length > longest) return null;
  // Comments are none to the grammar at the very end.
  const tree = parser.parse(expression);
  let broken: number | null = null;
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) broken ??= from;
      return broken === null;
    },
  });
  return broken === null ? null : { offset: broken, found: /^\s*(\S{1,20})/.exec(expression.slice(broken))?.[1] ?? '' };
}
