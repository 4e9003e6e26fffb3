import type { DatasetScan, PersonalInField } from '../../datasets/scan/facts.ts';
import { personalKinds } from '../../datasets/personal/kinds.ts';
import { defineRule } from '../rule.ts';
import { placeIn } from './placeIn.ts';

const words = {
  identity: 'identity numbers are personal data (GDPR, Article 87)',
  payment: 'they are personal and financial data (GDPR; PCI DSS for cards)',
  health: 'they are health data (GDPR, Article 9; HIPAA)',
  contact: 'they are personal data (GDPR, Article 4)',
};

export const personalData = defineRule({
  subject: 'dataset',
  meta: {
    id: 'dataset/personal-data',
    title: 'The data holds personal data, and its record does not say on what ground',
    severity: 'warning',
    description:
      'A field holds payment cards, bank accounts, national or health numbers, telephone numbers, e-mail or IP addresses or wallets: found by their pattern, their checksum and, where that is weak, by words beside them. It is a warning where no `provenance.json` speaks of the file, or where its `classification` names neither that there is personal data nor a legal basis or consent; otherwise it is information. Names and addresses of places are not looked for. Nothing that is found is ever shown: examples are masked.',
    why: 'A model repeats what it was trained on: telephone numbers and addresses have been drawn out of models word for word. Processing them needs a ground in law, and those whom they name have rights that cannot be met when nobody knows that they are there.',
    howToFix:
      'Redact the field into a copy (`weighbridge dataset redact`), or record in `provenance.json` what the data holds (`classification.personalData`) and on what ground it is processed (`classification.legalBasis` or `classification.consent`).',
    avoid: [
      {
        file: 'tickets.jsonl',
        text: '{"text": "Please write to ann.smith@example.org", "label": 1}\n{"text": "I paid with 4111 1111 1111 1111", "label": 0}\n',
      },
    ],
    prefer: [
      {
        file: 'tickets.jsonl',
        text: '{"text": "Please write to [email]", "label": 1}\n{"text": "I paid with [card]", "label": 0}\n',
      },
    ],
    references: [
      { title: 'Extracting training data from large language models', url: 'https://arxiv.org/abs/2012.07805' },
      {
        title: 'Regulation (EU) 2016/679 (GDPR), Articles 4, 6, 9 and 87',
        url: 'https://eur-lex.europa.eu/eli/reg/2016/679/oj',
      },
    ],
    cwe: [359],
    atlas: ['AML.T0057', 'AML.T0024'],
    owasp: ['LLM02:2025'],
    nistAiRmf: ['MAP 4.1', 'MEASURE 2.10'],
    euAiAct: ['Article 10(5)'],
    since: '0.1.0',
  },
  check({ personal, declaration }, report) {
    const state = stateOf(declaration);
    for (const found of personal) {
      const [place] = found.places;
      if (!place) continue;
      report({
        severity: state === null ? 'info' : 'warning',
        message: messageOf(found, state),
        location: placeIn(place),
        evidence: {
          kind: found.kind,
          rows: found.rows,
          values: found.values,
          examples: found.examples,
          provenance: declaration?.path ?? null,
        },
        fixes: ['redact-column'],
      });
    }
  },
});

/** What is missing; null where nothing is. */
function stateOf(declaration: DatasetScan['declaration']): string | null {
  if (declaration === null) return 'No provenance.json speaks of this file';
  if (!declaration.classified) return `${declaration.path} does not classify it as personal data`;
  return declaration.grounded ? null : `${declaration.path} names neither a legal basis nor consent`;
}

function messageOf({ field, kind, rows, values, examples }: PersonalInField, state: string | null): string {
  const { name, regulated } = personalKinds[kind];
  const counted = `The field ${field} holds ${name} in ${rows} ${rows === 1 ? 'row' : 'rows'} (${values} in all, such as ${examples.join(', ')})`;
  if (state === null) return `${counted}, which its record declares.`;
  return `${counted}; ${words[regulated]}. ${state}: redact the field into a copy, or record the ground.`;
}
