import { luhn, mod1110, mod97, verhoeff, weighted } from './checksums.ts';
import type { PersonalKind } from './kinds.ts';

/** What one sort of number looks like, what its digits must come to, and which words stand near it. */
export interface NumberRule {
  kind: PersonalKind;
  pattern: RegExp;
  /** @param bare the match without blanks, dots, dashes and slashes, in upper case. */
  check(bare: string): boolean;
  /** Words of which one must stand near, or in the field's name, because the check alone passes too many other numbers. */
  context: RegExp | null;
}

const same = /^(\d)\1+$/;
const dniLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** National and health numbers, by the rules of those who give them out. */
export const numberRules: readonly NumberRule[] = [
  {
    kind: 'us-ssn',
    // Social Security Administration: no area 000, 666 or 9xx, no group 00, no serial 0000. There is no check digit.
    pattern: /(?<![\d-])(?!000|666|9)\d{3}[- ]?(?!00)\d{2}[- ]?(?!0000)\d{4}(?![\d-])/g,
    check: (bare) => !same.test(bare) && bare !== '123456789' && bare !== '078051120',
    context: /\bss(?:n|#)|social.?security|\bsoc\.? ?sec/i,
  },
  {
    kind: 'uk-nino',
    // HMRC, NIM39110.
    pattern: /(?<!\w)(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)/g,
    check: () => true,
    context: /\bnino?\b|national insurance|\bni (?:no|num)/i,
  },
  {
    kind: 'fr-nir',
    pattern: /(?<!\d)[12478] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-4]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\d)/g,
    // 97 less the remainder; Corsica's letters count as 19 and 18.
    check: (bare) => {
      const number = bare.slice(0, 13).replace('2A', '19').replace('2B', '18');
      return 97 - mod97(number) === Number(bare.slice(13));
    },
    context: null,
  },
  {
    kind: 'es-dni',
    pattern: /(?<!\w)(?:\d{8}|[XYZ]-?\d{7})[- ]?[A-HJ-NP-TV-Z](?!\w)/g,
    check: (bare) => {
      const number = bare.slice(0, -1).replace('X', '0').replace('Y', '1').replace('Z', '2');
      return dniLetters[Number(number) % 23] === bare.at(-1);
    },
    context: /\bdni\b|\bnie\b|\bnif\b|identidad|documento/i,
  },
  {
    kind: 'it-codice-fiscale',
    pattern: /(?<!\w)[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!\w)/g,
    check: isCodiceFiscale,
    context: null,
  },
  {
    kind: 'de-steuer-id',
    pattern: /(?<!\d)[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?!\d)/g,
    // One digit of the first ten stands two or three times, and another is missing (BZSt).
    check: (bare) => mod1110(bare) && [8, 9].includes(new Set(bare.slice(0, 10)).size),
    context: /steuer|\btin\b|tax.?id|idnr/i,
  },
  {
    kind: 'nl-bsn',
    pattern: /(?<!\d)\d{9}(?!\d)/g,
    check: (bare) => !same.test(bare) && weighted(bare, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
    context: /\bbsn\b|burgerservice|sofi/i,
  },
  {
    kind: 'pl-pesel',
    pattern: /(?<!\d)\d{11}(?!\d)/g,
    check: (bare) => !same.test(bare) && weighted(bare, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
    context: /\bpesel\b/i,
  },
  {
    kind: 'in-aadhaar',
    pattern: /(?<!\d)[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?!\d)/g,
    check: (bare) => !same.test(bare) && verhoeff(bare),
    context: /aadhaar|aadhar|\buid(?:ai)?\b/i,
  },
  {
    kind: 'br-cpf',
    pattern: /(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)|(?<!\d)\d{11}(?!\d)/g,
    check: (bare) => !same.test(bare) && brazilian(bare, 9, 11),
    context: /\bcpf\b|cadastro|contribuinte/i,
  },
  {
    kind: 'br-cnpj',
    pattern: /(?<!\d)\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2}(?!\d)/g,
    check: (bare) => !same.test(bare) && brazilian(bare, 12, 9),
    context: null,
  },
  {
    kind: 'uk-nhs',
    pattern: /(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)/g,
    check: (bare) => {
      const check = 11 - (weighted(bare, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
      return !same.test(bare) && check !== 10 && check % 11 === Number(bare[9]);
    },
    context: /\bnhs\b|national health/i,
  },
  {
    kind: 'us-mbi',
    // CMS: no S, L, O, I, B, Z.
    pattern:
      /(?<!\w)[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}(?!\w)/g,
    check: () => true,
    context: /\bmbi\b|medicare|beneficiary/i,
  },
  {
    kind: 'medical-record',
    pattern: /(?<!\w)[A-Z]{0,3}-?\d{5,10}(?!\w)/g,
    check: (bare) => !same.test(bare),
    context: /\bmrn\b|medical record|patient (?:id|no|num)|health record/i,
  },
];

/** Two check digits, each the weighted sum of what stands before it, modulo 11 (Receita Federal). */
function brazilian(digits: string, length: number, highest: number): boolean {
  for (const end of [length, length + 1]) {
    let sum = 0;
    for (let at = 0; at < end; at++) {
      const weight = end - at + 1;
      sum += Number(digits[at]) * (highest === 9 ? ((weight - 2) % 8) + 2 : weight);
    }
    if (((sum * 10) % 11) % 10 !== Number(digits[end])) return false;
  }
  return true;
}

const odd = '1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23'.split(' ').map(Number);

/** Decree of 23 December 1976: places count from 1, those at odd places by a table. */
function isCodiceFiscale(code: string): boolean {
  let sum = 0;
  for (let at = 0; at < 15; at++) {
    const value = /\d/.test(code[at]!) ? Number(code[at]) : code.charCodeAt(at) - 65;
    sum += at % 2 === 0 ? (odd[value] ?? 0) : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === code[15];
}

/** Whether the digits are those of a payment card: the ranges that networks use, a length of theirs, and Luhn. */
export function isCard(digits: string): boolean {
  const lengths = /^4/.test(digits)
    ? [13, 16, 19]
    : /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/.test(digits)
      ? [16]
      : /^3[47]/.test(digits)
        ? [15]
        : /^(?:36|38|39|30[0-5])/.test(digits)
          ? [14, 16, 19]
          : /^(?:6011|64[4-9]|65|35(?:2[89]|[3-8])|62|50|5[6-9]|6[0137])/.test(digits)
            ? [16, 17, 18, 19]
            : [];
  return lengths.includes(digits.length) && !same.test(digits) && luhn(digits);
}
