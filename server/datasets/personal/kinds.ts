/** What a text holds of a person, or of what the law protects. */
export type PersonalKind =
  | 'card'
  | 'iban'
  | 'us-ssn'
  | 'uk-nino'
  | 'fr-nir'
  | 'es-dni'
  | 'it-codice-fiscale'
  | 'de-steuer-id'
  | 'nl-bsn'
  | 'pl-pesel'
  | 'in-aadhaar'
  | 'br-cpf'
  | 'br-cnpj'
  | 'phone'
  | 'email'
  | 'wallet'
  | 'uk-nhs'
  | 'us-mbi'
  | 'medical-record'
  | 'ip-address';

/** What people call each, and which law looks at it first. */
export const personalKinds: Record<
  PersonalKind,
  { name: string; regulated: 'identity' | 'payment' | 'health' | 'contact' }
> = {
  card: { name: 'payment card numbers', regulated: 'payment' },
  iban: { name: 'bank account numbers (IBAN)', regulated: 'payment' },
  'us-ssn': { name: 'US social security numbers', regulated: 'identity' },
  'uk-nino': { name: 'UK national insurance numbers', regulated: 'identity' },
  'fr-nir': { name: 'French social security numbers (NIR)', regulated: 'identity' },
  'es-dni': { name: 'Spanish identity numbers (DNI, NIE)', regulated: 'identity' },
  'it-codice-fiscale': { name: 'Italian tax codes', regulated: 'identity' },
  'de-steuer-id': { name: 'German tax identification numbers', regulated: 'identity' },
  'nl-bsn': { name: 'Dutch citizen service numbers (BSN)', regulated: 'identity' },
  'pl-pesel': { name: 'Polish identity numbers (PESEL)', regulated: 'identity' },
  'in-aadhaar': { name: 'Indian Aadhaar numbers', regulated: 'identity' },
  'br-cpf': { name: 'Brazilian taxpayer numbers (CPF)', regulated: 'identity' },
  'br-cnpj': { name: 'Brazilian company numbers (CNPJ)', regulated: 'identity' },
  phone: { name: 'telephone numbers', regulated: 'contact' },
  email: { name: 'e-mail addresses', regulated: 'contact' },
  wallet: { name: 'addresses of crypto wallets', regulated: 'payment' },
  'uk-nhs': { name: 'NHS numbers', regulated: 'health' },
  'us-mbi': { name: 'Medicare beneficiary identifiers', regulated: 'health' },
  'medical-record': { name: 'medical record numbers', regulated: 'health' },
  'ip-address': { name: 'IP addresses', regulated: 'contact' },
};

/** One value in a text. */
export interface PersonalValue {
  kind: PersonalKind;
  /** 0-based, in UTF-16 units of the text; `to` is exclusive. */
  from: number;
  to: number;
}
