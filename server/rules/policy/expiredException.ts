import type { ConfigScalar } from '../../formats/text/facts.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import type { TextSubject } from '../text.ts';
import { endOf } from './expiry.ts';

const written = (expires: string): string =>
  `exceptions:\n  - rule: gate/format\n    models: [models/legacy/]\n    owner: omar@example.com\n    reason: The vendor delivers ONNX from June on\n    expires: ${expires}\n`;

export const expiredException = defineRule({
  subject: 'text',
  meta: {
    id: 'policy/expired-exception',
    title: 'An exception from a gate has expired',
    severity: 'warning',
    description:
      'A file of exceptions (`exceptions:` with `rule`, `owner` and `expires`, as `policy.exceptions` in `weighbridge.yaml` names it) holds an exception whose date is over. Gates no longer take it into account; a date lasts until its end in UTC. An exception without a date that can be read is reported, too: gates refuse such a file.',
    why: 'An exception is a debt with a date. One that is left standing when it is over looks like a permission, and the breach that it once covered may have been forgotten rather than mended.',
    howToFix:
      'If the breach is mended, take the exception out. Otherwise have its owner decide anew, with a reason that holds today and a new date.',
    avoid: [{ file: 'policies/exceptions.yaml', text: written('2024-06-30') }],
    prefer: [{ file: 'policies/exceptions.yaml', text: written('2999-06-30') }],
    references: [
      {
        title: 'NIST SP 800-53: CA-5, Plan of Action and Milestones',
        url: 'https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final',
      },
    ],
    cwe: [672],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MANAGE 1.4', 'GOVERN 1.4'],
    euAiAct: ['Article 9(2)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const { rule, owner, expires } of exceptionsIn(text)) {
      const end = endOf(String(expires.value));
      if (end >= text.workspace.datasets.now) continue;
      const of = `The exception from ${quoted(String(rule.value))} (${quoted(String(owner.value))})`;
      report({
        message: Number.isNaN(end)
          ? `${of} says no date until which it holds. Write one, such as 2026-06-30.`
          : `${of} expired on ${quoted(String(expires.value))}. Take it out if the breach is mended, or have its owner renew it.`,
        location: placeOf(expires.range),
        evidence: { rule: String(rule.value), expires: String(expires.value) },
      });
    }
  },
});

type Exception = Record<'rule' | 'owner' | 'expires', ConfigScalar>;

/** The exceptions of a text that is a file of them. */
function exceptionsIn(text: TextSubject): Exception[] {
  if (text.language !== 'yaml' && text.language !== 'json') return [];
  const found = new Map<number, Partial<Exception>>();
  for (const scalar of text.scalars) {
    if (scalar.path.length !== 3 || scalar.path[0] !== 'exceptions') continue;
    const [, index, key] = scalar.path;
    if (typeof index !== 'number') continue;
    if (key !== 'rule' && key !== 'owner' && key !== 'expires') continue;
    found.set(index, { ...found.get(index), [key]: scalar });
  }
  return [...found.values()].filter((each): each is Exception => Boolean(each.rule && each.owner && each.expires));
}
