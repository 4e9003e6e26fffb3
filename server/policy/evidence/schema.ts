import { controlNames } from '../../posture/facts.ts';

/** A JSON Schema, as far as it is used here. */
export interface Schema {
  [keyword: string]: unknown;
}

const text = (description: string): Schema => ({ type: 'string', description });
const maybeText = (description: string): Schema => ({ type: ['string', 'null'], description });
const truth = (description: string): Schema => ({ type: 'boolean', description });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });

function object(description: string, properties: Record<string, Schema>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', description, properties, required, additionalProperties: false };
}

const matches: Schema = {
  type: ['boolean', 'null'],
  description: 'Whether the evidence is about this model; null when it does not say which one it is about.',
};
const recorded = (description: string, fields: Record<string, Schema>): Schema =>
  object(description, { file: text('Where it stands.'), digest_matches: matches, ...fields });
/** Recorded evidence holds what another program wrote: a policy checks what it is. */
const anything = (description: string): Schema => ({ description });

const signature = object('The signature over the model.', {
  present: truth('There is one.'),
  holds: truth('The cryptography holds, for someone who is trusted; the files may still differ.'),
  signer: maybeText('Identity, key or certificate subject of who signed.'),
  issuer: maybeText('Who vouches for the signer.'),
  method: {
    type: ['string', 'null'],
    enum: ['key', 'certificate', 'sigstore', null],
    description: 'How it was signed.',
  },
  reason: maybeText('Why the model is not verified; null when it is.'),
});

const aibom = object('The bill of materials (CycloneDX) beside the model.', {
  present: truth('There is one.'),
  valid: truth('It is valid CycloneDX.'),
  up_to_date: truth('It describes every file with the hash that it has.'),
  path: maybeText('Relative to the model.'),
  spec_version: maybeText('Of CycloneDX.'),
});

const model = object('The model that is judged.', {
  path: text('From the working directory.'),
  digest: maybeText('sha256:<hex> over all files, as signatures know the model.'),
  format: text(
    'The format of all weights: safetensors, onnx, gguf, torch-zip, ...; mixed where they differ, none where there are none.',
  ),
  formats: list(
    'Each file of weights.',
    object('A file.', {
      path: text('From the working directory.'),
      format: text('Its format, by content.'),
      size: { type: 'integer', description: 'Bytes.' },
      complete: truth('False when something in it could not be read.'),
    }),
  ),
  signature_verified: truth('The model is what somebody signed whom weighbridge.yaml trusts.'),
  signature,
  aibom_generated: truth('There is a valid bill of materials, and it is that of this model.'),
  aibom,
});

const dataset = object(
  'A dataset that the model was made with.',
  {
    name: text('Its name.'),
    registered: truth('It is recorded with a checksum.'),
    verified: { type: ['boolean', 'null'], description: 'Whether it is what was recorded; null when nobody looked.' },
    source: maybeText('Where it came from.'),
    path: maybeText('Where it is in this repository, from the working directory; null for one that is elsewhere.'),
    record: maybeText('The register that knows it.'),
    scanned: {
      type: ['boolean', 'null'],
      description: 'Whether a recorded scan looked at the file as long as it is now; null when nobody recorded one.',
    },
    scan_errors: { type: ['integer', 'null'], description: 'Findings of that scan that are errors.' },
    classified: {
      type: ['boolean', 'null'],
      description: 'Whether its record classifies it; null when it has no record of ours.',
    },
    classification: maybeText('public, internal, confidential or regulated.'),
  },
  ['path', 'record', 'scanned', 'scan_errors', 'classified', 'classification'],
);

const endpoint = object('A way into the model that a configuration opens.', {
  path: text('The file, from the working directory.'),
  line: { type: 'integer', description: 'Where it opens it.' },
  product: text('Envoy, nginx, Kong, vLLM, ...'),
  name: text('As the file calls it.'),
  reach: { enum: ['loopback', 'network', 'unknown'], description: 'Who reaches it.' },
  complete: truth('The file is all that decides: where it is not, not-visible says nothing.'),
  controls: {
    type: 'object',
    description: `What protects it, by name: ${controlNames.join(', ')}.`,
    additionalProperties: { enum: ['enforced', 'not-enforced', 'delegated', 'not-visible'] },
  },
});

const approval = object('A recorded approval.', {
  file: text('Where it is recorded.'),
  gate: text('The gate that it is for.'),
  approver: text('Who approved.'),
  roles: list("The approver's roles, by the file of roles.", { type: 'string' }),
  reason: text('Why.'),
  valid: truth('It is about this model, has not expired, and its signature, if there is one, holds.'),
  problem: maybeText('Why it is not valid.'),
  attestation: { enum: ['signed', 'recorded'], description: 'Signed, or only a file of the repository.' },
});

const audit = object('An audit that a hotfix owes.', {
  id: text('The entry of the audit log that owes it.'),
  model: text('The model of the hotfix.'),
  digest: maybeText('Its digest.'),
  due: text('RFC 3339.'),
  overdue: truth('It should have been recorded by now.'),
});

const job = object('The training job that somebody wants to submit (`weighbridge authorize`).', {
  name: maybeText('Its name.'),
  environment: maybeText('Where it goes: dev, staging, production; null when the submission does not say.'),
  uses_production_data: truth('A dataset of it is production data.'),
  changes_training_config: truth('It changes the training configuration.'),
  fine_tunes_production_model: truth('It starts from a model that is in production.'),
  datasets: list(
    'What it trains on.',
    object('A dataset of the job.', {
      name: text('Its name.'),
      registered: { type: ['boolean', 'null'], description: 'Whether it is registered; null when nobody says.' },
      environment: maybeText('Where the data belongs: dev, staging, production.'),
      classification: maybeText('public, personal, health, financial.'),
      consent: maybeText('The record of the ground on which regulated data may be used.'),
    }),
  ),
  base_model: {
    ...object('What it starts from.', {
      name: maybeText('Its name.'),
      environment: maybeText('Where that model is used: dev, staging, production.'),
    }),
    type: ['object', 'null'],
  },
  raw: anything('The submission as it was written.'),
});

/** What every document has, and what one has that is about a model. */
const always = ['schema_version', 'tool', 'now'];
const ofModel = ['gate', 'model', 'findings', 'change', 'approvals', 'audits'];

/** The published schema of the document that policies judge: evidence.schema.json is made from it. */
export function evidenceSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://weighbridge.dev/schemas/evidence-1.json',
    title: 'Evidence of one model, as Weighbridge gives it to policies (`input`)',
    ...documentOf(
      'About a model that is promoted, or about a training job that is submitted. What is not known is absent, so that `not input.backdoor` is true.',
      {
        schema_version: { const: 1, description: 'Version of this document.' },
        tool: object('What made it.', { name: text('weighbridge'), version: text('Its version.') }),
        gate: text('The gate that asks.'),
        now: text('The time of the decision, RFC 3339 in UTC: the only clock that a policy has.'),
        subject: object('Who asks.', { id: text('Name.'), roles: list('By the file of roles.', { type: 'string' }) }),
        model,
        findings: list(
          'What the scan of the model found.',
          object('A finding.', {
            rule_id: text('Such as pickle/dangerous-import.'),
            severity: { enum: ['error', 'warning', 'info'], description: 'As configured.' },
            message: text('What happens, then what to do.'),
            path: text('The file, from the working directory.'),
          }),
        ),
        datasets: list(
          'What the bill of materials names, with what was recorded of it, and what else was recorded.',
          dataset,
        ),
        endpoints: list(
          'Ways into the model: what configurations beside it open, and what recorded scans (`weighbridge scan --format json`) saw.',
          endpoint,
        ),
        functional: recorded('Functional tests.', { passed: anything('True when all passed.') }),
        backdoor: recorded('`weighbridge backdoor`.', { verdict: anything('clean, backdoor or inconclusive.') }),
        robustness: recorded('`weighbridge robustness`.', {
          clean_accuracy: anything('Without an attack.'),
          worst_accuracy: anything('Under the attack that does the most harm.'),
        }),
        regression: recorded('`weighbridge regress`.', {
          agreement: anything('Share of samples on which the model and the one in production agree.'),
          mcnemar_p: anything("McNemar's p-value."),
        }),
        redteam: recorded('`weighbridge redteam`.', { decision: anything('What the suite decided.') }),
        dependencies: object('Known vulnerabilities of dependencies.', {
          file: text('Where it stands.'),
          vulnerable: anything('A list of {name, version, id, severity}.'),
        }),
        change: object('What is changed.', {
          risk: { enum: ['high', 'normal'], description: 'High: a person must approve.' },
          reasons: list('Why.', { type: 'string' }),
        }),
        approvals: list('Recorded approvals.', approval),
        audits: list('Audits that hotfixes owe.', audit),
        job,
      },
    ),
  };
}

function documentOf(description: string, properties: Record<string, Schema>): Schema {
  return {
    ...object(description, properties),
    required: always,
    anyOf: [{ required: ofModel }, { required: ['subject', 'job'] }],
  };
}
