import { bytePlace } from '../place.ts';
import { defineRule } from '../rule.ts';

export const invalidMsgpack = defineRule({
  subject: 'msgpack',
  meta: {
    id: 'msgpack/invalid-structure',
    title: 'The MessagePack file breaks its own rules',
    severity: 'warning',
    description:
      'A file of Flax, T5X, Orbax or another program that writes MessagePack ends inside a value, claims more than it has, has a key twice, holds an array whose bytes are not what its shape needs, or bytes behind the model. In a file with the arrays of Flax, keys that are no texts and extension types that Flax does not have count as well. One finding tells the first breach and how many follow.',
    why: 'A loader takes the lengths and shapes on trust, and of a key that stands there twice it takes the last, while a reviewer may see the first. An honest save never writes such a file; a download that broke off does.',
    howToFix:
      'Download the file again and compare its digest with the publisher’s. If it is the same, do not load it, and tell the publisher.',
    avoid: [
      {
        file: 'flax_model.msgpack',
        hex: '81 a1 77 c7 0f 01 93 91 02 a7 666c6f61743332 c4 02 0000',
        note: 'Two numbers of four bytes in an array of two bytes.',
      },
    ],
    prefer: [
      {
        file: 'flax_model.msgpack',
        hex: '81 a1 77 c7 15 01 93 91 02 a7 666c6f61743332 c4 08 0000000000000000',
      },
    ],
    references: [
      { title: 'MessagePack specification', url: 'https://github.com/msgpack/msgpack/blob/master/spec.md' },
      {
        title: 'Flax: serialization',
        url: 'https://flax.readthedocs.io/en/latest/api_reference/flax.serialization.html',
      },
    ],
    cwe: [1284, 130],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const [first] = part.violations;
    if (!first) return;
    const more = part.violations.length > 1 ? ` ${part.violations.length - 1} more breaches follow.` : '';
    report({
      message: `The structure is not valid: ${first.message}.${more} Do not load this file; download it again.`,
      location: bytePlace(part, first.offset),
      evidence: {
        breaches: part.violations.slice(0, 20).map(({ code, offset, message }) => ({ code, offset, message })),
      },
    });
  },
});
