import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { keccak256 } from './keccak.ts';
import { masked } from './mask.ts';
import { personalValues } from './recognise.ts';

const kinds = (text: string, field?: string) => personalValues(text, field).map(({ kind }) => kind);

/** Published examples: of networks, of registries and of standards. */
const known: [kind: string, text: string, field?: string][] = [
  ['card', 'paid with 4111 1111 1111 1111 today'],
  ['card', 'card: 5555555555554444.'],
  ['card', 'amex 3782-822463-10005'],
  ['card', '6011111111111117 and more'],
  ['card', 'JCB 3530111333300000'],
  ['iban', 'to DE89 3704 0044 0532 0130 00 please'],
  ['iban', 'GB82WEST12345698765432'],
  ['iban', 'FR14 2004 1010 0505 0001 3M02 606 bank'],
  ['iban', 'NO9386011117947, thanks'],
  ['us-ssn', 'my SSN is 536-90-4399'],
  ['us-ssn', '536904399', 'social_security'],
  ['uk-nino', 'National Insurance: AB 12 34 56 C'],
  ['fr-nir', 'NIR 2 69 05 49 588 157 80'],
  ['es-dni', 'DNI 12345678Z'],
  ['es-dni', 'documento X1234567L'],
  ['it-codice-fiscale', 'CF MRTMTT91D08F205J'],
  ['de-steuer-id', 'Steuer-ID: 86 095 742 719'],
  ['nl-bsn', 'BSN 123456782'],
  ['pl-pesel', 'PESEL 44051401359'],
  ['in-aadhaar', 'aadhaar 2341 2341 2346'],
  ['br-cpf', 'CPF 529.982.247-25'],
  ['br-cnpj', 'empresa 11.222.333/0001-81'],
  ['phone', 'ring +44 20 7946 0958 now'],
  ['phone', 'call (650) 253-0000'],
  ['phone', '030 901820', 'telephone'],
  ['email', 'write to jane.doe+x@mail.example-shop.co.uk.'],
  ['wallet', 'send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
  ['wallet', 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq'],
  ['wallet', 'bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr'],
  ['wallet', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
  ['wallet', 'eth 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'],
  ['uk-nhs', 'NHS number 943 476 5919'],
  ['us-mbi', 'Medicare 1EG4-TE5-MK73'],
  ['medical-record', 'MRN: 00483920'],
  ['ip-address', 'from 8.8.4.4 at noon'],
];

describe('personal data', () => {
  for (const [kind, text, field] of known) {
    test(`${kind}: ${text}`, () => {
      assert.deepEqual(kinds(text, field), [kind]);
      const shown = masked(text, field);
      const [value] = personalValues(text, field);
      assert.ok(value && !shown.includes(text.slice(value.from, value.to)), shown);
    });
  }

  for (const [what, text, field] of [
    ['a card with a wrong digit', 'card 4111 1111 1111 1112'],
    ['a card inside a longer number', '94111111111111111000000'],
    ['a run of one digit', '0000000000000000'],
    ['an IBAN with a wrong digit', 'DE88 3704 0044 0532 0130 00'],
    ['an IBAN that is too short', 'DE89 3704 0044'],
    ['a number that could be an SSN, and a ticket', 'ticket 536-90-4399'],
    ['an SSN of an area that is not given out', 'SSN 666-12-3456'],
    ['a DNI with the wrong letter', 'DNI 12345678A'],
    ['a Steuer-ID with a wrong digit', 'Steuer-ID 86095742718'],
    ['a CPF with a wrong digit', 'CPF 529.982.247-26'],
    ['an Aadhaar number with two digits swapped', 'aadhaar 2341 2341 2364'],
    ['an NHS number with a wrong digit', 'NHS number 943 476 5918'],
    ['an address of Bitcoin with a wrong letter', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb'],
    ['an address of Ethereum with a wrong case', '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
    ['a Git commit', 'fixed in 5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'],
    ['a price and a date', 'cost $1,234.56 on 2026-11-30 at 17:25'],
    ['a version', 'Python 3.11.2, NumPy 2.4.6'],
    ['a private address', 'http://192.168.1.10:8080 and 127.0.0.1'],
    ['a handle', '@someone said hi'],
    ['a number of ten digits in prose', 'the star has 1234567890 atoms'],
  ] as [string, string, string?][]) {
    test(`${what} is left alone`, () => assert.deepEqual(kinds(text, field), []));
  }

  test('several values in one text keep their places, and none is left in the masked text', () => {
    const text = 'Ann <ann@example.org> paid 4111111111111111, IBAN DE89370400440532013000.';
    assert.deepEqual(kinds(text), ['email', 'card', 'iban']);
    const shown = masked(text);
    assert.doesNotMatch(shown, /ann@|4111|3704/);
    assert.match(shown, /^Ann <\*\*\*@\*\*\*\.org> paid \*{14}11, IBAN /);
  });

  test('texts made to keep the patterns busy end', () => {
    for (const piece of ['1 2-', '1.1.', 'a@a.', '+1 (', '0x0', 'AB12 ', '1A1', '536-90-'])
      personalValues(piece.repeat(50_000), 'ssn');
  });
});

test('Keccak-256 is the one of the submission, not SHA-3', () => {
  // Of nothing, and of `abc`: the vectors that every implementation for Ethereum is tested with.
  assert.equal(keccak256(new Uint8Array()), 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
  assert.equal(keccak256(Buffer.from('abc')), '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45');
  assert.notEqual(keccak256(Buffer.from('abc')), createHash('sha3-256').update('abc').digest('hex'));
});
