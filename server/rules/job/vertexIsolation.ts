import { dealias, nodeAt } from '../../formats/text/configTree.ts';
import type { ConfigNode } from '../../formats/text/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { headOf } from './containers.ts';

export const vertexIsolation = defineRule({
  subject: 'text',
  meta: {
    id: 'job/vertex-isolation',
    title: 'A Vertex AI job is less isolated than it could be',
    severity: 'info',
    description:
      'A custom job, a tuning job or a training pipeline of Vertex AI leaves out a service account of its own (`serviceAccount`), a network (`network`, `pscInterfaceConfig`), or, where the whole job is written and not its specification alone, a key of its own (`encryptionSpec.kmsKeyName`). One information a file: nearly no file says all of it, and the command that starts the job may (`--service-account`, `--network`, `--kms-key`).',
    why: 'Without an account of its own the job has that of Vertex AI, which reads the buckets and tables of the whole project: a dependency or a model that runs code there does so, too. Without a key of its own, who may read the bucket reads the weights.',
    howToFix:
      'Give each job an account that reads its data and writes its model, and nothing else; a network without a way out; and a key of Cloud KMS.',
    avoid: [
      {
        file: 'job.yaml',
        text: 'workerPoolSpecs:\n  - machineSpec: {machineType: g2-standard-8}\n    containerSpec: {imageUri: europe-docker.pkg.dev/p/r/train:1.4}\n',
      },
      {
        file: 'whole.yaml',
        text: 'displayName: train\njobSpec:\n  serviceAccount: train@p.iam.gserviceaccount.com\n  network: projects/1/global/networks/ml\n  workerPoolSpecs:\n    - containerSpec: {imageUri: europe-docker.pkg.dev/p/r/train:1.4}\n',
        note: 'The whole job: its key would stand here.',
      },
    ],
    prefer: [
      {
        file: 'job.yaml',
        text: 'serviceAccount: train@p.iam.gserviceaccount.com\nnetwork: projects/1/global/networks/ml\nworkerPoolSpecs:\n  - machineSpec: {machineType: g2-standard-8}\n    containerSpec: {imageUri: europe-docker.pkg.dev/p/r/train:1.4}\n',
      },
      {
        file: 'job.json',
        text: '{"displayName": "train", "encryptionSpec": {"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}, "jobSpec": {"serviceAccount": "train@p.iam.gserviceaccount.com", "network": "projects/1/global/networks/ml", "workerPoolSpecs": [{"containerSpec": {"imageUri": "europe-docker.pkg.dev/p/r/train:1.4"}}]}}\n',
      },
    ],
    references: [
      {
        title: 'Vertex AI documentation: use a custom service account',
        url: 'https://cloud.google.com/vertex-ai/docs/general/custom-service-account',
      },
      {
        title: 'Vertex AI documentation: customer-managed encryption keys',
        url: 'https://cloud.google.com/vertex-ai/docs/general/cmek',
      },
    ],
    cwe: [250, 311, 668],
    atlas: ['AML.T0012', 'AML.T0025'],
    owasp: ['LLM06:2025', 'ML05:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const document of documentsOf(text, 'vertex')) {
      const missing = missingIn(document);
      const root = dealias(document);
      if (missing.length === 0 || root?.kind !== 'mapping') continue;
      report({
        message: `Leaves out ${missing.join(', ')}: the job has more of the project than it needs. Set ${missing.length === 1 ? 'it' : 'them'}, unless the command that starts it does.`,
        location: placeOf(headOf(root)),
        evidence: { missing },
      });
      return;
    }
  },
});

function missingIn(document: ConfigNode): string[] {
  const whole = ['jobSpec', 'trialJobSpec', 'trainingTaskInputs'].find((key) => nodeAt(document, key));
  const spec = (whole === undefined ? undefined : nodeAt(document, whole)) ?? document;
  const missing: string[] = [];
  if (!nodeAt(spec, 'serviceAccount')) missing.push('serviceAccount');
  if (!nodeAt(spec, 'network') && !nodeAt(spec, 'pscInterfaceConfig')) missing.push('network');
  if (whole !== undefined && !nodeAt(document, 'encryptionSpec', 'kmsKeyName'))
    missing.push('encryptionSpec.kmsKeyName');
  return missing;
}
