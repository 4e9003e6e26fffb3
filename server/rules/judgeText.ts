import { withEmbedded } from './embedded.ts';
import type { Finding } from './finding.ts';
import { rules } from './index.ts';
import { reporter } from './reporter.ts';
import type { TextSubject } from './text.ts';

/** What all rules of text say of one file. */
export function judgeText(text: TextSubject): Finding[] {
  const findings: Finding[] = [];
  for (const rule of rules) {
    if (rule.subject === 'text') rule.check(text, reporter(rule.meta, text.path, findings));
    else if ('checkText' in rule) rule.checkText?.(text, reporter(rule.meta, text.path, findings));
  }
  return 'embedded' in text && text.embedded ? withEmbedded(text, text.embedded, findings, judgeText) : findings;
}
