import { isIP } from 'node:net';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import { ibans } from './iban.ts';
import type { PersonalKind, PersonalValue } from './kinds.ts';
import { isCard, numberRules } from './nationalIds.ts';
import { isBase58Address, isBech32Address, isEthereumAddress } from './wallets.ts';

/** Characters before and after a number in which the words that name it are looked for. */
const near = { before: 60, after: 30 };
/** What stands in a redacted copy names a kind, and says nothing of the numbers beside it. */
const redacted = /\[[a-z]{2,}(?:-[a-z]+)*\]/g;
/** Of one text: what holds more is a list, and a list is known by its beginning. */
const mostValues = 200;
const longest = 1 << 20;

const email =
  /(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![\w-])/g;
const card = /(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d-])/g;
const bitcoin =
  /(?<![A-Za-z0-9])(?:[13LMD][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc|ltc)1[02-9ac-hj-np-z]{8,87}|(?:BC|LTC)1[02-9AC-HJ-NP-Z]{8,87})(?![A-Za-z0-9])/g;
const ethereum = /(?<![A-Za-z0-9])0x[0-9A-Fa-f]{40}(?![A-Za-z0-9])/g;
const international = /(?<![\w.+])(?:\+|00)[1-9](?:[ ().\-/]{0,2}\d){6,14}(?!\w)/g;
const national = /(?<![\w.+-])\(?\d(?:[ ().\-/]{0,2}\d){6,13}(?![\w-])/g;
const phoneWords = /\b(?:phone|tel(?:ephone|efon|\.|:)?|mobile|mob\.|cell|call|fax|whatsapp|sms|handy|téléphone)\b/i;
const walletWords = /\b(?:eth(?:ereum)?|wallets?|address(?:es)?|erc-?20|tokens?)\b/i;
const address = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4})(?![\w.:])/gi;
/** Where numbers are written without their country's code, one of these is tried. */
const countries: CountryCode[] = ['US', 'GB', 'DE', 'FR'];

/**
 * Finds values by pattern, checksum and, where many other numbers pass the check, by words near them (the method of Microsoft Presidio).
 * @param field the name of the text's field, which counts as near.
 * @returns in the order of the text; no two overlap.
 */
export function personalValues(whole: string, field = ''): PersonalValue[] {
  const text = whole.length > longest ? whole.slice(0, longest) : whole;
  const digits = /\d\D{0,3}\d\D{0,3}\d/.test(text);
  const at = text.includes('@');
  if (!digits && !at) return [];
  const found = new Found();
  if (at) for (const match of text.matchAll(email)) found.add('email', match.index, match[0].length);
  if (!digits) return found.sorted();
  const name = field.replace(/[_.-]/g, ' ');
  const context = (from: number, to: number): string =>
    `${name} ${text.slice(Math.max(0, from - near.before), from)} ${text.slice(to, to + near.after)}`.replace(
      redacted,
      ' ',
    );
  wallets(text, found, context);
  for (const { from, to } of ibans(text)) found.add('iban', from, to - from);
  for (const match of text.matchAll(card)) {
    if (isCard(match[0].replace(/[ -]/g, ''))) found.add('card', match.index, match[0].length);
  }
  for (const rule of numberRules) {
    for (const match of text.matchAll(rule.pattern)) {
      if (found.full) break;
      const [written] = match;
      const to = match.index + written.length;
      if (rule.context && !rule.context.test(context(match.index, to))) continue;
      if (rule.check(written.replace(/[ .\-/]/g, '').toUpperCase())) found.add(rule.kind, match.index, written.length);
    }
  }
  phones(text, found, context);
  for (const match of text.matchAll(address)) {
    if (isIP(match[0]) !== 0 && isPublic(match[0])) found.add('ip-address', match.index, match[0].length);
  }
  return found.sorted();
}

type Context = (from: number, to: number) => string;

function wallets(text: string, found: Found, context: Context): void {
  for (const match of text.matchAll(bitcoin)) {
    if (isBech32Address(match[0]) || isBase58Address(match[0])) found.add('wallet', match.index, match[0].length);
  }
  for (const match of text.matchAll(ethereum)) {
    const state = isEthereumAddress(match[0]);
    const named = state === 'unchecked' && walletWords.test(context(match.index, match.index + match[0].length));
    if (state === 'checked' || named) found.add('wallet', match.index, match[0].length);
  }
}

function phones(text: string, found: Found, context: Context): void {
  for (const match of text.matchAll(international)) {
    if (found.full) return;
    const written = match[0].replace(/^00/, '+');
    if (parsePhoneNumberFromString(written)?.isValid()) found.add('phone', match.index, match[0].length);
  }
  for (const match of text.matchAll(national)) {
    if (found.full) return;
    if (!phoneWords.test(context(match.index, match.index + match[0].length))) continue;
    if (countries.some((country) => parsePhoneNumberFromString(match[0], country)?.isValid())) {
      found.add('phone', match.index, match[0].length);
    }
  }
}

/** Documentation, loopback and private ranges name nobody. */
function isPublic(written: string): boolean {
  return !/^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|192\.0\.2|198\.51\.100|203\.0\.113|2[2-5]\d)\.|^(?:fe80|fc|fd|2001:0?db8|0:0)/i.test(
    written,
  );
}

/** What was found so far: the first claim to a place counts. */
class Found {
  readonly #values: PersonalValue[] = [];

  get full(): boolean {
    return this.#values.length >= mostValues;
  }

  add(kind: PersonalKind, from: number, length: number): void {
    const to = from + length;
    if (this.full || this.#values.some((value) => from < value.to && value.from < to)) return;
    this.#values.push({ kind, from, to });
  }

  sorted(): PersonalValue[] {
    return this.#values.sort((a, b) => a.from - b.from);
  }
}
