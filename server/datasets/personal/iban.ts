import { mod97 } from './checksums.ts';

/** How long the number of each country is (SWIFT, IBAN registry, release 99). */
const lengths: Record<string, number> = Object.fromEntries(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
    .split(' ')
    .map((each) => [each.slice(0, 2), Number(each.slice(2))]),
);

/** Where an IBAN begins; how far it goes, its country says. */
const start = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?= ?[A-Z0-9])/g;

/** International bank account numbers (ISO 13616), written together or in groups of four. */
export function ibans(text: string): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const { index } of text.matchAll(start)) {
    const length = lengths[text.slice(index, index + 2)];
    if (length === undefined) continue;
    let to = index;
    let bare = '';
    for (; to < text.length && bare.length < length; to++) {
      const character = text[to]!;
      if (/[A-Z0-9]/.test(character)) bare += character;
      else if (character !== ' ' || bare.length % 4 !== 0) break;
    }
    if (bare.length < length || /[A-Za-z0-9]/.test(text[to] ?? '')) continue;
    if (mod97(bare.slice(4) + bare.slice(0, 4)) === 1) found.push({ from: index, to });
  }
  return found;
}
