import type { Field, Shape } from './configurationTable.ts';

const path: Shape = { kind: 'string', what: 'a path relative to this file' };

/** An identity is compared as it stands: a star would look like a pattern, and match nothing. */
const exactly = /^[^\s*]+$/;

const certificate: Shape & { kind: 'record' } = {
  kind: 'record',
  fields: {
    roots: {
      shape: path,
      description: 'File of the certificates (PEM) that the chain has to end at.',
      required: true,
      hint: 'write "roots: " and the path of a certificate',
    },
    subject: {
      shape: { kind: 'string', what: 'the whole subject of a certificate, such as CN=release' },
      description: 'The signing certificate\'s whole subject, as "weighbridge verify" shows it.',
    },
    'alternative-name': {
      shape: {
        kind: 'string',
        pattern: /^(?:email|URI|DNS):\S+$/,
        what: 'a name such as email:release@example.com, URI:https://example.com or DNS:example.com',
      },
      description: "One of the signing certificate's alternative names, exactly.",
    },
    'public-key-sha256': {
      shape: { kind: 'string', pattern: /^[0-9a-f]{64}$/, what: '64 hexadecimal digits in lower case' },
      description: "SHA-256 of the signing certificate's public key (SubjectPublicKeyInfo).",
    },
  },
};

const identity: Shape & { kind: 'record' } = {
  kind: 'record',
  fields: {
    identity: {
      shape: {
        kind: 'string',
        pattern: exactly,
        what: 'one whole e-mail address or URI: identities are compared exactly, and a star is no wildcard',
      },
      description: 'E-mail address or URI that the certificate must hold, exactly.',
      required: true,
      hint: 'write "identity: " and an e-mail address or a URI',
    },
    issuer: {
      shape: { kind: 'string', pattern: /^https?:\/\/[^\s*]+$/, what: 'the URL of the OpenID provider' },
      description: 'URL of the OpenID provider that must have vouched for the identity, exactly.',
      required: true,
      hint: 'an identity means nothing without the "issuer" that vouches for it',
    },
  },
};

const entry: Shape & { kind: 'record' } = {
  kind: 'record',
  oneOf: ['identities', 'keys', 'certificates'],
  fields: {
    models: {
      shape: { kind: 'list', items: { kind: 'string', what: 'a glob, as in .gitignore' } },
      description:
        'Globs of the model files or folders that these signers may sign, relative to this file. All models unless told.',
      examples: [['models/production/', '*.gguf']],
    },
    required: {
      shape: { kind: 'boolean' },
      description: 'Whether these models must be signed by one of these signers: then a model that is not is an error.',
      default: false,
    },
    identities: {
      shape: { kind: 'list', items: identity },
      description: 'Who may sign with Sigstore: identities, each with the provider that vouches for it.',
      examples: [
        [
          {
            identity: 'https://github.com/example/models/.github/workflows/train.yaml@refs/heads/main',
            issuer: 'https://token.actions.githubusercontent.com',
          },
        ],
      ],
    },
    keys: {
      shape: { kind: 'list', items: path },
      description: 'Files of public keys (PEM), relative to this file.',
      examples: [['keys/release.pub']],
    },
    certificates: {
      shape: { kind: 'list', items: { kind: 'either', short: path, long: certificate } },
      description:
        'Files of root certificates (PEM), relative to this file, each alone or with what the signing certificate must be. No certificate of the public web is trusted by itself.',
      examples: [['pki/root.pem'], [{ roots: 'pki/root.pem', subject: 'CN=model release' }]],
    },
  },
};

/** The section `signing`: who may sign which models. */
export const signingField: Field = {
  shape: {
    kind: 'record',
    fields: {
      trust: {
        shape: { kind: 'list', items: entry },
        description:
          'Who may sign which models. Of several entries that name a model, the last one counts, and it alone.',
        default: [],
      },
      'trusted-root': {
        shape: path,
        description:
          'Sigstore trusted root (JSON) that identities are checked against, relative to this file. That of the public instance unless told.',
        examples: ['pki/trusted_root.json'],
      },
      'trust-config': {
        shape: path,
        description: 'Sigstore client trust configuration (JSON) of a private instance, relative to this file.',
        examples: ['pki/sigstore.json'],
      },
    },
  },
  description: 'Whom this repository trusts to sign its models.',
  default: {},
};
