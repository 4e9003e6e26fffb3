/** A JSON Schema, as far as it is used here. */
interface Schema {
  [keyword: string]: unknown;
}

const text = (description: string): Schema => ({ type: 'string', minLength: 1, maxLength: 4096, description });
const maybeText = (description: string): Schema => ({ type: ['string', 'null'], maxLength: 4096, description });
const time = (description: string): Schema => ({ type: 'string', format: 'date-time', description });

/** An object, or null for what is not known yet. */
function part(description: string, properties: Record<string, Schema>, required: string[]): Schema {
  return { type: ['object', 'null'], description, properties, required, additionalProperties: false };
}

const step: Schema = {
  type: 'object',
  description: 'One step.',
  properties: {
    step: text('What it does.'),
    code: text('The code that did it: a file, a commit, an image; best pinned.'),
    parameters: { type: 'object', description: 'What it was given.' },
    at: time('When, RFC 3339.'),
  },
  required: ['step'],
  additionalProperties: false,
};

const dataset: Schema = {
  type: 'object',
  description: 'One dataset: a file, or a folder with all that is in it.',
  properties: {
    path: text('From the folder of this file, with "/"; "." for that folder itself.'),
    name: text('What people call it.'),
    version: maybeText('Of the dataset.'),
    description: maybeText('For a reader.'),
    source: part(
      'Where it came from. Null: not known yet.',
      {
        uri: text('An address that will not show other data later: with a commit, a version or a digest in it.'),
        version: maybeText('A commit, tag or version of the source.'),
        licence: maybeText('An SPDX expression, or a short text.'),
        register: maybeText('The register that this was taken from: a DVC file, a Croissant file, a card.'),
      },
      ['uri'],
    ),
    ingestedBy: part(
      'Who took it in, and when. Null: not known yet.',
      { agent: text('A person or a job.'), at: time('When, RFC 3339.') },
      ['agent', 'at'],
    ),
    validatedAt: part(
      'When somebody last looked whether it is good, and what they found. Null: nobody has.',
      {
        at: time('When, RFC 3339.'),
        check: text('What was done: a command, a report, a review.'),
        result: { enum: ['passed', 'failed'], description: 'What came of it.' },
        until: { ...time('After this it counts as not validated, RFC 3339.'), type: ['string', 'null'] },
      },
      ['at', 'check', 'result'],
    ),
    transforms: {
      description:
        'What was done to it since it left its source, in order; "none" where nothing was. Null: not known yet.',
      oneOf: [{ const: 'none' }, { type: 'null' }, { type: 'array', items: step, minItems: 1 }],
    },
    hash: {
      type: 'object',
      description: 'What it is, byte for byte.',
      properties: {
        algorithm: {
          enum: ['sha256', 'sha256-tree'],
          description:
            'sha256: of one file. sha256-tree: SHA-256 of what sha256sum prints for all files of the folder, sorted by the bytes of their paths, this file and its signature left out.',
        },
        digest: { type: 'string', pattern: '^[0-9a-f]{64}$', description: 'Hexadecimal.' },
        size: { type: 'integer', minimum: 0, description: 'Bytes, of all files together.' },
        files: { type: 'integer', minimum: 0, description: 'How many files a folder holds.' },
      },
      required: ['algorithm', 'digest'],
      additionalProperties: false,
    },
    classification: part(
      'What the data is in the eyes of the law. Null: not classified.',
      {
        level: { enum: ['public', 'internal', 'confidential', 'regulated'], description: 'Who may see it.' },
        personalData: {
          enum: ['none', 'pseudonymous', 'personal', 'special-category'],
          description: 'Articles 4 and 9 of Regulation (EU) 2016/679.',
        },
        legalBasis: maybeText('Article 6 of Regulation (EU) 2016/679: consent, contract, legitimate interests, ...'),
        consent: maybeText('Where consent is documented.'),
      },
      ['level'],
    ),
  },
  required: ['path', 'hash'],
  additionalProperties: false,
};

/** The form of `provenance.json`, as it is published: provenance.schema.json. */
export function provenanceSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://weighbridge.dev/schemas/provenance-1.json',
    title: 'Provenance of datasets',
    description:
      'What stands beside data and says where it came from, who took it in, when it was validated, what was done to it, and what it is.',
    type: 'object',
    properties: {
      $schema: { type: 'string', description: 'The address of this schema.' },
      schemaVersion: { const: 1, description: 'Version of this format.' },
      datasets: {
        type: 'array',
        description: 'A record for each dataset that this file speaks of.',
        items: dataset,
        minItems: 1,
      },
    },
    required: ['schemaVersion', 'datasets'],
    additionalProperties: false,
  };
}
