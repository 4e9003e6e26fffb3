import type { Finding } from './finding.ts';

/**
 * A remark that accepts findings of a rule on its own line, or, where it stands alone, on the next line that is no remark:
 * `# weighbridge: ignore[load/pickle-family] written by our own exporter`. Without a reason it accepts nothing.
 */
const remark = /(?:#|\/\/|;|--)\s*weighbridge:\s*ignore\[([^\]\r\n]{1,300})\][ \t:]*([^\r\n"\\]*)/;

/** Splits findings of a text into those that stay and those that a remark accepts. */
export function judgeRemarks(findings: readonly Finding[], text: string): { open: Finding[]; suppressed: number } {
  if (!text.includes('weighbridge:')) return { open: [...findings], suppressed: 0 };
  const accepted = acceptedIn(text);
  const open = findings.filter(({ ruleId, location: { line } }) => {
    const rules = line === null ? undefined : accepted.get(line);
    return (
      rules === undefined ||
      !rules.some((rule) => rule === ruleId || (rule.endsWith('/*') && ruleId.startsWith(rule.slice(0, -1))))
    );
  });
  return { open, suppressed: findings.length - open.length };
}

/** Rules by the 1-based line on which they are accepted. */
function acceptedIn(text: string): Map<number, string[]> {
  const accepted = new Map<number, string[]>();
  let waiting: string[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const found = remark.exec(line);
    const reason = found?.[2]?.trim() ?? '';
    const rules =
      found && reason !== '' && !reason.startsWith('<') ? (found[1] ?? '').split(',').map((rule) => rule.trim()) : [];
    // A remark alone on its line, in a notebook inside of the quotes of a JSON string, speaks of what follows.
    const alone = found !== null && /^[\s"]*$/.test(line.slice(0, found.index));
    if (alone) waiting = [...waiting, ...rules];
    else if (/^\s*(?:#|\/\/)/.test(line) || line.trim() === '') continue;
    else {
      const here = [...waiting, ...rules];
      if (here.length > 0) accepted.set(index + 1, here);
      waiting = [];
    }
  }
  return accepted;
}

/** The line that a person completes with a reason: until then it accepts nothing. */
export function remarkFor(ruleId: string): string {
  return `# weighbridge: ignore[${ruleId}] <why>`;
}
