import { treeOf } from '../../datasets/registers/scalarTree.ts';
import { placeOf } from '../load/place.ts';
import { defineRule, type Report } from '../rule.ts';
import { isConfig, type ConfigSubject } from '../text.ts';
import { trainingContainers } from './jobs.ts';
import { accessMappings } from './mappings.ts';

export const longLivedKey = defineRule({
  subject: 'text',
  meta: {
    id: 'access/long-lived-key',
    title: 'A job is given a key that does not end, where an identity of its own would do',
    severity: 'warning',
    description:
      'A training job is given a secret key of a cloud (`AWS_SECRET_ACCESS_KEY`, `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_KEY` and the like) as a variable, from a secret or as it stands; or a workflow of GitHub Actions signs in to a cloud with a stored key, where it could ask for a token. Which key it is is never shown.',
    why: 'A key of a person or an account works from everywhere, for years, for all that the account may do, and ends up in logs and images. A token of the job works for an hour, for this job.',
    howToFix:
      'Bind the service account of the job to a role: IRSA or Pod Identity on EKS, Workload Identity on GKE and AKS. In GitHub Actions, use OpenID Connect: `role-to-assume`, `workload_identity_provider` or `client-id`, with `permissions: id-token: write`.',
    avoid: [
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: train\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: acme/train\n          env:\n            - name: AWS_SECRET_ACCESS_KEY\n              valueFrom: { secretKeyRef: { name: aws, key: secret } }\n',
      },
      {
        file: '.github/workflows/train.yaml',
        text: 'on: push\njobs:\n  train:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: aws-actions/configure-aws-credentials@v4\n        with:\n          aws-access-key-id: ${{ secrets.KEY_ID }}\n          aws-secret-access-key: ${{ secrets.KEY }}\n      - run: python train.py\n',
      },
    ],
    prefer: [
      {
        file: '.github/workflows/train.yaml',
        text: 'on: push\npermissions:\n  id-token: write\njobs:\n  train:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: aws-actions/configure-aws-credentials@v4\n        with:\n          role-to-assume: arn:aws:iam::123456789012:role/train-reviews\n      - run: python train.py\n',
      },
    ],
    references: [
      {
        title: 'GitHub: security hardening with OpenID Connect',
        url: 'https://docs.github.com/en/actions/security-for-github-actions/security-hardening-your-deployments/about-security-hardening-with-openid-connect',
      },
      {
        title: 'AWS: IAM roles for service accounts',
        url: 'https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html',
      },
    ],
    ...accessMappings,
    cwe: [522, 798],
  },
  check(text, report) {
    if (!isConfig(text)) return;
    for (const { name, variables } of trainingContainers(text)) {
      for (const { name: variable, range, literal } of variables) {
        const cloud = cloudOf(variable);
        if (!cloud) continue;
        report({
          message: `The training job ${name} is given a key of ${cloud} that does not end (${variable}${literal ? ', written here' : ''}). Give its service account a role instead.`,
          location: placeOf(range),
          evidence: { job: name, variable, literal },
        });
      }
    }
    if (/(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(text.path)) checkWorkflow(text, report);
  },
});

function cloudOf(variable: string): string | null {
  if (/^AWS_SECRET_ACCESS_KEY$/.test(variable)) return 'AWS';
  if (/^(?:GOOGLE_APPLICATION_CREDENTIALS|GCP_SA_KEY|GOOGLE_CREDENTIALS)$/.test(variable)) return 'Google Cloud';
  if (/^AZURE_(?:STORAGE_(?:KEY|ACCOUNT_KEY|CONNECTION_STRING|SAS_TOKEN)|CLIENT_SECRET)$/.test(variable))
    return 'Azure';
  return null;
}

/** Inputs of the actions that sign in to a cloud, by which they take a stored key. */
const stored: [action: RegExp, input: string, instead: string][] = [
  [/^aws-actions\/configure-aws-credentials@/, 'aws-secret-access-key', 'role-to-assume'],
  [/^google-github-actions\/auth@/, 'credentials_json', 'workload_identity_provider'],
  [/^azure\/login@/i, 'creds', 'client-id, tenant-id and subscription-id'],
];

function checkWorkflow(text: ConfigSubject, report: (report: Report) => void): void {
  for (const job of treeOf(text.scalars).at('jobs').children()) {
    for (const step of job.at('steps').items()) {
      const uses = step.at('uses').text()?.value ?? '';
      for (const [action, input, instead] of stored) {
        const given = step.at('with', input);
        if (!action.test(uses) || !given.scalar) continue;
        report({
          message: `The workflow signs in to a cloud with a stored key (\`${input}\`). Ask for a token of this run instead: \`${instead}\`, with \`id-token: write\`.`,
          location: placeOf(given.scalar.range),
          evidence: { action: uses.slice(0, 200), input },
        });
      }
    }
  }
}
