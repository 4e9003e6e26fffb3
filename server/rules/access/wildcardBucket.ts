import { documentTrees, type ScalarTree } from '../../datasets/registers/scalarTree.ts';
import type { Located } from '../../datasets/registers/facts.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule, type Report } from '../rule.ts';
import { isConfig } from '../text.ts';
import { accessMappings } from './mappings.ts';

export const wildcardBucket = defineRule({
  subject: 'text',
  meta: {
    id: 'access/wildcard-bucket',
    title: 'Everything may be done with a bucket',
    severity: 'warning',
    description:
      'A policy for a bucket allows all actions: `s3:*` or `*` on S3 in an IAM or bucket policy (JSON, CloudFormation), `roles/storage.admin`, `roles/owner` or `roles/editor` of Google Cloud, `Storage Blob Data Owner` of Azure. It is an error where anybody may (`Principal: "*"`, `allUsers`) write or do everything.',
    why: 'Who may do everything with a bucket may replace training data, delete its versions, and switch off the log that would show it. A training reads, and an ingestion adds objects.',
    howToFix:
      'Name the actions: `s3:GetObject` and `s3:ListBucket` for a training, `s3:PutObject` for ingestion; `roles/storage.objectViewer` or `roles/storage.objectCreator`; `Storage Blob Data Reader`.',
    avoid: [
      {
        file: 'policy.json',
        text: '{\n  "Version": "2012-10-17",\n  "Statement": [\n    { "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::training-data/*" }\n  ]\n}\n',
      },
      {
        file: 'iam.yaml',
        text: 'apiVersion: iam.cnrm.cloud.google.com/v1beta1\nkind: IAMPolicyMember\nmetadata:\n  name: training\nspec:\n  member: serviceAccount:train@acme.iam.gserviceaccount.com\n  role: roles/storage.admin\n  resourceRef:\n    kind: StorageBucket\n    name: training-data\n',
      },
    ],
    prefer: [
      {
        file: 'policy.json',
        text: '{\n  "Version": "2012-10-17",\n  "Statement": [\n    { "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::training-data/*" }\n  ]\n}\n',
      },
    ],
    references: [
      {
        title: 'AWS: actions for Amazon S3',
        url: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html',
      },
      {
        title: 'Google Cloud: roles for Cloud Storage',
        url: 'https://cloud.google.com/storage/docs/access-control/iam-roles',
      },
    ],
    ...accessMappings,
    cwe: [732, 269],
  },
  check(text, report) {
    if (!isConfig(text) || !/s3:|"\*"|'\*'|roles\/|Storage Blob/.test(text.text)) return;
    const open = documentTrees(text.documents);
    for (let node = open.pop(); node; node = open.pop()) {
      open.push(...node.children().reverse());
      if (node.at('Effect').text()?.value === 'Allow') checkStatement(node, report);
      else if (node.at('role').exists || node.at('roleDefinitionName').exists) checkRole(node, report);
    }
  },
});

function checkStatement(statement: ScalarTree, report: (report: Report) => void): void {
  const resources = textsAt(statement.at('Resource')).map(({ value }) => value);
  const onBuckets = resources.some((resource) => /^arn:aws[\w-]*:s3:/.test(resource));
  const all = textsAt(statement.at('Action')).find(
    ({ value }) => /^s3:\*$/i.test(value) || (value === '*' && onBuckets),
  );
  const anybody = isAnybody(statement.at('Principal'));
  const conditioned = statement.at('Condition').exists;
  const writing = textsAt(statement.at('Action')).find(({ value }) => /^s3:(?:Put|Delete)/i.test(value));
  const place = all ?? (anybody && !conditioned ? writing : undefined);
  if (!place) return;
  const open = anybody && !conditioned;
  report({
    message: `${open ? 'Anybody' : 'Who has this policy'} may ${all ? `do everything with ${bucketOf(resources)}` : `write to ${bucketOf(resources)}`} (${quoted(place.value)}). Name the actions that are needed: s3:GetObject to train, s3:PutObject to add data.`,
    ...(open && { severity: 'error' as const }),
    location: placeOf(place.range),
    evidence: { action: place.value, resources: resources.slice(0, 10), anybody: open },
  });
}

const everything =
  /^roles\/(?:storage\.(?:admin|legacyBucketOwner)|owner|editor)$|^Storage Blob Data Owner$|^Storage Account Contributor$/;

function checkRole(binding: ScalarTree, report: (report: Report) => void): void {
  const role = binding.at('role').text() ?? binding.at('roleDefinitionName').text();
  if (!role) return;
  const members = [...textsAt(binding.at('members')), ...textsAt(binding.at('member'))].map(({ value }) => value);
  const open = members.some((member) => /^(?:allUsers|allAuthenticatedUsers)$/.test(member));
  const writes = /^roles\/storage\.(?:object(?:Admin|Creator|User)|legacy\w*Writer)$/.test(role.value);
  if (!everything.test(role.value) && !(open && writes)) return;
  report({
    message: `${quoted(role.value)} lets ${open ? 'anybody' : 'its holder'} ${everything.test(role.value) ? 'do everything with the buckets that it is given for' : 'write to the bucket'}. Give roles/storage.objectViewer to train, roles/storage.objectCreator to add data.`,
    ...(open && { severity: 'error' as const }),
    location: placeOf(role.range),
    evidence: { role: role.value, anybody: open },
  });
}

function textsAt(node: ScalarTree): Located<string>[] {
  return node.items().flatMap((item) => item.text() ?? []);
}

function isAnybody(principal: ScalarTree): boolean {
  return [principal, principal.at('AWS')].some((node) => textsAt(node).some(({ value }) => value === '*'));
}

function bucketOf(resources: readonly string[]): string {
  const bucket = resources
    .map((resource) => /^arn:aws[\w-]*:s3:::([^/]+)/.exec(resource)?.[1])
    .find((name) => name !== undefined);
  return bucket === undefined || bucket === '*' ? 'every bucket' : `the bucket ${bucket}`;
}
